"""From a model's spans to mentions: no stray punctuation or styles at their ends, no name in two pieces."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from schemas.article import Label, Mention

SCORE_DIGITS = 4  # beyond these, processors of different make differ in rounding
LEFT_TRIM = " \t\n\u00a0\"'“”‘’«»([{,.;:!?-–—•*"
RIGHT_TRIM = " \t\n\u00a0\"'“”‘’«»([{,;:!?-–—•*"
AMOUNTS = frozenset({Label.DATE, Label.MONEY})
AFTER_NUMBER = re.compile(r"(?<=\d)\.\Z")
PLACES = frozenset({Label.LOC, Label.FAC})
STYLE = re.compile(r"(?:H ?[EH]|HRH) (?=\S)")  # "H E", "HH": without full stops, for "H. H. Asquith" is a name
SPACES = (" ", "\u00a0")
ORDINAL_GAPS = tuple(f".{space}" for space in SPACES)  # "3. März": the point of an ordinal number
DAY_NUMBER = re.compile(r"\d{1,2}")


def make_mention(text: str, start: int, end: int, label: str, score: float) -> Mention | None:
    """The mention at `[start, end)` less the punctuation around it; None when nothing is left."""
    while start < end and text[start] in LEFT_TRIM:
        start += 1
    while end > start and text[end - 1] in RIGHT_TRIM:
        end -= 1
    opened = text.count("(", start, end) - text.count(")", start, end)
    if end > start and text[end - 1] == ")" and opened < 0:
        end -= 1
    if label in AMOUNTS and AFTER_NUMBER.search(text[start:end]):
        end -= 1
    style = STYLE.match(text, start, end) if label == Label.PERSON else None
    start = style.end() if style else start
    if start >= end:
        return None
    return Mention(text[start:end], start, end, label, round(score, SCORE_DIGITS))


def join_pieces(text: str, mentions: Iterable[Mention]) -> Iterator[Mention]:
    """The mentions, in text order, with one name's two pieces joined: `Kingdom of` + `Guatemala`, `Angel` + `Celis`."""
    held: Mention | None = None
    for mention in mentions:
        if held is not None and _is_one_name(text, held, mention):
            span = text[held.start_char : mention.end_char]
            held = replace(held, text=span, end_char=mention.end_char, score=min(held.score, mention.score))
            continue
        if held is not None:
            yield held
        held = mention
    if held is not None:
        yield held


def drop_doubtful(mentions: Sequence[Mention], min_scores: Mapping[str, float]) -> Iterator[Mention]:
    """The mentions less those under their label's least score, unless the same name passes elsewhere in the text."""
    sure = {(m.label, m.text) for m in mentions if m.score >= min_scores.get(m.label, 0.0)}
    return (mention for mention in mentions if (mention.label, mention.text) in sure)


def _is_one_name(text: str, first: Mention, second: Mention) -> bool:
    between = text[first.end_char : second.start_char]
    if between in ORDINAL_GAPS:
        return first.label == second.label == Label.DATE and DAY_NUMBER.fullmatch(first.text) is not None
    if between not in SPACES:
        return False
    if first.label == second.label == Label.PERSON:  # two bodies so joined cost ORG 0.5 F1 on dev
        return True
    return first.label in PLACES and second.label == Label.LOC and first.text.endswith(" of")
