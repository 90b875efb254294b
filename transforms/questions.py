"""Questions: in which words the stance model is asked about a holder and a target.

A sentence is asked about as it stands, cut around holder and target where it is long. Three things are put otherwise,
so that the model reads what it was taught: a pronoun gives way to the name that it stands for, what stands in quotation
marks is asked about as `Name said: “…”`, without the words around the quotation, and a body that is called by whose it
is (`President Maduro’s government`) is marked with its owner.
"""

import re
from dataclasses import dataclass

from models.stance import Question, Span
from schemas.article import Via

MAX_PASSAGE = 700  # characters around holder and target that the model reads
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w.\-]*"
_OWNER = re.compile(rf"(?:{_CAPITAL}[ \u00a0]){{0,5}}{_CAPITAL}['’]s?[ \u00a0]\Z")
_OWNER_REACH = 90  # characters


@dataclass(frozen=True, slots=True)
class Party:
    """One who may hold a stance or be its target, where it stands in `Article.text`; a pronoun is shown as `name`."""

    entity: int
    start: int
    end: int
    via: Via
    name: str | None = None


def passage(sentence: Span, holder: Span | None, target: Span, text: str) -> Span:
    """The part of a long sentence around holder and target that the model reads, cut at spaces."""
    if sentence[1] - sentence[0] <= MAX_PASSAGE:
        return sentence
    spans = [target] if holder is None else [holder, target]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    spare = max(0, MAX_PASSAGE - (last - first)) // 2
    start, end = max(sentence[0], first - spare), min(sentence[1], last + spare)
    if start > sentence[0]:
        start = min(first, text.find(" ", start, first) + 1 or first)
    if end < sentence[1]:
        end = max(last, text.rfind(" ", last, end))
    return start, end


def ask(text: str, sentence: Span, holder: Party | None, target: Party) -> Question:
    """About a holder (None: the text's own voice) and a target that stand apart in one sentence."""
    where = None if holder is None else (holder.start, holder.end)
    start, end = passage(sentence, where, (target.start, target.end), text)
    spans: dict[bool, Span] = {}
    made = ""
    for party in sorted((party for party in (holder, target) if party is not None), key=lambda party: party.start):
        first = _owner_start(text, party, start)
        made += text[start:first]
        name = party.name or text[first : party.end]
        spans[party is target] = (len(made), len(made) + len(name))
        made += name
        start = party.end
    return Question(made + text[start:end], spans.get(False), spans[True])


def _owner_start(text: str, party: Party, floor: int) -> int:
    """Where a party begins with the owner before it, if it is called by a noun and the owner stands after `floor`."""
    if party.name is not None or not text[party.start].islower():
        return party.start
    owner = _OWNER.search(text, max(floor, party.start - _OWNER_REACH), party.start)
    return owner.start() if owner else party.start


def ask_spoken(text: str, quotation: Span, speaker: str, target: Party) -> Question:
    """About the speaker of a quotation and a target that stands in it."""
    inner = ask(text, quotation, None, target)
    before = f"{speaker} said: "
    moved = (inner.target[0] + len(before), inner.target[1] + len(before))
    return Question(before + inner.text, (0, len(speaker)), moved)
