"""Units: the smallest stretches of text that a tag can apply to.

Word pieces do not respect words (`▁U.S.` is one piece and four words) and words do not respect pieces
(`▁Lou|ren|ço` is one word and three pieces). A unit is the smallest run of characters whose borders are
borders of both, so every span of units has exact character offsets and every unit has a first piece.
Training and inference build units with this same function.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# A word is a run of letters, digits and marks; every other visible character stands alone.
WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*|[^\s]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch `text[start:end]` in code points, and the index of the first piece that covers it."""

    start: int
    end: int
    piece: int


def build_units(text: str, offsets: Sequence[tuple[int, int]]) -> list[Unit]:
    """Units of `text` under a tokenisation whose pieces have these `offsets`; (0, 0) marks a special piece."""
    words = [match.span() for match in WORD.finditer(text)]
    units: list[Unit] = []
    at = 0
    for index, (start, end) in enumerate(offsets):
        while start < end and text[start].isspace():  # Metaspace pieces take in the space before the word
            start += 1
        if start >= end:
            continue
        while at < len(words) and words[at][1] <= start:
            at += 1
        touches = at < len(words) and words[at][0] < end
        if not touches:
            continue
        if units and start < units[-1].end:  # this piece begins inside a word that is already open
            units[-1] = Unit(units[-1].start, max(units[-1].end, _last_word_end(words, at, end)), units[-1].piece)
        else:
            units.append(Unit(words[at][0] if words[at][0] >= start else start, _last_word_end(words, at, end), index))
    return units


def _last_word_end(words: list[tuple[int, int]], at: int, end: int) -> int:
    last = words[at][1]
    while at < len(words) and words[at][0] < end:
        last = words[at][1]
        at += 1
    return last
