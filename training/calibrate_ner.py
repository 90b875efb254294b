"""Fit the temperature of a NER model folder, so that a mention's score is the share of such mentions that are right.

    python -m training.calibrate_ner MODEL_FOLDER DEV.jsonl.gz [--tags tags]

Tries temperatures from 0.7 to 2.0 over the mentions found on the dev rows, keeps the one with the smallest expected
calibration error (Guo et al. 2017, arXiv 1706.04599), and writes it to the folder's dateline.json.
"""

import argparse
import json
import pathlib

from models.engine import load_engine
from models.folder import read_folder
from models.ner import NerModel
from training.evaluate_ner import evaluate, read_rows
from training.export import write_checksums

TEMPERATURES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0)


def fit(path: pathlib.Path, data: pathlib.Path, column: str) -> dict[float, float]:
    """Calibration error by temperature."""
    rows, errors = read_rows(data), {}
    settings = json.loads((path / "dateline.json").read_text(encoding="utf-8"))
    for temperature in TEMPERATURES:
        text = json.dumps(settings | {"temperature": temperature}, indent=1, sort_keys=True)
        (path / "dateline.json").write_text(f"{text}\n")
        folder = read_folder(path, path.name)
        report = evaluate(NerModel(folder, load_engine(folder)), rows, column)
        errors[temperature] = report["calibration_error"]
        print(f"temperature {temperature}: calibration error {errors[temperature]:.4f}, "
              f"micro F1 {report['types']['micro']['f1']:.4f}", flush=True)
    best = min(errors, key=lambda t: errors[t])
    (path / "dateline.json").write_text(json.dumps(settings | {"temperature": best}, indent=1, sort_keys=True) + "\n")
    write_checksums(path)
    return errors


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--tags", choices=("tags", "tags_core"), default="tags")
    options = parser.parse_args()
    fit(options.folder, options.data, options.tags)


if __name__ == "__main__":
    main()
