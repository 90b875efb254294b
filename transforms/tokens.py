"""The words of a text, each found in one step by where it ends: for reading phrases from right to left."""

import re
from dataclasses import dataclass

from transforms.gazetteer import fold

# A word with hyphens or dots inside (U.S., ex-minister, O'Brien), and the possessive after it.
_TOKEN = re.compile(r"([^\W_]+(?:[.\-][^\W_]+|['’][A-ZÀ-ÖØ-Þ]\w+)*)(\.(?=[ \u00a0]\S))?(['’]s?(?![^\W_]))?")
_ABBREVIATION = re.compile(r"\w{1,4}|(?:\w\.)+\w")
_GAPS = (" ", "\u00a0")


@dataclass(frozen=True, slots=True)
class Token:
    """`text[start_char:end_char]` is the word without its possessive and without a full stop that ends a sentence."""

    start_char: int
    end_char: int
    word: str
    possessive: bool
    ends_sentence: bool

    @property
    def folded(self) -> str:
        """The word without accents and capitals."""
        return fold(self.word)

    @property
    def is_capitalised(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.word[0].isupper()


class Tokens:
    """All words of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._by_end = {match.end(): match for match in _TOKEN.finditer(text)}

    def before(self, position: int, *, comma: bool = False) -> Token | None:
        """The word one space before a position (with `comma`, one may stand between); None where there is none."""
        if self.text[position - 1 : position] not in _GAPS or position < 2:
            return None
        end = position - 1
        if comma and self.text[end - 1] == ",":
            end -= 1
        match = self._by_end.get(end)
        if match is None:
            return None
        stop = match.group(2) is not None and _ABBREVIATION.fullmatch(match.group(1)) is None
        return Token(match.start(), match.end(1), match.group(1), match.group(3) is not None, stop)
