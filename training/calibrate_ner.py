"""Fit the temperature of a NER model folder, so that a mention's score is the share of such mentions that are right.

Then, which labels are kept only at a score of 0.5: those whose mentions below it are right clearly less often than
half the F1, which is when leaving them out raises F1 (Lipton, Elkan and Naryanaswamy 2014).

    python -m training.calibrate_ner MODEL_FOLDER DEV.jsonl.gz [--tags tags]

Tries temperatures from 0.7 to 2.0 over the mentions found on the dev rows, keeps the one with the smallest expected
calibration error (Guo et al. 2017, arXiv 1706.04599), and writes both to the folder's dateline.json.
"""

import argparse
import json
import pathlib
from typing import Any

from models.engine import load_engine
from models.folder import read_folder
from models.ner import NerModel
from training.evaluate_ner import evaluate, name_of, predict, read_rows, spans_of
from training.export import write_checksums

CORE = ("PERSON", "ORG", "LOC", "NORP")
DOUBTFUL = 0.5
CLEARLY = 0.9  # of half the F1: nearer to it nothing is won, and a share over few mentions is only an estimate
TEMPERATURES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0)


def fit(path: pathlib.Path, data: pathlib.Path, column: str) -> dict[float, float]:
    """Calibration error by temperature."""
    rows, errors = read_rows(data), {}
    settings = json.loads((path / "dateline.json").read_text(encoding="utf-8")) | {"min_scores": {}}
    for temperature in TEMPERATURES:
        report = evaluate(_load(path, settings | {"temperature": temperature}), rows, column)
        errors[temperature] = report["calibration_error"]
        print(f"temperature {temperature}: calibration error {errors[temperature]:.4f}, "
              f"micro F1 {report['types']['micro']['f1']:.4f}", flush=True)
    best = min(errors, key=lambda t: errors[t])
    settings["temperature"] = best
    _load(path, settings | {"min_scores": fit_min_scores(_load(path, settings), rows, column)})
    write_checksums(path)
    return errors


def fit_min_scores(model: NerModel, rows: list[dict[str, Any]], column: str) -> dict[str, float]:
    """The labels of core types whose doubtful mentions are better left out, each with the score they must reach."""
    limit = CLEARLY * evaluate(model, rows, column)["types"]["PER+ORG+LOC+NORP"]["f1"] / 2
    doubtful: dict[str, list[bool]] = {}
    for row, mentions in zip(rows, predict(model, [row["tokens"] for row in rows]), strict=True):
        gold = spans_of(row[column])
        for start, end, mention in mentions:
            if mention.label in CORE and mention.score < DOUBTFUL:
                doubtful.setdefault(mention.label, []).append((start, end, name_of(mention, column)) in gold)
    shares = {label: sum(right) / len(right) for label, right in sorted(doubtful.items())}
    print(f"right among mentions below {DOUBTFUL}: { {label: round(s, 3) for label, s in shares.items()} }")
    return {label: DOUBTFUL for label, share in shares.items() if share < limit}


def _load(path: pathlib.Path, settings: dict[str, Any]) -> NerModel:
    """The folder's model after `settings` are written to its dateline.json."""
    text = json.dumps(settings, indent=1, sort_keys=True)
    (path / "dateline.json").write_text(f"{text}\n", encoding="utf-8")
    folder = read_folder(path, path.name)
    return NerModel(folder, load_engine(folder))


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
