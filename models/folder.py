"""Where a model comes from: bundled with Dateline, a folder, or a name on the Hugging Face hub.

Only ONNX and safetensors files are ever loaded; a folder that holds nothing but a pickle is refused, and code that
comes with a model is never run.
"""

import hashlib
import json
import pathlib
from dataclasses import dataclass, replace
from typing import Any

from schemas.errors import ModelError

WEIGHTS = pathlib.Path(__file__).parent / "weights"
BUNDLED = {"ner": "ner-e5-small", "stance": "stance-mpnet-6"}
ONNX_NAMES = ("model.onnx", "model_quantized.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx")
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
HUB_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "dateline.json", "*.onnx", "*.safetensors")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A checked model folder: its path, the name that goes into records, and its two configuration files."""

    path: pathlib.Path
    name: str
    config: dict[str, Any]
    dateline: dict[str, Any]  # dateline.json: temperature, threshold, label map, …; {} in a folder that is not ours

    @property
    def onnx(self) -> pathlib.Path | None:
        """The ONNX file, or None when the folder has safetensors only."""
        return next((self.path / name for name in ONNX_NAMES if (self.path / name).is_file()), None)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the output, in the order of the logits."""
        id2label = self.config.get("id2label") or {}
        return tuple(str(id2label[key]) for key in sorted(id2label, key=int))

    @property
    def languages(self) -> frozenset[str]:
        """The languages (ISO 639) that dateline.json names; none where the model reads all."""
        return frozenset(language.lower().split("-")[0] for language in self.dateline.get("languages") or ())

    def reads(self, language: str) -> bool:
        """Whether the model was made for a language (BCP 47); true where no language is named, and for `und`."""
        return not self.languages or language == "und" or language.split("-")[0] in self.languages


def find_model_folder(name: str | None, task: str) -> ModelFolder:
    """The folder of a model for `task` (ner, stance); raises ModelError when it cannot be had."""
    bundled = name is None or name in ("bundled", BUNDLED[task])
    if bundled:
        path = WEIGHTS / BUNDLED[task]
    elif pathlib.Path(str(name)).expanduser().is_dir():
        path = pathlib.Path(str(name)).expanduser()
    else:
        path = _from_hub(str(name), task)
    folder = read_folder(path, BUNDLED[task] if bundled else str(name))
    if bundled:
        verify_checksums(path)
    elif path == pathlib.Path(str(name)).expanduser():
        folder = replace(folder, name=f"{folder.name}@{digest_of(folder)}")
    return folder


def digest_of(folder: ModelFolder) -> str:
    """Eight hexadecimal digits of a folder's weights and settings: what tells two folders of one name apart."""
    weights = [folder.onnx] if folder.onnx else sorted(folder.path.glob("*.safetensors"))
    digest = hashlib.blake2b(json.dumps(folder.dateline, sort_keys=True).encode(), digest_size=4)
    for file in weights:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.hexdigest()


def read_folder(path: pathlib.Path, name: str) -> ModelFolder:
    """Check that a folder holds a model that can be run, and read its configuration."""
    for required in ("config.json", "tokenizer.json"):
        if not (path / required).is_file():
            raise ModelError(f"{path} has no {required}; give a Hugging Face model folder with config.json, "
                             "tokenizer.json and model.onnx (or model.safetensors with the torch extra)")
    folder = ModelFolder(path, pathlib.PurePath(name).name if pathlib.Path(name).is_dir() else name,
                         _read_json(path / "config.json"), _read_json(path / "dateline.json"))
    if folder.onnx is None and not any(path.glob("*.safetensors")):
        if any(file for pattern in PICKLES for file in path.glob(pattern)):
            raise ModelError(f"{path} holds its weights as a pickle, which can run code when it is loaded: Dateline "
                             "refuses it; convert the model to safetensors or ONNX first")
        raise ModelError(f"{path} has neither model.onnx nor *.safetensors; export the model to ONNX first")
    told = folder.dateline.get("languages") or []
    if not isinstance(told, list) or not all(isinstance(language, str) for language in told):
        raise ModelError(f"{path}/dateline.json has \"languages\": {told!r}; expected is a list of codes, such as "
                         '["en", "fr"], or nothing where the model reads all')
    if not folder.labels:
        raise ModelError(f"{path}/config.json names no labels (id2label); it was not made for classification")
    return folder


def verify_checksums(path: pathlib.Path) -> None:
    """Compare a bundled model with its `SHA256SUMS`: a damaged install must not make wrong records."""
    for line in (path / "SHA256SUMS").read_text(encoding="ascii").splitlines():
        expected, name = line.split()
        with (path / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise ModelError(f"the bundled model file {path.name}/{name} is damaged (its checksum differs); "
                             "install Dateline again")


def _read_json(file: pathlib.Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{file} is not valid JSON ({error}); download or export the model again") from error
    return dict(value)


def _from_hub(name: str, task: str) -> pathlib.Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise ModelError(f"there is no folder {name!r}; to fetch a model of that name from the Hugging Face hub, "
                         f'install the hub extra: pip install "dateline[hub]"') from error
    try:
        return pathlib.Path(snapshot_download(name, allow_patterns=list(HUB_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(f"the {task} model {name!r} is neither a folder here nor to be had from the Hugging Face hub "
                         f"({str(error).splitlines()[0]}); check the name and the network, or give a folder") from error
