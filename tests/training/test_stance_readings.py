"""Readings of directed sentiment: both directions of one answer, and what a row with two answers tells."""

import json

import pytest

from models.stance import Question
from training.stance_data import Row, rename
from training.stance_readings import DSE_CLASSES, READINGS, read_readings, told, with_readings

QUESTION = Question("Ann was blamed by Bob.", (0, 3), (18, 21))


def written(tmp_path, *rows):
    file = tmp_path / "readings.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def test_a_reading_speaks_of_both_directions(tmp_path):
    file = written(tmp_path, {"id": "a", "reading": "q against p"}, {"id": "b", "reading": "neutral"},
                   {"id": "c", "reading": "p favor q"})
    assert read_readings(file) == {"a-pq": "neutral", "a-qp": "against", "b-pq": "neutral", "b-qp": "neutral",
                                   "c-pq": "favor", "c-qp": "neutral"}


def test_an_unknown_reading_is_told_with_its_row(tmp_path):
    with pytest.raises(ValueError, match=r"reading 'p likes q' of a: expected one of neutral, p favor q"):
        read_readings(written(tmp_path, {"id": "a", "reading": "p likes q"}))


def test_a_row_shares_what_it_tells_between_its_label_and_its_reading():
    rows = with_readings([Row(QUESTION, "neutral", "dse", "a-qp"), Row(QUESTION, "favor", "plv", "p")],
                         {"a-qp": "against"})
    assert [row.answers for row in rows] == [("neutral", "against"), ("favor",)]
    assert told(rows[0], 0.6) == pytest.approx((0.0, 0.6, 0.4))
    assert told(rows[1], 0.6) == (1.0, 0.0, 0.0)


def test_another_name_leaves_the_reading():
    import random

    row = Row(QUESTION, "neutral", "dse", "a-qp", "against")
    copies = [rename(row, ["Peru"], random.Random(seed)) for seed in range(5)]
    assert any("Peru" in copy.question.text for copy in copies)
    assert {copy.reading for copy in copies} == {"against"}


def test_the_readings_of_the_project_are_of_the_train_part_alone():
    rows = [json.loads(line) for line in READINGS.read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) > 12_000
    assert all(row["id"].startswith("dse-train-") for row in rows)
    assert {row["reading"] for row in rows} == set(DSE_CLASSES)
