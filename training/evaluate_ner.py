"""Evaluate a NER model folder on tokenised rows: strict entity-level F1 by type, as seqeval counts.

    python -m training.evaluate ner --model DIR --data FILE.jsonl[.gz] [--tags tags|tags_core] [--json FILE]

Rows have `tokens` and BIO `tags` (native types) or `tags_core` (PER ORG LOC NORP MISC). The tokens are joined into
text, the text goes through the same `NerModel` as an article does, and the mentions are laid back onto the tokens.
Against `tags_core`, our FAC counts as LOC and our PRODUCT as MISC; DATE and MONEY are not in that column. A type that
never occurs in the data's gold column is left out of the score, for the data does not label it.
"""

import argparse
import json
import math
import pathlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from models.ner import NerModel, load_ner_model
from schemas.article import Mention
from training.jsonl import read_jsonl
from training.ner_data import WORLDWIDE, detokenise

TO_CORE = {"PERSON": "PER", "ORG": "ORG", "LOC": "LOC", "FAC": "LOC", "NORP": "NORP", "PRODUCT": "MISC", "MISC": "MISC"}
NATIVE = {label: name for name, (label,) in WORLDWIDE.items()}
HEADLINE_TYPES = ("PER", "ORG", "LOC", "NORP")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m training.evaluate ner`."""
    parser.add_argument("--model", default=None, help="model folder; the bundled model when left out")
    parser.add_argument("--data", type=pathlib.Path, required=True, nargs="+")
    parser.add_argument("--tags", choices=("tags", "tags_core"), default="tags_core")
    parser.add_argument("--engine", choices=("auto", "onnx", "torch"), default="auto")
    parser.add_argument("--json", type=pathlib.Path, default=None)
    parser.add_argument("--limit", type=int, default=None, help="rows read from each file")


def main(options: argparse.Namespace) -> None:
    """Print a table for each file, and write JSON when asked."""
    model = load_ner_model(options.model, engine=options.engine)
    reports = {}
    for file in options.data:
        report = evaluate(model, read_rows(file, options.limit), options.tags)
        reports[str(file)] = report
        print(f"\n{file.parent.name}/{file.name} ({options.tags}, {report['rows']} rows)")
        print(f"{'type':14}{'precision':>10}{'recall':>10}{'F1':>10}{'gold':>8}")
        for name, figures in report["types"].items():
            print(f"{name:14}{figures['precision']:10.4f}{figures['recall']:10.4f}{figures['f1']:10.4f}{figures['gold']:8d}")
        print(f"expected calibration error {report['calibration_error']:.4f}")
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1), encoding="utf-8")


def read_rows(file: pathlib.Path, limit: int | None = None) -> list[dict[str, Any]]:
    """The rows of a file, or its first `limit`."""
    return list(islice(read_jsonl(file), limit))


def evaluate(model: NerModel, rows: list[dict[str, Any]], column: str) -> dict[str, Any]:
    """Figures by type, micro and macro averages, and the calibration of the scores."""
    gold = [spans_of(row[column]) for row in rows]
    labelled = {label for spans in gold for _, _, label in spans}
    predicted, scores = [], []
    for row, mentions in zip(rows, predict(model, [row["tokens"] for row in rows]), strict=True):
        kept = [(s, e, name, m.score) for s, e, m in mentions if (name := name_of(m, column)) in labelled]
        predicted.append({(s, e, name) for s, e, name, _ in kept})
        truth = spans_of(row[column])
        scores += [(score, (s, e, name) in truth) for s, e, name, score in kept]
    types = {name: figures(gold, predicted, {name}) for name in sorted(labelled)}
    types["micro"] = figures(gold, predicted, labelled)
    headline = labelled & {*HEADLINE_TYPES, *(NATIVE[n] for n in ("PERSON", "ORG", "LOC", "NORP"))}
    types["PER+ORG+LOC+NORP"] = figures(gold, predicted, headline)
    return {"rows": len(rows), "types": types, "calibration_error": calibration_error(scores)}


def name_of(mention: Mention, column: str) -> str | None:
    """The mention's label in the words of the column."""
    return NATIVE[mention.label] if column == "tags" and mention.label in NATIVE else TO_CORE.get(mention.label)


def predict(model: NerModel, rows: Sequence[Sequence[str]]) -> list[list[tuple[int, int, Mention]]]:
    """For each row of tokens, (first token, after last token, mention)."""
    joined = [detokenise(tokens) for tokens in rows]
    found = model.recognize([text for text, _ in joined], [[(0, len(text))] for text, _ in joined])
    return [[(*token_range(mention, spans), mention) for mention in recognition.mentions]
            for (_, spans), recognition in zip(joined, found, strict=True)]


def token_range(mention: Mention, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The tokens that a mention touches."""
    touched = [i for i, (start, end) in enumerate(spans) if start < mention.end_char and end > mention.start_char]
    return touched[0], touched[-1] + 1


def spans_of(tags: Sequence[str]) -> set[tuple[int, int, str]]:
    """Spans of a BIO sequence as seqeval reads it: an I that continues nothing begins a span."""
    spans, start = set(), None
    for i, tag in enumerate([*tags, "O"]):
        if start is not None and (tag[0] != "I" or tag[2:] != tags[start][2:]):
            spans.add((start, i, tags[start][2:]))
            start = None
        if start is None and tag != "O":
            start = i
    return spans


def figures(gold: Iterable[set[Any]], predicted: Iterable[set[Any]], labels: set[str]) -> dict[str, Any]:
    """Precision, recall and F1 over the spans with these labels."""
    true = found = right = 0
    for want, got in zip(gold, predicted, strict=True):
        want, got = {s for s in want if s[2] in labels}, {s for s in got if s[2] in labels}
        true, found, right = true + len(want), found + len(got), right + len(want & got)
    precision, recall = right / found if found else 0.0, right / true if true else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "gold": true, "predicted": found, "right": right}


def calibration_error(scores: list[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error of mention scores over equal-width bins (Guo et al. 2017)."""
    binned: dict[int, list[tuple[float, bool]]] = {}
    for score, right in scores:
        binned.setdefault(min(bins - 1, math.floor(score * bins)), []).append((score, right))
    gaps = (abs(sum(s for s, _ in b) - sum(r for _, r in b)) for b in binned.values())
    return sum(gaps) / max(1, len(scores))
