"""Export a stance model trained by `training.train_stance`: the encoder and a head over the two opening markers."""

import json
import pathlib

import numpy as np
import tokenizers

from models.stance import MARKERS
from training.export import finish_folder, write_model
from training.onnx_graph import AddHead, GraphBuilder


def stance_head(marker_ids: tuple[int, int]) -> AddHead:
    """The head of `training.train_stance.StanceClassifier`, kept in fp32: (batch, labels) logits."""

    def add(graph: GraphBuilder, hidden: str) -> str:
        features = [_state_at(graph, hidden, marker, name) for marker, name in zip(marker_ids, "ht", strict=True)]
        piece = graph.node("Gather", [hidden, graph.tensor("first_piece", np.array([0]))], "first_row", axis=1)
        first = graph.node("Squeeze", [piece, graph.tensor("first_axis_of_row", np.array([1]))], "first")
        joined = graph.node("Concat", [*features, first], "features", axis=-1)
        inner = graph.node("Tanh", [_dense(graph, joined, "dense")], "inner")
        return _dense(graph, inner, "classifier")

    return add


def _state_at(graph: GraphBuilder, hidden: str, marker: int, name: str) -> str:
    """The hidden state at a marker, (batch, hidden); zeros where there is none."""
    found = graph.node("Equal", ["input_ids", graph.tensor(f"{name}.marker", np.array([marker]))], f"{name}.found")
    weights = graph.node("Cast", [found], f"{name}.weights", to=1)
    axis = graph.tensor(f"{name}.axis", np.array([1]))
    row = graph.node("Unsqueeze", [weights, axis], f"{name}.row")
    return graph.node("Squeeze", [graph.node("MatMul", [row, hidden], f"{name}.picked"), axis], f"{name}.state")


def _dense(graph: GraphBuilder, x: str, name: str) -> str:
    product = graph.node("MatMul", [x, graph.tensor(f"{name}.weight", graph.weights[f"{name}.weight"].T)], f"{name}.by")
    return graph.node("Add", [product, graph.tensor(f"{name}.bias", graph.weights[f"{name}.bias"])], f"{name}.out")


def export_stance(source: pathlib.Path, out: pathlib.Path, *, precision: str) -> None:
    """Write a model folder; `training.calibrate_stance` then sets temperature, bias and threshold."""
    tokenizer = tokenizers.Tokenizer.from_file(str(source / "tokenizer.json"))
    ids = (tokenizer.token_to_id(MARKERS.holder[0]), tokenizer.token_to_id(MARKERS.target[0]))
    write_model(source, out, stance_head(ids), precision=precision)
    markers = {"holder": list(MARKERS.holder), "target": list(MARKERS.target)}
    finish_folder(source, out, {"markers": markers, "temperature": 1.0, "threshold": 0.5})
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    if config["vocab_size"] != tokenizer.get_vocab_size():
        raise SystemExit(f"{source}: {config['vocab_size']} word vectors for {tokenizer.get_vocab_size()} pieces")
