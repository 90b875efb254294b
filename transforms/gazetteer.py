"""The gazetteer: which names stand for which country, and where they are in a text.

The file `gazetteer/gazetteer.json.gz` is built by `training/build_gazetteer.py` (its sources and licences are in
`gazetteer/NOTICES`). A name is looked up by its key: its words without accents and case, one space between. One key can
have several senses (Georgia is a country and a state; Paris is in France and in Texas): which one holds is for the
reader of the context, `transforms/locate.py`, to settle.
"""

import gzip
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

WORD = re.compile(r"\w+")
# Between the words of one name: a space, a hyphen, an apostrophe, a dot after a short word, a comma before an "and".
_GAP = re.compile(r"(?:[ \u00a0\u202f]|[-–‑'’.]|\. |, )")
_LETTERS = str.maketrans(
    {
        "đ": "d",
        "ø": "o",
        "ł": "l",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ə": "a",
        "ʻ": "",
        "ʼ": "",
        "ʿ": "",
        "ʾ": "",
        "ʹ": "",
    }
)
INFLECTING = frozenset({"es", "pt", "fr", "de", "it"})  # languages that write nationality adjectives in small letters


class Kind(StrEnum):
    """What a name is the name of; the value is the letter used in the file."""

    COUNTRY = "C"
    REGION = "R"  # a well-known part of a country, written without it: England, Crimea, Gaza
    DEMONYM = "D"
    CAPITAL = "K"
    CITY = "P"
    SUBDIVISION = "S"
    LEADER = "L"  # the full name of a person who stands for a country
    SURNAME = "N"  # one word that is enough to know a leader by
    GOVERNMENT = "G"  # a government, its seat, a ministry, a parliament
    INSTITUTION = "I"  # other bodies, parties and groups of one country
    BLOC = "B"  # of several countries or of none: never evidence for a country
    MEDIA = "M"  # a publisher's name: its place names are not the story's


class Sense(NamedTuple):
    """One meaning of a name. `code` is ISO 3166-1 alpha-2 (XK for Kosovo), ZZ for blocs.

    `number` is the population in thousands of a city; `canonical` is the key of the body's or person's main name;
    `years` are a leader's (first, last) years in office; `languages` holds where a name is used (empty: all six).
    """

    code: str
    kind: Kind
    number: int = 0
    canonical: str = ""
    years: tuple[tuple[int, int], ...] = ()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A name of the gazetteer in a text, `text[start_char:end_char]`, with all its senses."""

    key: str
    start_char: int
    end_char: int
    senses: tuple[Sense, ...]


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """A word without accents, case and modifier letters: how keys are written."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFKD", folded.translate(_LETTERS))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LETTERS)


def fold_name(name: str) -> str:
    """The key of a name: its folded words with one space between."""
    return " ".join(filter(None, (fold(word) for word in WORD.findall(name))))


class Gazetteer:
    """Names to senses, and publishers' addresses to countries."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._names: dict[str, str] = data["names"]
        self._longest: dict[str, int] = data["longest"]
        self._senses: dict[str, tuple[Sense, ...]] = {}
        self.publishers: dict[str, str] = data["publishers"]
        self.world_publishers = frozenset[str](data["world_publishers"])  # of `publishers`
        self.short_forms: dict[str, str] = data["short_forms"]  # "Ky" to "US"
        self.given, self.words = frozenset[str](data["given"]), frozenset[str](data["words"])
        self.version: str = data["version"]

    def __len__(self) -> int:
        return len(self._names)

    def senses(self, key: str) -> tuple[Sense, ...]:
        """All senses of a key, none if it is unknown. Decoded at the first use."""
        known = self._senses.get(key)
        if known is None:
            packed = self._names.get(key, "")
            known = tuple(_decode(sense) for sense in packed.lstrip("^").split("|") if sense)
            if known:  # unknown keys are not kept: a long run would grow without end
                self._senses[key] = known
        return known

    def lookup(self, name: str, *, language: str = "und") -> tuple[Sense, ...]:
        """The senses of a name as written, in a language."""
        key = fold_name(name)
        if self._names.get(key, "").startswith("^") and not name.isupper():
            return ()
        return _in_language(self.senses(key), language)

    def scan(self, text: str, *, language: str = "und") -> Iterator[Found]:
        """The longest names in a text from left to right, never overlapping; linear in its length.

        A name needs a capital letter, but for nationality adjectives in the languages that write them small; an
        acronym has to be in capitals.
        """
        words = [(match.start(), match.end(), fold(match.group())) for match in WORD.finditer(text)]
        shouting = text.isupper()
        position = 0
        while position < len(words):
            found, length = None, 1
            if words[position][2] in self._longest:
                found, length = self._longest_at(text, words, position, language, shouting)
            if found is not None:
                yield found
            position += length

    def _longest_at(
        self, text: str, words: list[tuple[int, int, str]], position: int, language: str, shouting: bool
    ) -> tuple[Found | None, int]:
        most = _reach(text, words, position, self._longest[words[position][2]])
        for length in range(most, 0, -1):
            key = " ".join(word[2] for word in words[position : position + length])
            packed = self._names.get(key)
            if packed is None:
                continue
            start, end = words[position][0], words[position + length - 1][1]
            senses = self._fitting(key, packed, text[start:end], language, shouting)
            if senses:
                return Found(key, start, end, senses), length
        return None, 1

    def _fitting(self, key: str, packed: str, written: str, language: str, shouting: bool) -> tuple[Sense, ...]:
        if packed.startswith("^") and (shouting or not written.isupper()):
            return ()
        senses = _in_language(self.senses(key), language)
        if any(char.isupper() for char in written):
            return senses
        if language in INFLECTING:
            return tuple(sense for sense in senses if sense.kind is Kind.DEMONYM and sense.languages)
        return ()


def _reach(text: str, words: list[tuple[int, int, str]], position: int, most: int) -> int:
    """How many words from `position` on can belong to one name, by what stands between them."""
    reach = 1
    while reach < most and position + reach < len(words):
        before, after = words[position + reach - 1], words[position + reach]
        gap = text[before[1] : after[0]]
        if not _GAP.fullmatch(gap) or (gap == ". " and before[1] - before[0] > 3):
            break
        reach += 1
    return reach


def _in_language(senses: tuple[Sense, ...], language: str) -> tuple[Sense, ...]:
    if language == "und":
        return senses
    return tuple(sense for sense in senses if not sense.languages or language in sense.languages)


def _decode(packed: str) -> Sense:
    code, kind, payload = packed[:2], Kind(packed[2]), packed[3:]
    if kind in (Kind.CITY, Kind.CAPITAL):
        number, _, languages = payload.partition(":")
        return Sense(code, kind, number=int(number or 0), languages=frozenset(languages.split()))
    if kind in (Kind.LEADER, Kind.SURNAME):
        canonical, _, years = payload.partition(":")
        return Sense(code, kind, canonical=canonical, years=tuple(_span(span) for span in years.split()))
    if kind in (Kind.COUNTRY, Kind.REGION, Kind.DEMONYM):
        return Sense(code, kind, languages=frozenset(payload.split()))
    return Sense(code, kind, canonical=payload)


def _span(years: str) -> tuple[int, int]:
    first, _, last = years.partition("-")
    return int(first), int(last or 9999)


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """The bundled gazetteer, read at the first call."""
    packed = files("transforms").joinpath("gazetteer/gazetteer.json.gz").read_bytes()
    return Gazetteer(json.loads(gzip.decompress(packed)))
