"""Evaluate a stance model folder on rows with a holder (or none), a target and a label.

    python -m training.evaluate stance --model DIR --data FILE.jsonl[.gz] [--threshold T] [--json FILE]
    python -m training.evaluate stance --task dse --model DIR --data directed_sentiment/dev.jsonl.gz

`unified` reads rows as `stance_unified` has them and takes the likeliest of the three classes (with --threshold,
stances that are less sure count as neutral). `dse` reads `directed_sentiment`: two directed calls give five classes (no
sentiment; p for, p against q; q for, q against p), counted as Park et al. (2021, Findings of ACL) count them: micro-F1
over all five, which is accuracy, and macro-F1. `newsmtsc` reads stance_unified's train file and keeps the tenth of
NewsMTSC's source articles that training holds out. `newswire` reads the newswire's articles and asks the questions of
`stance_labels.jsonl` that training holds out: precision and recall of stated stances by threshold, every question
weighted by how many of running news it stands for. `passages` reads `training/stance_passages.jsonl`, the tenth that
training holds out.
"""

import argparse
import json
import pathlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from models.stance import Question, StanceModel, Verdict, load_stance_model
from training.jsonl import read_jsonl
from training.stance_data import LABELS, Row, crop, is_held_out, read_unified
from training.stance_labels import read_labels, read_weights
from training.stance_passages import read_passages
from training.stance_readings import DSE_CLASSES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m training.evaluate stance`."""
    parser.add_argument("--model", default=None, help="model folder; the bundled model when left out")
    parser.add_argument("--data", type=pathlib.Path, required=True, nargs="+")
    parser.add_argument("--task", choices=("unified", "dse", "newsmtsc", "newswire", "passages"), default="unified")
    parser.add_argument("--threshold", type=float, default=0.0, help="the least probability of a stance")
    parser.add_argument("--engine", choices=("auto", "onnx", "torch"), default="auto")
    parser.add_argument("--json", type=pathlib.Path, default=None)


def main(options: argparse.Namespace) -> None:
    """Print a table for each file, and write JSON when asked."""
    model = load_stance_model(options.model, engine=options.engine)
    reports: dict[str, Any] = {}
    for file in options.data:
        if options.task == "newswire":
            reports[str(file)] = evaluate_newswire(model, file)
            continue
        found = evaluate_dse(model, file) if options.task == "dse" else evaluate_rows(
            model, rows_of_task(options.task, file), options.threshold)
        reports[str(file)] = found
        for name, report in found.items():
            print_report(f"{file.parent.name}/{file.name}: {name}", report)
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1), encoding="utf-8")


def rows_of_task(task: str, file: pathlib.Path) -> list[Row]:
    """The rows of a file that its task measures."""
    if task == "passages":
        return read_passages("dev", file)
    return [row for row in read_unified(file) if task != "newsmtsc" or is_held_out(row)]


def evaluate_rows(model: StanceModel, rows: Sequence[Row], threshold: float = 0.0) -> dict[str, Any]:
    """A report for each data set in the rows, and for all of them."""
    verdicts = model.classify([row.question for row in rows])
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row, verdict in zip(rows, verdicts, strict=True):
        for name in (row.dataset, "all"):
            pairs[name].append((row.label, str(verdict.decide(threshold)[0])))
    return {name: report_of(found, LABELS) for name, found in sorted(pairs.items())}


def evaluate_newswire(model: StanceModel, articles: pathlib.Path) -> dict[str, Any]:
    """Precision and recall of favor and against by threshold on running news; printed as a table."""
    rows, weights = list(read_labels(articles, "dev")), read_weights("dev")
    verdicts = model.classify([row.question for row in rows])
    print(f"{len(rows)} questions\nthreshold   favor: precision  recall   against: precision  recall")
    report: dict[str, Any] = {"rows": len(rows)}
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9, model.threshold):
        decided = [str(verdict.decide(threshold)[0]) for verdict in verdicts]
        figures = {stance: _weighted(stance, rows, weights, decided) for stance in ("favor", "against")}
        (p, r), (q, s) = figures["favor"], figures["against"]
        name = f"{threshold:.2f}" if isinstance(threshold, float) else "its own"
        print(f"{name:>9}{p:19.3f}{r:8.3f}{q:21.3f}{s:8.3f}")
        report[name] = figures
    return report


def _weighted(
    stance: str, rows: Sequence[Row], weights: Sequence[float], decided: Sequence[str]
) -> tuple[float, float]:
    found = sum(w for w, name in zip(weights, decided, strict=True) if name == stance)
    gold = sum(w for w, row in zip(weights, rows, strict=True) if row.label == stance)
    right = sum(
        w for w, row, name in zip(weights, rows, decided, strict=True) if row.label == stance and name == stance
    )
    return right / found if found else 0.0, right / gold if gold else 0.0


def evaluate_dse(model: StanceModel, file: pathlib.Path) -> dict[str, Any]:
    """The five classes of directed sentiment, from one call each way."""
    gold, questions = [], []
    for gold_class, question in read_dse(file):
        back = Question(question.text, question.target, question.holder or question.target)
        gold.append(gold_class)
        questions += [question, back]
    verdicts = model.classify(questions)
    found = [five_classes(pq, qp) for pq, qp in zip(verdicts[::2], verdicts[1::2], strict=True)]
    return {"five classes": report_of(list(zip(gold, found, strict=True)), DSE_CLASSES)}


def read_dse(file: pathlib.Path) -> Iterator[tuple[str, Question]]:
    """(class, question from p to q) of each row."""
    for row in read_jsonl(file):
        p, q = ((row[name]["start"], row[name]["end"]) for name in "pq")
        stance = {"for": "favor", "against": "against"}.get(row["label"])
        holder, target = ("q", "p") if row["direction"] == "qp" else ("p", "q")
        yield f"{holder} {stance} {target}" if stance else "neutral", crop(Question(row["text"], p, q))


def five_classes(pq: Verdict, qp: Verdict) -> str:
    """The likeliest of the five, taking the two calls as independent and stances both ways as out of the question."""
    scores = (pq.neutral * qp.neutral, pq.favor * qp.neutral, pq.against * qp.neutral,
              qp.favor * pq.neutral, qp.against * pq.neutral)
    return DSE_CLASSES[max(range(5), key=scores.__getitem__)]


def report_of(pairs: Sequence[tuple[str, str]], classes: Sequence[str]) -> dict[str, Any]:
    """Accuracy, macro-F1, figures by class and the confusion (gold to predicted) of (gold, predicted) pairs."""
    counts = Counter(pairs)
    by_class = {}
    for name in classes:
        right = counts[name, name]
        gold, found = (sum(n for pair, n in counts.items() if pair[side] == name) for side in (0, 1))
        precision, recall = right / found if found else 0.0, right / gold if gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        by_class[name] = {"precision": precision, "recall": recall, "f1": f1, "gold": gold, "predicted": found}
    return {
        "rows": len(pairs),
        "accuracy": sum(counts[name, name] for name in classes) / max(1, len(pairs)),
        "macro_f1": sum(figures["f1"] for figures in by_class.values()) / len(classes),
        "classes": by_class,
        "confusion": {gold: {found: counts[gold, found] for found in classes} for gold in classes},
    }


def print_report(title: str, report: dict[str, Any]) -> None:
    """One table: a class a line, with where its rows went."""
    print(f"\n{title}: {report['rows']} rows, accuracy (micro-F1) {report['accuracy']:.4f}, "
          f"macro-F1 {report['macro_f1']:.4f}")
    classes = list(report["classes"])
    print(f"{'':14}{'precision':>10}{'recall':>8}{'F1':>8}{'gold':>7}   " + "".join(f"{name:>13}" for name in classes))
    for name, figures in report["classes"].items():
        row = report["confusion"][name]
        shares = f"{figures['precision']:10.3f}{figures['recall']:8.3f}{figures['f1']:8.3f}"
        print(f"{name:14}{shares}{figures['gold']:7d}   "
              + "".join(f"{row[other]:13d}" for other in classes))
