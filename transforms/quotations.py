"""Quotations: what stands between quotation marks, and whether a place of the text does."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from models.stance import Span

PAIRS = {"“": "”\"", "„": "“”", "«": "»", '"': '"', "‹": "›", "‘": "’"}
FEWEST_WORDS = 5  # of a quotation that says something; fewer are a name or a word in doubt
_CLOSES = re.compile(r"[.,!?…;—–-]’(?!\w)")  # British: an apostrophe alone closes nothing
_REACH = 2000  # characters to look for what closes an apostrophe's twin
_OPENS = re.compile(r"(?:^|[\s(\[—–:-])\Z")


class Quotations:
    """The quotations of a text, in order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = find_quotations(text)
        self._starts = [start for start, _ in self._spans]

    def hold(self, place: int) -> bool:
        """Whether a character stands in a quotation."""
        return self._around(place) is not None

    def speak(self, place: int) -> bool:
        """Whether a character stands in a quotation that says something."""
        around = self._around(place)
        return around is not None and self.says(around)

    def _around(self, place: int) -> Span | None:
        at = bisect_left(self._starts, place + 1) - 1
        return self._spans[at] if at >= 0 and place < self._spans[at][1] else None

    def says(self, quotation: Span) -> bool:
        """Whether a quotation is long enough to be what somebody says."""
        return len(self._text[slice(*quotation)].split()) >= FEWEST_WORDS

    def of(self, sentence: Span) -> Iterator[Span]:
        """The quotations, whole and without their marks, of which some part stands in a sentence."""
        for at in range(max(0, bisect_left(self._starts, sentence[0]) - 1), len(self._spans)):
            start, end = self._spans[at]
            if start >= sentence[1]:
                return
            if end > sentence[0]:
                yield start, end


@lru_cache(maxsize=8)
def quotations_of(text: str) -> Quotations:
    """The quotations of an article's text, found once."""
    return Quotations(text)


def find_quotations(text: str) -> list[Span]:
    """(start, end) of what stands between quotation marks; a mark that nothing closes holds to its line's end."""
    found: list[Span] = []
    opened, closing = -1, ""
    for place, char in enumerate(text):
        if opened >= 0 and (char == "\n" or _closes(text, place, char, closing)):
            found.append((opened, place))
            opened = -1
        elif opened < 0 and char in PAIRS and _opens(text, place, char):
            opened, closing = place + 1, PAIRS[char]
    if opened >= 0:
        found.append((opened, len(text)))
    return found


def _opens(text: str, place: int, char: str) -> bool:
    """Whether a mark opens a quotation: one that is its own closing mark, or an apostrophe's twin, not after a word."""
    if char not in "\"‘":
        return True
    if not _OPENS.search(text[max(0, place - 1) : place]):
        return False
    if char == '"':
        return True
    end = text.find("\n", place, place + _REACH)
    return _CLOSES.search(text, place + 1, place + _REACH if end < 0 else end) is not None


def _closes(text: str, place: int, char: str, closing: str) -> bool:
    if char not in closing:
        return False
    return char != "’" or _CLOSES.match(text, place - 1) is not None
