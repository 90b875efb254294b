"""Engines: piece ids in, logits out. ONNX Runtime by default, PyTorch behind the `torch` extra.

The ONNX engine runs every sequence as a batch of one, several at a time on a pool of threads with one intra-op
thread each. So nothing is padded, cores do not fight, and a sequence's logits cannot depend on what else is in the
batch: dynamic int8 takes its activation scale from the whole tensor, which here is the sequence alone, or, in a graph
that takes places and so answers several questions about a sequence, from each piece alone.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from models.decode import no_name
from models.folder import ModelFolder
from models.places import Places
from models.pruning import pruned_logits, read_pruning_file
from schemas.errors import ModelError

Logits = npt.NDArray[np.float32]


class Engine(Protocol):
    """Runs a model: `run` takes piece ids with the special pieces, and gives each sequence's logits in order."""

    takes_places: bool  # whether it answers some questions about each sequence, told by `models.places`

    def run(self, sequences: Sequence[Sequence[int]], places: Sequence[Sequence[Places]] = ()) -> list[Logits]:
        """Shapes: (pieces, labels) each for token classification, (labels,) each for sequence classification, and
        (questions, labels) each where it takes places.
        """


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_engine(folder: ModelFolder, *, engine: str = "auto", threads: int | None = None) -> Engine:
    """The engine for a folder: ONNX where there is an ONNX file, else torch; `engine` (onnx, torch) insists."""
    if engine == "onnx" and folder.onnx is None:
        raise ModelError(f"{folder.path} has no model.onnx; export it, or use the torch engine")
    if engine in ("auto", "onnx") and folder.onnx is not None:
        return OnnxEngine(folder, threads=threads)
    return TorchEngine(folder, threads=threads)


class OnnxEngine:
    """ONNX Runtime: one session, many threads, sequences one by one. Uses a GPU when the installed runtime has one."""

    def __init__(self, folder: ModelFolder, *, threads: int | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # lengths vary from call to call: the memory pattern cache and the arena only grow
        options.enable_mem_pattern = False
        options.enable_cpu_mem_arena = False
        wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
        providers = [name for name in wanted if name in onnxruntime.get_available_providers()]
        try:
            self._session = onnxruntime.InferenceSession(str(folder.onnx), options, providers=providers)
        except Exception as error:  # the runtime's own exception types are not public
            raise ModelError(f"ONNX Runtime cannot load {folder.onnx}: {str(error).splitlines()[0]}") from error
        self._inputs = {node.name for node in self._session.get_inputs()}
        self.takes_places = "places" in self._inputs
        self._threads = threads or available_cores()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="dateline-onnx")

    def run(self, sequences: Sequence[Sequence[int]], places: Sequence[Sequence[Places]] = ()) -> list[Logits]:
        """Logits of each sequence; see Engine."""
        feeds = [self._feed(ids, asked) for ids, asked in zip_longest(sequences, places, fillvalue=())]
        if self._threads == 1 or len(feeds) < 2:
            return [self._run_one(feed) for feed in feeds]
        # longest first, so that no thread is left with a long one at the end
        order = sorted(range(len(feeds)), key=lambda i: -len(sequences[i]))
        results: list[Any] = [None] * len(feeds)
        for i, logits in zip(order, self._pool.map(self._run_one, [feeds[i] for i in order]), strict=True):
            results[i] = logits
        return results

    def _feed(self, ids: Sequence[int], asked: Sequence[Places]) -> dict[str, npt.NDArray[np.int64]]:
        row = np.asarray([ids], np.int64)
        feed = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row),
                "places": np.asarray(asked, np.int64)}
        return {name: feed[name] for name in self._inputs}

    def _run_one(self, feed: dict[str, npt.NDArray[np.int64]]) -> Logits:
        (logits,) = self._session.run(None, feed)
        return np.asarray(logits if self.takes_places else logits[0], np.float32)


class TorchEngine:
    """PyTorch and transformers, for folders with safetensors and for GPUs; sequences of like length in batches."""

    BATCH_PIECES = 8192
    takes_places = False

    def __init__(self, folder: ModelFolder, *, threads: int | None = None) -> None:
        try:
            import torch
            import transformers
            from safetensors import SafetensorError
        except ImportError as error:
            raise ModelError(f"{folder.path} has no model.onnx, and its safetensors need PyTorch: "
                             'pip install "dateline[torch]"') from error
        architecture = str((folder.config.get("architectures") or [""])[0])
        kind = transformers.AutoModelForTokenClassification if architecture.endswith("ForTokenClassification") \
            else transformers.AutoModelForSequenceClassification
        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        if threads:
            torch.set_num_threads(threads)
        try:
            self._model = kind.from_pretrained(folder.path, use_safetensors=True, trust_remote_code=False)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"transformers cannot load {folder.path}: {str(error).splitlines()[0]}") from error
        self._model.to(self._device).eval()
        self._pad = folder.config.get("pad_token_id") or 0
        self._pruning = read_pruning_file(folder.path)
        self._no_name = torch.from_numpy(no_name(folder.labels)).to(self._device)

    def run(self, sequences: Sequence[Sequence[int]], places: Sequence[Sequence[Places]] = ()) -> list[Logits]:
        """Logits of each sequence; see Engine. On the CPU one by one, as the ONNX engine does."""
        order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
        results: list[Any] = [None] * len(sequences)
        limit = self.BATCH_PIECES if self._device == "cuda" else 1
        batch: list[int] = []
        for i in order:
            if batch and (len(batch) + 1) * len(sequences[i]) > limit:
                self._run_batch(batch, sequences, results)
                batch = []
            batch.append(i)
        if batch:
            self._run_batch(batch, sequences, results)
        return results

    def _run_batch(self, batch: list[int], sequences: Sequence[Sequence[int]], results: list[Any]) -> None:
        torch, width = self._torch, max(len(sequences[i]) for i in batch)
        ids = torch.full((len(batch), width), self._pad, dtype=torch.long)
        mask = torch.zeros((len(batch), width), dtype=torch.long)
        for row, i in enumerate(batch):
            ids[row, : len(sequences[i])] = torch.tensor(sequences[i])
            mask[row, : len(sequences[i])] = 1
        with torch.inference_mode():
            logits = self._ask(ids.to(self._device), mask.to(self._device))
        for row, i in enumerate(batch):
            found = logits[row].float().cpu().numpy()
            results[i] = found[: len(sequences[i])] if found.ndim == 2 else found

    def _ask(self, ids: Any, mask: Any) -> Any:
        if not self._pruning:
            return self._model(input_ids=ids, attention_mask=mask).logits
        logits, goes_on = pruned_logits(self._model, ids, mask, self._pruning)
        return self._torch.where(goes_on[..., None], logits, self._no_name)
