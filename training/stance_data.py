"""Stance training rows: marked passages of `stance_unified` and `cameo_st`, and copies of them with other names.

A row is a passage with a target, a holder or none, and one of three labels. NewsMTSC rows have no holder; a tenth of
its source articles, chosen by a hash of their name, is never trained on (`is_held_out`).
"""

import hashlib
import pathlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.stance import Question, Span
from training.jsonl import read_jsonl
from training.ner_data import detokenise
from transforms.questions import passage

LABELS = ("favor", "against", "neutral")
UNIFIED = {"for": "favor", "against": "against", "neutral": "neutral"}
# CAMEO's quad classes (Gerner et al. 2002): 2 material cooperation, 3 verbal and 4 material conflict, 0 statements;
# 1, verbal cooperation, holds meetings beside praise and is left out.
QUADS = {"0": "neutral", "2": "favor", "3": "against", "4": "against"}


@dataclass(frozen=True, slots=True)
class Row:
    """One passage, asked and answered; `reading` is a second answer, of `training.stance_readings`."""

    question: Question
    label: str
    dataset: str
    row_id: str
    reading: str | None = None

    @property
    def answers(self) -> tuple[str, ...]:
        """What was answered: the label, and the reading where there is one."""
        return (self.label,) if self.reading is None else (self.label, self.reading)


def read_unified(file: pathlib.Path) -> Iterator[Row]:
    """Rows of a `stance_unified` file, passages cut to the neighbourhood of holder and target."""
    for row in read_jsonl(file):
        holder, target = row.get("holder"), row["target"]
        question = Question(row["text"], _span(holder), (target["start"], target["end"]))
        yield Row(crop(question), UNIFIED[row["label"]], row.get("dataset", ""), str(row["id"]))


def _span(found: dict[str, int] | None) -> Span | None:
    return None if found is None else (found["start"], found["end"])


def crop(question: Question) -> Question:
    """The question with its text cut around holder and target, as an article's long sentences are."""
    start, end = passage((0, len(question.text)), question.holder, question.target, question.text)
    holder = None if question.holder is None else (question.holder[0] - start, question.holder[1] - start)
    target = (question.target[0] - start, question.target[1] - start)
    return Question(question.text[start:end], holder, target)


def is_held_out(row: Row) -> bool:
    """Whether a NewsMTSC row belongs to the tenth of source articles kept for measuring."""
    if row.dataset != "newsmtsc":
        return False
    return is_in_tenth("_".join(row.row_id.split("_")[:3]))


def is_in_tenth(key: str) -> bool:
    """Whether a key, such as a name or a text, belongs to the tenth of all keys that is kept for measuring."""
    return hashlib.sha256(key.encode()).digest()[0] < 26


def read_cameo(file: pathlib.Path, taken: frozenset[str]) -> Iterator[Row]:
    """Rows of `cameo_st` with one source and one target: as coded, and for conflict the unstated way back as neutral.

    Passages in `taken` (letters only, lower case) are left out: the set shares sentences with PLV.
    """
    for row in read_jsonl(file):
        spans = {kind: _tagged(row["tags"], kind) for kind in "ST"}
        label = QUADS.get(str(row["quad"]))
        text, places = detokenise(row["tokens"])
        if label is None or any(len(found) != 1 for found in spans.values()) or bare(text) in taken:
            continue
        source, target = ((places[s][0], places[e - 1][1]) for ((s, e),) in (spans["S"], spans["T"]))
        yield Row(Question(text, source, target), label, "cameo", str(row["id"]))
        if label == "against":
            yield Row(Question(text, target, source), "neutral", "cameo", f"{row['id']}-back")


def bare(text: str) -> str:
    """Letters alone, in lower case: the same sentence however it is spaced."""
    return "".join(char for char in text.lower() if char.isalpha())


def _tagged(tags: Sequence[str], kind: str) -> list[Span]:
    spans, start = [], None
    for index, tag in enumerate([*tags, "O"]):
        if start is not None and tag != f"I-{kind}":
            spans.append((start, index))
            start = None
        if tag == f"B-{kind}" or (start is None and tag == f"I-{kind}"):
            start = index
    return spans


def name_pool(rows: Sequence[Row]) -> list[str]:
    """Names that holders and targets have in the data: what copies are given instead of their own."""
    spans = {row.question.text[slice(*span)] for row in rows for span in (row.question.holder, row.question.target)
             if span is not None}
    names = (span.removesuffix("'s").removesuffix("’s") for span in spans)
    return sorted({name for name in names if is_name(name)})


def is_name(text: str) -> bool:
    """Whether every word of a span begins with a capital: a name, no noun."""
    words = text.split()
    return 1 <= len(words) <= 4 and all(word[0].isupper() for word in words) and len(text) > 2


def rename(row: Row, names: Sequence[str], chance: random.Random) -> Row:
    """The row with another name for its holder, its target or both, so that a name carries no prejudice."""
    question = row.question
    for role in ("holder", "target"):
        span = getattr(question, role)
        if span is None or chance.random() < 0.3:
            continue
        old = question.text[slice(*span)]
        ending = next((e for e in ("'s", "’s") if old.endswith(e)), "")
        if is_name(old.removesuffix(ending)):
            question = _replace_span(question, role, chance.choice(names) + ending)
    return replace(row, question=question)


def _replace_span(question: Question, role: str, new: str) -> Question:
    start, end = getattr(question, role)
    other_role = "target" if role == "holder" else "holder"
    other = getattr(question, other_role)
    if other is not None and other[0] < end and start < other[1]:
        return question
    moved = len(new) - (end - start)
    if other is not None and other[0] >= end:
        other = (other[0] + moved, other[1] + moved)
    spans = {role: (start, start + len(new)), other_role: other}
    return Question(question.text[:start] + new + question.text[end:], spans["holder"], spans["target"])
