"""Calibrate a stance model folder: a temperature for true probabilities, then the thresholds.

    python -m training.calibrate_stance MODEL_FOLDER stance_unified/dev.jsonl.gz [--precision 0.8]

The temperature minimises the log loss on the dev rows (Guo et al. 2017, arXiv 1706.04599). Biases for the classes would
lower it a little more, by saying neutral oftener; a temperature leaves the order of the classes as the model has it,
and the rarer ones their share. The thresholds are the lowest probabilities from which on favor, and against, are right
as often as --precision asks. All go into the folder's dateline.json.
"""

import argparse
import json
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.engine import load_engine
from models.folder import read_folder
from models.ner import log_softmax
from models.stance import StanceModel, Verdict
from training.export import write_checksums
from training.stance_data import LABELS, Row, read_unified

Floats = npt.NDArray[np.float64]
STEPS, RATE = 3000, 0.05


def fit_temperature(log_probabilities: Floats, labels: Sequence[int]) -> float:
    """The temperature that minimises the log loss; gradient descent on a convex function of its inverse."""
    slope = 1.0
    truth = np.eye(len(LABELS))[list(labels)]
    for _ in range(STEPS):
        wrong = np.exp(log_softmax((log_probabilities * slope).astype(np.float32))) - truth
        slope -= RATE * float((wrong * log_probabilities).sum(1).mean())
    return 1 / slope


def find_threshold(verdicts: Sequence[Verdict], labels: Sequence[str], precision: float, stance: str) -> float:
    """The lowest threshold, in steps of a hundredth from 0.5 on, at which a stance reaches the precision.

    Below that a stance would be less likely than not, and running news has fewer of them than dev rows have.
    """
    for threshold in (hundredths / 100 for hundredths in range(50, 100)):
        decided = [str(verdict.decide(threshold)[0]) for verdict in verdicts]
        right = [label == stance for label, found in zip(labels, decided, strict=True) if found == stance]
        if not right or sum(right) / len(right) >= precision:
            return threshold
    return 0.99


def calibration_error(verdicts: Sequence[Verdict], labels: Sequence[str], bins: int = 10) -> float:
    """Expected calibration error of the likeliest class."""
    best = [max((verdict.favor, "favor"), (verdict.against, "against"), (verdict.neutral, "neutral"))
            for verdict in verdicts]
    places = np.minimum(bins - 1, (np.array([score for score, _ in best]) * bins).astype(int))
    gaps = np.array([score - (name == label) for (score, name), label in zip(best, labels, strict=True)])
    return float(sum(abs(gaps[places == place].sum()) for place in range(bins)) / len(gaps))


def calibrate(path: pathlib.Path, rows: Sequence[Row], precision: float) -> dict[str, Any]:
    """Fit on the rows and write the folder's dateline.json; returns what was written."""
    settings = json.loads((path / "dateline.json").read_text(encoding="utf-8"))
    settings |= {"temperature": 1.0, "bias": {}}
    raw = _ask(path, settings, rows)
    probabilities = np.array([[v.favor, v.against, v.neutral] for v in raw], np.float64)
    labels = [row.label for row in rows]
    temperature = fit_temperature(np.log(np.maximum(probabilities, 5e-5)), [LABELS.index(label) for label in labels])
    settings |= {"temperature": round(temperature, 4)}
    scaled = _ask(path, settings, rows)
    settings["threshold"] = {
        stance: find_threshold(scaled, labels, precision, stance) for stance in ("favor", "against")
    }
    _write(path, settings)
    before, after = calibration_error(raw, labels), calibration_error(scaled, labels)
    print(f"calibration error {before:.4f} before, {after:.4f} after")
    return settings


def _ask(path: pathlib.Path, settings: dict[str, Any], rows: Sequence[Row]) -> list[Verdict]:
    _write(path, settings)
    folder = read_folder(path, path.name)
    return StanceModel(folder, load_engine(folder)).classify([row.question for row in rows])


def _write(path: pathlib.Path, settings: dict[str, Any]) -> None:
    (path / "dateline.json").write_text(json.dumps(settings, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    write_checksums(path)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--precision", type=float, default=0.8)
    options = parser.parse_args()
    print(json.dumps(calibrate(options.folder, list(read_unified(options.data)), options.precision), indent=1))


if __name__ == "__main__":
    main()
