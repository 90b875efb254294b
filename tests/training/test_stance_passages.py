import json
from collections import Counter
from pathlib import Path

import pytest

from training.stance_data import is_in_tenth
from training.stance_passages import PASSAGES, read_passages, stances_of, unmark


def answers_of(tmp_path: Path, text: str, stances: list[str]) -> dict[tuple[str | None, str], str]:
    file = tmp_path / "passages.jsonl"
    file.write_text(json.dumps({"text": text, "stances": stances}), encoding="utf-8")
    rows = read_passages("dev" if is_in_tenth(text) else "train", file)
    return {
        (row.question.holder and row.question.text[slice(*row.question.holder)],
         row.question.text[slice(*row.question.target)]): row.label
        for row in rows
    }  # fmt: skip


def test_every_ordered_pair_is_asked_and_the_untold_are_neutral(tmp_path: Path) -> None:
    text = "[1|Ada Bo] called the inquiry of [2|the Senate] into [3|Sid Ray] a stunt."
    assert unmark(text)[0] == "Ada Bo called the inquiry of the Senate into Sid Ray a stunt."
    assert answers_of(tmp_path, text, ["1>2 against", "1>3 favor", "2>3 ?"]) == {
        ("Ada Bo", "the Senate"): "against",
        ("Ada Bo", "Sid Ray"): "favor",
        ("the Senate", "Ada Bo"): "neutral",
        ("Sid Ray", "Ada Bo"): "neutral",
        ("Sid Ray", "the Senate"): "neutral",
    }


def test_holder_nought_is_the_passage_itself(tmp_path: Path) -> None:
    told = answers_of(tmp_path, "Shameless as ever, [1|Bo] lied to [2|Parliament].", ["0>1 against"])
    assert told[None, "Bo"] == "against"
    assert (None, "Parliament") not in told


@pytest.mark.parametrize("stance", ["1>3 favor", "3>1 favor", "1>1 favor", "1>2 good", "1-2 favor"])
def test_a_stance_that_cannot_be_read_says_what_came(stance: str) -> None:
    with pytest.raises(ValueError, match=f"stance '{stance}': expected"):
        stances_of([stance], {"1": (0, 2), "2": (3, 5)})


def test_the_passages_of_the_project_can_be_read_and_none_is_in_both_parts() -> None:
    parts = {part: read_passages(part) for part in ("train", "dev")}
    assert not {row.question.text for row in parts["train"]} & {row.question.text for row in parts["dev"]}
    labels = Counter(row.label for rows in parts.values() for row in rows)
    assert min(labels.values()) > 500
    texts = [unmark(json.loads(line)["text"])[0] for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    assert len(set(texts)) == len(texts)
    assert not any(mark in text for text in texts for mark in "[]|")
