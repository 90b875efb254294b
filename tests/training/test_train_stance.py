"""What an epoch of the stance model's training sees."""

import argparse
from collections import Counter

import pytest

pytest.importorskip("torch", reason="training needs the train extra (torch)")
pytest.importorskip("transformers", reason="training needs the train extra (transformers)")


def options(*told):
    from training.train_stance import add_options

    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(["BASE", "DATA", "OUT", "--templates", "0", "--rename", "0", "--label-copies", "1", *told])


def answered(count):
    from models.stance import Question
    from training.stance_data import LABELS, Row

    return [Row(Question(f"A{i} and B{i}", (0, 2), (7, 9)), LABELS[i % 3], "answered", str(i)) for i in range(count)]


def test_an_epoch_sees_a_share_of_the_neutral_answers_and_all_the_others():
    from training.train_stance import Training, draw_epoch

    rows = answered(900)
    all_seen = Counter(row.label for row in draw_epoch(Training([], rows, []), options(), 3))
    seen = Counter(row.label for row in draw_epoch(Training([], rows, []), options("--answered-neutral", "0.4"), 3))
    assert all_seen == {"against": 300, "neutral": 300, "favor": 300}
    assert (seen["favor"], seen["against"]) == (300, 300)
    assert 90 < seen["neutral"] < 150


def test_the_same_seed_draws_the_same_rows_and_another_seed_others():
    from training.train_stance import Training, draw_epoch

    training = Training([], answered(300), [])
    told = options("--answered-share", "0.5")
    first, again, other = (draw_epoch(training, told, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
