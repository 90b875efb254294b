import json
from collections import Counter
from pathlib import Path

import pytest

from training.stance_labels import (
    LABELLED,
    LABELLED_DSE,
    LABELLED_GMB,
    LABELLED_NEWSMTSC,
    LABELLED_WIKINEWS,
    QUESTIONS,
    read_labels,
    read_weights,
)


def test_a_label_is_read_with_the_passage_of_its_article(tmp_path: Path) -> None:
    body = "Nobody left. Peru condemned the OAS. “The OAS lies.”"
    articles = tmp_path / "articles.jsonl"
    articles.write_text(json.dumps({"id": "a", "body": body}), encoding="utf-8")
    sentence, quote = body.index("Peru"), body.index("“")
    rows = [
        {"id": "a", "start": sentence, "end": quote - 1, "before": "", "holder": [0, 4], "target": [19, 22],
         "label": "against", "drawn": "stated", "part": "train"},
        {"id": "a", "start": quote, "end": len(body), "before": "Peru said: ", "holder": [0, 4], "target": [16, 19],
         "label": "against", "drawn": "near", "part": "dev"},
        {"id": "a", "start": sentence, "end": quote - 1, "before": "", "holder": None, "target": [19, 22],
         "label": "neutral", "drawn": "near", "part": "own"},
    ]  # fmt: skip
    labelled = tmp_path / "labels.jsonl"
    labelled.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    ((named,), (spoken,), (own,)) = (list(read_labels(articles, part, labelled)) for part in ("train", "dev", "own"))
    assert own.question.holder is None
    assert own.question.text[slice(*own.question.target)] == "OAS"
    assert (named.question.text, named.label) == ("Peru condemned the OAS.", "against")
    assert spoken.question.text == "Peru said: “The OAS lies.”"
    for row in (named, spoken):
        assert row.question.text[slice(*row.question.holder or ())] == "Peru"
        assert row.question.text[slice(*row.question.target)] == "OAS"


def test_a_sentence_of_tokens_is_read_as_its_labels_count_it(tmp_path: Path) -> None:
    sentences, labelled = tmp_path / "gmb.jsonl", tmp_path / "labels.jsonl"
    sentences.write_text(json.dumps({"id": "g", "tokens": ["Peru", "'s", "army", "fought", "Chile", "."]}))
    label = {"holder": [0, 6], "target": [19, 24], "label": "against", "drawn": "near", "part": "train"}
    labelled.write_text(json.dumps({"id": "g", "start": 0, "end": 25, "before": "", **label}))
    (row,) = read_labels(sentences, "train", labelled)
    assert row.question.text == "Peru's army fought Chile."
    assert row.question.text[slice(*row.question.target)] == "Chile"


@pytest.mark.parametrize("labelled", [LABELLED, LABELLED_WIKINEWS, LABELLED_NEWSMTSC, LABELLED_GMB, LABELLED_DSE])
def test_no_article_is_in_both_parts_and_no_question_twice(labelled: Path) -> None:
    rows = [json.loads(line) for line in labelled.read_text(encoding="utf-8").splitlines()]

    parts: dict[str, set[str]] = {}
    for row in rows:
        parts.setdefault(row["id"], set()).add(row["part"])
        assert row["start"] < row["end"]
        assert set(row) == {"id", "start", "end", "before", "holder", "target", "label", "drawn", "part"}
    assert all(len(found) == 1 for found in parts.values())
    questions = Counter((row["id"], row["start"], *(row["holder"] or "-"), *row["target"]) for row in rows)
    assert questions.most_common(1)[0][1] == 1


def test_more_labels_for_training_do_not_move_the_weights_of_dev(tmp_path: Path) -> None:
    labelled = tmp_path / "labels.jsonl"
    dev = [{"part": "dev", "drawn": kind} for kind in ("stated", "stated", "near", "neutral")]
    for more in ([], [{"part": "train", "drawn": "stated"}] * 5):
        labelled.write_text("\n".join(map(json.dumps, [*dev, *more])), encoding="utf-8")
        assert read_weights("dev", labelled) == [
            QUESTIONS["stated"] / 2, QUESTIONS["stated"] / 2, QUESTIONS["near"], QUESTIONS["neutral"]
        ]
