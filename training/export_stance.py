"""Export a stance model: the encoder and a head over the two opening markers.

One trained by `training.train_beside` reads a text once, with the markers beside it (`training.onnx_beside`). One of
`training.train_stance` or `training.distil_stance` reads it anew for each question, with the markers in it. Where
`training.train_exits` has left exits in such a folder, the graph has them too: a question that is surely neutral after
a few layers goes through no more of them. A model that was trained with `--pruned-after` is pruned so.
"""

import json
import pathlib
from collections.abc import Sequence

import numpy as np
import tokenizers

from models.stance import MARKERS
from training.export import finish_folder, read_weights, save_graph, write_model
from training.onnx_beside import build_beside
from training.onnx_builder import Floats, GraphBuilder
from training.onnx_graph import AddHead, Exit
from training.onnx_pruning import Pruning, by_ids
from training.stance_data import LABELS


def stance_head(marker_ids: tuple[int, int], prefix: str = "") -> AddHead:
    """The head of `training.stance_classifier.StanceClassifier`, computed in fp32: (batch, labels) logits.

    `prefix` stands before the names of its weights and of all that it adds: that of an exit's head.
    """

    def add(graph: GraphBuilder, hidden: str) -> str:
        names = [f"{prefix}{letter}" for letter in "ht"]
        features = [_state_at(graph, hidden, marker, name) for marker, name in zip(marker_ids, names, strict=True)]
        zero = graph.tensor(f"{prefix}first_piece", np.array([0]))
        piece = graph.node("Gather", [hidden, zero], f"{prefix}first_row", axis=1)
        first = graph.node("Squeeze", [piece, graph.tensor(f"{prefix}row_axis", np.array([1]))], f"{prefix}first")
        joined = graph.node("Concat", [*features, first], f"{prefix}features", axis=-1)
        inner = graph.node("Tanh", [graph.dense(joined, f"{prefix}dense")], f"{prefix}inner")
        return graph.dense(inner, f"{prefix}classifier")

    return add


def read_exits(source: pathlib.Path, marker_ids: tuple[int, int]) -> tuple[dict[int, Exit], dict[str, Floats]]:
    """The exits of a trained folder by layer, and the weights of their heads; none where it has no exits.json."""
    from safetensors.numpy import load_file

    if not (source / "exits.json").is_file():
        return {}, {}
    least = json.loads((source / "exits.json").read_text(encoding="utf-8"))["least"]
    exits = {int(layer): Exit(stance_head(marker_ids, f"exit{layer}."), LABELS.index("neutral"), float(value))
             for layer, value in least.items()}
    return exits, load_file(source / "exits.safetensors")


def _languages_before(source: pathlib.Path) -> dict[str, list[str]]:
    """The languages of a folder that was exported and unpacked, as its dateline.json has them."""
    file = source / "dateline.json"
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {name: value for name, value in told.items() if name == "languages"}


def _state_at(graph: GraphBuilder, hidden: str, marker: int, name: str) -> str:
    """The hidden state at a marker, (batch, hidden); zeros where there is none."""
    found = graph.node("Equal", ["input_ids", graph.tensor(f"{name}.marker", np.array([marker]))], f"{name}.found")
    weights = graph.node("Cast", [found], f"{name}.weights", to=1)
    axis = graph.tensor(f"{name}.axis", np.array([1]))
    row = graph.node("Unsqueeze", [weights, axis], f"{name}.row")
    return graph.node("Squeeze", [graph.node("MatMul", [row, hidden], f"{name}.picked"), axis], f"{name}.state")


def export_stance(source: pathlib.Path, out: pathlib.Path, *, precision: str, languages: Sequence[str] = ()) -> None:
    """Write a model folder; `training.calibrate_stance` then sets temperature and thresholds."""
    tokenizer = tokenizers.Tokenizer.from_file(str(source / "tokenizer.json"))
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    if config["vocab_size"] != tokenizer.get_vocab_size():
        raise SystemExit(f"{source}: {config['vocab_size']} word vectors for {tokenizer.get_vocab_size()} pieces")
    ids = [tokenizer.token_to_id(marker) for marker in MARKERS.all]
    if config.get("beside"):
        save_graph(out, build_beside(read_weights(source, precision), config, ids, int8=precision == "int8"))
    else:
        _write_inside(source, out, (ids[0], ids[2]), config.get("pruned_after"), precision)
    markers = {"holder": list(MARKERS.holder), "target": list(MARKERS.target)}
    read = {"languages": list(languages)} if languages else _languages_before(source)
    finish_folder(source, out, {"markers": markers, "temperature": 1.0, "threshold": 0.5, **read})


def _write_inside(
    source: pathlib.Path, out: pathlib.Path, marker_ids: tuple[int, int], pruned_after: int | None, precision: str
) -> None:
    """The graph of a model that reads a text with the markers in it."""
    exits, weights = read_exits(source, marker_ids)
    pruning = None if pruned_after is None else Pruning(pruned_after, by_ids(marker_ids))
    write_model(source, out, stance_head(marker_ids), precision=precision, exits=exits, pruning=pruning,
                more_weights=weights)
