"""Export a trained model to ONNX (`training.onnx_graph`), with its configuration, tokenizer and checksums.

    python -m training.export ner TRAINED_FOLDER models/weights/ner-e5-small [--precision int8|fp32] [--temperature 1.0]

int8 means dynamic quantisation: weights are stored as int8 with one scale per output column, activations are
quantised at run time. Weights use seven bits, so that processors without VNNI cannot saturate; a stance head, which is
multiplied in fp32, is stored in eight.
"""

import argparse
import hashlib
import json
import pathlib
import shutil
from typing import Any

COPIED = ("tokenizer.json", "tokenizer_config.json", "README.md")
ROUNDED, ROUNDED_OF = "rounded.safetensors", "model_sha256"  # of `training.rounding`, and what tells which weights
FOLDERS = ("config.json", "dateline.json", "model.onnx", "tokenizer.json", "tokenizer_config.json")


def write_model(
    source: pathlib.Path,
    out: pathlib.Path,
    add_head: Any,
    *,
    precision: str,
    exits: Any = None,
    pruning: Any = None,
    more_weights: Any = None,
) -> None:
    """`model.onnx` in `out` from a trained folder's safetensors and `more_weights`, rounded by `training.rounding`.

    `add_head`, `exits` and `pruning` as `onnx_graph.build_model` takes them.
    """
    from training.onnx_graph import build_model

    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    weights = read_weights(source, precision) | (more_weights or {})
    save_graph(out, build_model(weights, config, add_head, int8=precision == "int8", exits=exits, pruning=pruning))


def read_weights(source: pathlib.Path, precision: str) -> Any:
    """A trained folder's weights by name; for int8 rounded, where `training.rounding` has done it."""
    from safetensors.numpy import load_file

    return load_file(source / "model.safetensors") | (read_rounded(source) if precision == "int8" else {})


def save_graph(out: pathlib.Path, made: Any) -> None:
    """Write `model.onnx`."""
    import onnx

    out.mkdir(parents=True, exist_ok=True)
    onnx.save(made, str(out / "model.onnx"))


def read_rounded(source: pathlib.Path) -> Any:
    """What `training.rounding` has written in a trained folder; nothing where it has not been.

    Raises ValueError where the folder was trained again since.
    """
    from safetensors import safe_open

    if not (source / ROUNDED).is_file():
        return {}
    with safe_open(str(source / ROUNDED), "np") as found:
        told = (found.metadata() or {}).get(ROUNDED_OF)
        if told != sha256_of(source / "model.safetensors"):
            raise ValueError(f"{source / ROUNDED} rounds other weights than those of model.safetensors beside it; run "
                             "training.rounding again, or delete it")
        return {name: found.get_tensor(name) for name in found.keys()}  # noqa: SIM118 - it is no mapping


def sha256_of(file: pathlib.Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def finish_folder(source: pathlib.Path, out: pathlib.Path, dateline: dict[str, Any]) -> None:
    """Write the files beside model.onnx: configuration, tokenizer, and the checksums of them all."""
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config.pop("_name_or_path", None)
    (out / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (out / "dateline.json").write_text(json.dumps(dateline, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name in COPIED:
        if (source / name).is_file() and not (out / name).is_file():
            shutil.copyfile(source / name, out / name)
    write_checksums(out)


def write_checksums(out: pathlib.Path) -> None:
    """`SHA256SUMS` over everything that the model is run from."""
    sums = [f"{sha256_of(out / name)}  {name}\n" for name in FOLDERS]
    (out / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


def export_ner(source: pathlib.Path, out: pathlib.Path, *, precision: str, temperature: float) -> None:
    """Export a token classifier trained by `training.train_ner`, with the pruning of `training.train_pruning`."""
    from training.onnx_graph import token_classifier

    write_model(source, out, token_classifier, precision=precision, pruning=read_pruning(source))
    finish_folder(source, out, {"temperature": temperature, "strict_bio": True})


def read_pruning(source: pathlib.Path) -> Any:
    """The `Pruning` of a trained folder; None where it has no pruning.json."""
    import numpy as np

    from models.decode import no_name
    from models.pruning import read_pruning_file
    from training.ner_data import TAGS
    from training.onnx_pruning import Pruning, by_probe

    told = read_pruning_file(source)
    return told and Pruning(told["layer"], by_probe(np.array(told["weight"], np.float32), told["least"]), no_name(TAGS))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("ner", "stance"))
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--precision", choices=("int8", "fp32"), default="int8")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--languages", nargs="+", default=[], help="that a stance model reads; all where none is named")
    options = parser.parse_args()
    if options.task == "ner":
        export_ner(options.source, options.out, precision=options.precision, temperature=options.temperature)
    else:
        from training.export_stance import export_stance

        export_stance(options.source, options.out, precision=options.precision, languages=options.languages)
    size = (options.out / "model.onnx").stat().st_size
    print(f"{options.out}/model.onnx: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
