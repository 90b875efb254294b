"""Stance training rows: spans survive cropping and renaming, and made sentences say what their label says."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.stance import Question, Verdict
from training.calibrate_stance import calibration_error, find_threshold, fit_temperature
from training.evaluate_stance import five_classes, report_of
from training.stance_data import Row, crop, is_held_out, is_name, rename
from training.stance_templates import make_rows

np = pytest.importorskip("numpy")


@given(st.integers(0, 900), st.integers(0, 900), st.integers(1, 12), st.integers(1, 12))
def test_a_cropped_question_asks_about_the_same_words(first, second, wide, long):
    text = " ".join(f"w{i}" for i in range(300))[:1000]
    holder, target = (first, first + wide), (second, second + long)
    cut = crop(Question(text, holder, target))
    assert cut.text[slice(*cut.holder)] == text[slice(*holder)]
    assert cut.text[slice(*cut.target)] == text[slice(*target)]
    assert cut.text in text


def test_a_renamed_row_marks_the_new_names():
    row = Row(Question("Peru's army attacked Chile today.", (0, 6), (21, 26)), "against", "x", "1")
    for seed in range(20):
        new = rename(row, ["Ann Lee", "the OAS"], random.Random(seed)).question
        assert new.text[slice(*new.holder)] in ("Peru's", "Ann Lee's", "the OAS's")
        assert new.text[slice(*new.target)] in ("Chile", "Ann Lee", "the OAS")
        assert new.text.endswith(" today.")


def test_nouns_are_no_names():
    assert is_name("Angela Merkel")
    assert not is_name("the majority")


def test_templates_mark_different_spans_and_are_the_same_for_a_seed():
    rows = list(make_rows(400, ["Ann Lee", "Bo Chen"], 3))
    assert rows == list(make_rows(400, ["Ann Lee", "Bo Chen"], 3))
    assert {row.label for row in rows} == {"favor", "against", "neutral"}
    for row in rows:
        question = row.question
        assert "{" not in question.text
        assert question.holder[1] <= question.target[0] or question.target[1] <= question.holder[0]


def test_who_attacks_a_harm_or_welcomes_a_good_is_in_favor_and_the_other_way_round():
    rows = [row for row in make_rows(4000, ["Ann Lee", "Bo Chen"], 4) if row.label != "neutral"]
    for words, label in (("condemned the jailing of", "favor"), ("condemned the release of", "against"),
                         ("welcomed the jailing of", "against"), ("welcomed the release of", "favor")):
        found = {row.label for row in rows if row.question.text[row.question.holder[1] :].strip().startswith(words)}
        assert found <= {label}
    assert {row.label for row in rows if " the jailing of " in row.question.text} == {"favor", "against"}


def test_a_tenth_of_the_source_articles_is_held_out_whole():
    def row(row_id):
        return Row(Question("Peru", None, (0, 4)), "neutral", "newsmtsc", row_id)

    held = [is_held_out(row(f"polusa_v1_{i}_-1_4_Peru")) for i in range(2000)]
    assert 0.07 < sum(held) / 2000 < 0.13
    assert all(is_held_out(row(f"polusa_v1_{i}_9_9_Chile")) == held[i] for i in range(50))
    assert not is_held_out(Row(Question("Peru", None, (0, 4)), "neutral", "dse", "dse_1_2"))


def test_five_classes_come_from_both_directions():
    sure, none = Verdict(0.0, 0.9, 0.1), Verdict(0.05, 0.05, 0.9)
    assert five_classes(sure, none) == "p against q"
    assert five_classes(none, sure) == "q against p"
    assert five_classes(none, none) == "neutral"


def test_reports_count_as_scikit_learn_does():
    report = report_of([("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")], ("a", "b", "c"))
    assert report["accuracy"] == 0.5
    assert report["macro_f1"] == pytest.approx((0.5 + 2 / 3 + 0) / 3)
    assert report["confusion"]["a"] == {"a": 1, "b": 1, "c": 0}


def test_scaling_finds_the_temperature_that_was_put_in():
    chance = np.random.default_rng(0)
    truth = chance.normal(size=(4000, 3)) * 1.5
    shares = np.exp(truth) / np.exp(truth).sum(1, keepdims=True)
    labels = [int(chance.choice(3, p=row)) for row in shares]
    assert fit_temperature(truth * 2, labels) == pytest.approx(2, rel=0.15)


def test_the_threshold_is_the_lowest_that_is_precise_enough():
    verdicts = [Verdict(p, 0.0, 1 - p) for p in (0.55, 0.6, 0.7, 0.8)]
    labels = ["neutral", "neutral", "favor", "favor"]
    assert find_threshold(verdicts, labels, 0.99, "favor") == pytest.approx(0.61)
    assert find_threshold(verdicts, labels, 0.6, "favor") == pytest.approx(0.56)
    assert calibration_error([Verdict(1.0, 0.0, 0.0)] * 4, ["favor"] * 3 + ["neutral"]) == pytest.approx(0.25)
