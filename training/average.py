"""Average the weights of models that were trained from the same start (Wortsman et al. 2022, "Model soups", ICML).

    python -m training.average OUT FOLDER FOLDER [FOLDER…]

The folders hold `model.safetensors` of one shape; configuration and tokenizer are the last folder's. What each learned
after the common start partly adds up, and what each forgot partly comes back.
"""

import argparse
import pathlib
import shutil
from collections.abc import Sequence

import numpy as np


def average(out: pathlib.Path, folders: Sequence[pathlib.Path]) -> None:
    """Write the mean of the folders' weights; raises ValueError when they are not of one shape."""
    from safetensors.numpy import load_file, save_file

    weights = [load_file(str(folder / "model.safetensors")) for folder in folders]
    shapes = [{name: value.shape for name, value in found.items()} for found in weights]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError(f"models of different shapes have no average: {', '.join(map(str, folders))}")
    mean = {name: np.mean([found[name] for found in weights], axis=0, dtype=np.float32) for name in weights[0]}
    out.mkdir(parents=True, exist_ok=True)
    save_file(mean, str(out / "model.safetensors"), metadata={"format": "pt"})
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(folders[-1] / name, out / name)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    average(options.out, options.folders)


if __name__ == "__main__":
    main()
