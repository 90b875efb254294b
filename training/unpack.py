"""Turn an exported model back into safetensors, so that training can go on from the bundled weights.

    python -m training.unpack models/weights/ner-e5-small runs/ner
    python -m training.unpack models/weights/stance-mpnet-6 runs/stance

The exported weights are read from the graph's constants (`training.onnx_graph`) and brought back to fp32; what int8
rounded stays rounded. Position and token-type embeddings come back as their sum. The probe of a pruned NER graph comes
back as `pruning.json`, so that the torch engine reads as the graph does; exits are left out.
"""

import argparse
import itertools
import json
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from models.pruning import write_pruning_file
from training.mpnet_names import POSITIONS, RELATIVE, TYPES, WORDS, to_mpnet_names
from training.onnx_builder import Floats
from training.onnx_relative import by_bucket

PARTS = ("query", "key", "value")


def read_constants(file: pathlib.Path) -> dict[str, Floats]:
    """Every constant of a graph by its name; int8 matrices times their scales, under the name `….weight`."""
    tensors = {t.name: numpy_helper.to_array(t) for t in _initializers(onnx.load(str(file)).graph)}
    for name in [name for name in tensors if name.endswith(".int8")]:
        stem = name.removesuffix(".int8")
        tensors[f"{stem}.weight"] = tensors[name].astype(np.float32) * tensors[f"{stem}.scale"]
        if f"{stem}.divisor" in tensors:
            tensors[f"{stem}.weight"] /= tensors[f"{stem}.divisor"][:, None]
    return {name.replace("words.table", "words.weight"): value for name, value in tensors.items()}


def _initializers(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """The constants of a graph and of the graphs inside it: what stands above an exit."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _initializers(attribute.g)


def to_weights(constants: dict[str, Floats], layers: int) -> dict[str, Floats]:
    """The constants under the names that training gives them: those of transformers' classes and `StanceClassifier`."""
    weights = {
        f"bert.{WORDS}": constants["words.weight"],
        f"bert.{POSITIONS}": constants["positions"],
        f"bert.{TYPES}": np.zeros((2, constants["positions"].shape[1]), np.float32),
        **_head(constants),
        **_norm(constants, "embeddings", "bert.embeddings.LayerNorm"),
    }
    for layer in range(layers):
        weights |= _layer(constants, f"layer{layer}", f"bert.encoder.layer.{layer}")
    if "relative.table" in constants:
        weights = to_mpnet_names(weights) | {f"bert.{RELATIVE}": by_bucket(constants["relative.table"])}
    return {name: np.ascontiguousarray(value, np.float32) for name, value in weights.items()}


def _head(constants: dict[str, Floats]) -> dict[str, Floats]:
    if "head.weight" in constants:
        return {"classifier.weight": constants["head.weight"].T, "classifier.bias": constants["head.bias"]}
    return {f"{name}.{part}": constants[f"{name}.{part}"].T for name in ("dense", "classifier")
            for part in ("weight", "bias")}


def _norm(constants: dict[str, Floats], name: str, new: str) -> dict[str, Floats]:
    return {f"{new}.weight": constants[f"{name}.gamma"], f"{new}.bias": constants[f"{name}.beta"]}


def _layer(constants: dict[str, Floats], name: str, new: str) -> dict[str, Floats]:
    packed, bias = (_packed(constants, name, part) for part in ("weight", "bias"))
    weights = {f"{new}.attention.self.{part}.weight": packed[i].T for i, part in enumerate(PARTS)}
    weights |= {f"{new}.attention.self.{part}.bias": bias[i] for i, part in enumerate(PARTS)}
    return weights | {
        f"{new}.attention.output.dense.weight": constants[f"{name}.out.weight"].T,
        f"{new}.attention.output.dense.bias": constants[f"{name}.out.bias"],
        f"{new}.intermediate.dense.weight": constants[f"{name}.wide.weight"].T,
        f"{new}.intermediate.dense.bias": constants[f"{name}.wide_bias"],
        f"{new}.output.dense.weight": constants[f"{name}.narrow.weight"].T,
        f"{new}.output.dense.bias": constants[f"{name}.narrow.bias"],
        **_norm(constants, f"{name}.attention_skip", f"{new}.attention.output.LayerNorm"),
        **_norm(constants, f"{name}.output_skip", f"{new}.output.LayerNorm"),
    }


def _packed(constants: dict[str, Floats], name: str, part: str) -> list[Floats]:
    """Queries', keys' and values' part of a layer; above a pruning the queries stand apart."""
    if f"{name}.qkv.{part}" in constants:
        return np.split(constants[f"{name}.qkv.{part}"], 3, -1)
    return [constants[f"{name}.q.{part}"], *np.split(constants[f"{name}.kv.{part}"], 2, -1)]


def probe_of(constants: dict[str, Floats]) -> dict[str, Any]:
    """What `training.train_pruning` found; the layers above it have their queries apart."""
    layer = next(i for i in itertools.count() if f"layer{i}.q.bias" in constants)
    return {"layer": layer, "least": float(constants["pruning.least"].item()),
            "weight": constants["pruning.weight"].ravel().tolist()}


def unpack(source: pathlib.Path, out: pathlib.Path) -> None:
    """Write `model.safetensors`, configuration and tokenizer of an exported folder to `out`."""
    from safetensors.numpy import save_file

    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    constants = read_constants(source / "model.onnx")
    weights = to_weights(constants, config["num_hidden_layers"])
    save_file(weights, str(out / "model.safetensors"), metadata={"format": "pt"})
    if "pruning.weight" in constants:
        write_pruning_file(out, probe_of(constants))
    for name in ("config.json", "dateline.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(source / name, out / name)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    unpack(options.source, options.out)


if __name__ == "__main__":
    main()
