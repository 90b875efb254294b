"""Bodies named by a noun: "the Venezuelan government", "Maduro's government", "the Ministry of Defence", "the court".

The model marks names only; these phrases are found in the text itself. A phrase has an owner (a country, or a person
for a government) or is definite: then it refers to a body that the article names elsewhere. Linear in the text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from transforms.body_words import (
    ARTICLES,
    LOOSE_WORDS,
    OF,
    POSSESSIVES,
    STOPS,
    TELLING_WORDS,
    THINGS_OF_GOVERNMENT,
    TOPIC_SPELLINGS,
    BodyKind,
    BodyNoun,
    body_nouns,
)
from transforms.gazetteer import WORD, Found, Gazetteer, Kind, Sense, fold
from transforms.roles import CAPITAL_AFTER
from transforms.tokens import Token, Tokens

WORDS_BETWEEN = 4
TELLING_CITY = 100  # thousands of people: a smaller one counts where the article as a whole speaks for its country
OWN_NAMES = frozenset((BodyKind.OTHER, BodyKind.PARTY))  # whose names stand without their country
_ELIDED = re.compile(r"\b[ldLD]['’]\Z")
_OWNER_KINDS = (Kind.COUNTRY, Kind.REGION, Kind.DEMONYM, Kind.CAPITAL)
_PLACE_KINDS = (Kind.CITY, Kind.SUBDIVISION)
_BODY_KINDS = (Kind.BLOC, Kind.GOVERNMENT, Kind.INSTITUTION, Kind.MEDIA)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a body or an office is: a country by its code (a part of one with its name: "GB scotland"), or a person."""

    country: str = ""
    person: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BodyPhrase:
    """`text[start_char:end_char]` stands for a body. `topic` holds the words that tell it from others of its kind."""

    start_char: int
    end_char: int
    noun_start: int
    kind: BodyKind
    noun: str
    topic: tuple[str, ...]
    owner: Owner | None  # None: definite, it refers to a body named elsewhere


class Places:
    """The gazetteer's names in a text by where they begin and end, each with the country that it stands for."""

    def __init__(self, founds: Iterable[Found], settled: Mapping[int, str]) -> None:
        self.founds = tuple(founds)
        self._settled = settled
        self._ends = {found.end_char: found for found in self.founds}
        self._starts = {found.start_char: found for found in self.founds}
        self._bodies = [f for f in self.founds if any(sense.kind in _BODY_KINDS for sense in f.senses)]
        #: The countries that something other than a leader's name may speak for.
        self.codes = frozenset(sense.code for found in self.founds for sense in found.senses if not is_leader(sense))

    def ending(self, position: int) -> Found | None:
        """The name that ends here."""
        return self._ends.get(position)

    def starting(self, position: int) -> Found | None:
        """The name that begins here."""
        return self._starts.get(position)

    def body_over(self, start: int, end: int) -> Found | None:
        """The known body whose name covers this stretch."""
        return next((f for f in self._bodies if f.start_char <= start and end <= f.end_char), None)

    def owner(self, found: Found, *, local: bool = False) -> Owner | None:
        """The country (or part of one) that a name makes an owner; with `local`, cities and provinces besides."""
        sense = self.settle(found)
        if sense is None:
            return self._local_owner(found) if local else None
        return Owner(f"{sense.code} {found.key}" if sense.kind is Kind.REGION else sense.code)

    def _local_owner(self, found: Found) -> Owner | None:
        local = [sense for sense in found.senses if sense.kind in _PLACE_KINDS]
        codes = {sense.code for sense in local}
        told = len(codes) == 1 and any(s.kind is Kind.SUBDIVISION or s.number >= TELLING_CITY for s in local)
        code = codes.pop() if told else self._settled.get(found.start_char)  # "Federal" is a town, in Argentina
        return Owner(f"{code} {found.key}") if code else None

    def settle(self, found: Found) -> Sense | None:
        """The sense of a name with several: the only country's, or the one that the article speaks for."""
        national = [sense for sense in found.senses if sense.kind in _OWNER_KINDS]
        local = [sense for sense in found.senses if sense.kind in _PLACE_KINDS]
        if national and len({sense.code for sense in (*national, *local)}) == 1:
            return min(national, key=lambda sense: _OWNER_KINDS.index(sense.kind))
        code = self._settled.get(found.start_char)
        fitting = [sense for sense in national if sense.code == code]
        if fitting and national[0].kind is not Kind.CAPITAL:
            return fitting[0]
        capitals = [sense for sense in national if sense.kind is Kind.CAPITAL]
        return capitals[0] if len(national) == len(capitals) == 1 and code in (None, capitals[0].code) else None


def find_bodies(
    tokens: Tokens, places: Places, gazetteer: Gazetteer, language: str, surnames: frozenset[str]
) -> list[BodyPhrase]:
    """The phrases of a text that stand for bodies, in text order, never overlapping."""
    lexicon = _lexicon(language)
    text = tokens.text
    reader = _Reader(tokens, places, gazetteer, lexicon, surnames)
    found: list[BodyPhrase] = []
    for match in WORD.finditer(text):
        noun = fold(match.group())
        if noun not in lexicon.nouns or _is_hyphened(text, match):
            continue
        phrase = reader.read(match, noun)
        if phrase is not None and (not found or found[-1].end_char <= phrase.start_char):
            found.append(phrase)
    return found


@dataclass(frozen=True, slots=True)
class _Lexicon:
    nouns: dict[str, BodyNoun]
    articles: frozenset[str]
    possessives: frozenset[str]
    of: re.Pattern[str]
    topic: re.Pattern[str]
    english: bool


@lru_cache(maxsize=8)
def _lexicon(language: str) -> _Lexicon:
    key = language if language in OF else "en"
    of = "|".join(OF[key].split())
    articles = "|".join(ARTICLES[key].split())
    capital = r"[A-ZÀ-ÖØ-Þ][\w'’\-]*"
    some = rf"{capital}(?:[ \u00a0]{capital}){{0,2}}"
    conjunctions = "and|y|e|et|und"
    small = rf"(?:{of}|{articles}|{conjunctions}|for|für)"
    return _Lexicon(
        body_nouns(key),
        frozenset(ARTICLES[key].split()),
        frozenset(POSSESSIVES[key].split()),
        re.compile(rf"[ \u00a0](?:{of})[ \u00a0](?:(?:{articles})[ \u00a0])?|[ \u00a0]d['’]"),
        re.compile(rf"(?:[ \u00a0](?:of|for|{of})(?:[ \u00a0](?:{articles}))?)?[ \u00a0]{capital}"
                   rf"(?:[ \u00a0](?:{small}[ \u00a0]){{0,2}}{capital}){{0,5}}"
                   rf"(?:(?:,[ \u00a0]{some}){{1,3}},?[ \u00a0](?:{conjunctions})[ \u00a0]{some})?"),
        key == "en",
    )


def _is_hyphened(text: str, match: re.Match[str]) -> bool:
    return text[match.start() - 1 : match.start()] == "-" or text[match.end() : match.end() + 1] == "-"


class _Reader:
    """Reads one phrase around a noun."""

    def __init__(self, tokens: Tokens, places: Places, gazetteer: Gazetteer, lexicon: _Lexicon,
                 surnames: frozenset[str]) -> None:
        self.tokens, self.text, self.places, self.gazetteer = tokens, tokens.text, places, gazetteer
        self.lexicon, self.surnames = lexicon, surnames

    def read(self, match: re.Match[str], noun: str) -> BodyPhrase | None:
        """The phrase around the noun `match`, or None where it stands for no certain body."""
        entry = self.lexicon.nouns[noun]
        if self.lexicon.english and self._is_adjective(match, entry.kind):
            return None
        if entry.kind is not BodyKind.GOVERNMENT and self.places.body_over(match.start(), match.end()):
            return None
        left = _Left(self, match.start(), entry.kind)
        end, right_owner, right_topic = self._read_right(match.end(), entry.kind, match.group()[0].isupper())
        owner = left.owner or right_owner
        bare = entry.kind is BodyKind.POLICE and not left.definite and not left.words and match.group().islower()
        if owner is None and not (bare or (left.definite and not entry.needs_owner)):
            return None
        if owner is not None and owner.person and entry.kind is not BodyKind.GOVERNMENT:
            return None
        if entry.kind is BodyKind.OTHER and owner is not None and not owner.country:
            return None
        topic = _topic((*left.words, *right_topic), entry.kind)
        start = left.start if left.owner or right_owner is None else self._without_article(left, match.start())
        if owner is None and entry.kind is BodyKind.GOVERNMENT and topic:
            return None
        return BodyPhrase(start, end, match.start(), entry.kind, noun, topic, owner)

    def _is_adjective(self, match: re.Match[str], kind: BodyKind) -> bool:
        """In "the government shutdown" and "the opposition National Party" the noun says what kind of thing it is."""
        if kind is BodyKind.OPPOSITION:
            return match.group().islower() and CAPITAL_AFTER.match(self.text, match.end()) is not None
        return kind is BodyKind.GOVERNMENT and self._is_of_a_thing(match.end())

    def _is_of_a_thing(self, end: int) -> bool:
        after = WORD.match(self.text, end + 1) if self.text[end : end + 1] in (" ", "\u00a0") else None
        return after is not None and fold(after.group()) in THINGS_OF_GOVERNMENT

    def _without_article(self, left: "_Left", noun_start: int) -> int:
        if not left.definite:
            return noun_start
        first = WORD.search(self.text, left.start)
        return left.start if first is None else WORD.search(self.text, first.end()).start()  # type: ignore[union-attr]

    def _read_right(self, end: int, kind: BodyKind, capital: bool) -> tuple[int, Owner | None, tuple[str, ...]]:
        """Where the phrase ends, and the owner and topic after the noun."""
        found = None if self.lexicon.english else self.places.starting(end + 1)
        if found and any(sense.kind is Kind.DEMONYM for sense in found.senses):
            return found.end_char, self.places.owner(found), ()
        if kind is BodyKind.MINISTRY and capital and (match := self.lexicon.topic.match(self.text, end)):
            return self._read_topic(end, match)
        of = self.lexicon.of.match(self.text, end)
        if of and (found := self.places.starting(of.end())) and (owner := self.places.owner(found)):
            return found.end_char, owner, ()
        return end, None, ()

    def _read_topic(self, end: int, match: re.Match[str]) -> tuple[int, Owner | None, tuple[str, ...]]:
        """The topic of "Ministry of Foreign Affairs of Venezuela", and the country at its end."""
        stop = match.end()
        last = next((f for f in self.places.founds if end < f.start_char and f.end_char == stop), None)
        owner = self.places.owner(last) if last else None
        words = tuple(WORD.findall(self.text[end : last.start_char if last else stop]))
        if owner is None:
            after = self.lexicon.of.match(self.text, stop)
            found = self.places.starting(after.end()) if after else None
            if found is not None and (owner := self.places.owner(found)):
                stop = found.end_char
        return stop, owner, words


class _Left:
    """What stands before a noun: its owner or article, and the words between."""

    def __init__(self, reader: _Reader, noun_start: int, kind: BodyKind) -> None:
        self.start = noun_start
        self.owner: Owner | None = None
        self.definite = False
        self.words: tuple[str, ...] = ()
        self._walk(reader, noun_start, kind)
        if self.owner is None and not self.definite:
            self.start = noun_start

    def _walk(self, reader: _Reader, position: int, kind: BodyKind) -> None:
        words: list[str] = []
        for step in range(WORDS_BETWEEN + 1):
            elided = _ELIDED.search(reader.text, max(0, position - 2), position)
            if elided and not reader.lexicon.english:
                self._set(elided.start() if step == 0 else position, words, definite=True)
                return
            token = reader.tokens.before(position)
            if token is None or token.ends_sentence or self._own(reader, token, kind, words, step):
                return
            if token.folded in STOPS or token.possessive or step == WORDS_BETWEEN:
                return
            words.insert(0, token.word)
            self.start = position = token.start_char

    def _own(self, reader: _Reader, token: Token, kind: BodyKind, words: list[str], step: int) -> bool:
        """Whether this word ends the phrase: an owner, an article, a possessive, or something that forbids it."""
        found = reader.places.ending(token.end_char)
        folded = token.folded
        if found is not None and not _is_person(found):
            self.owner = reader.places.owner(found)
            apart = kind in OWN_NAMES and token.possessive and words
            self._set(self.start if apart else found.start_char, words, definite=False)
            return True
        if folded in reader.lexicon.articles or folded in reader.lexicon.possessives:
            self._set(token.start_char, words, definite=True)
            return True
        if token.possessive and folded in ("country", "nation"):
            self._set(token.start_char, words, definite=True)
            return True
        if kind is BodyKind.GOVERNMENT and token.is_capitalised and (token.possessive or step == 0):
            return self._own_by_person(reader, token, words)
        return False

    def _own_by_person(self, reader: _Reader, token: Token, words: list[str]) -> bool:
        """ "Maduro's government", "the Maduro government"; after a full name the phrase is the noun alone."""
        name = token.folded
        known = name in reader.surnames or any(s.kind is Kind.SURNAME for s in reader.gazetteer.senses(name))
        if not token.possessive and not known:
            return False
        before = reader.tokens.before(token.start_char)
        single = before is None or not before.is_capitalised or before.folded in reader.lexicon.articles
        self.owner = Owner(person=(name,))
        if single:
            self._set(token.start_char, words, definite=False)
        return True

    def _set(self, start: int, words: list[str], *, definite: bool) -> None:
        self.start, self.words, self.definite = start, tuple(words), definite


def is_leader(sense: Sense) -> bool:
    """Whether a sense of a name is a person."""
    return sense.kind in (Kind.LEADER, Kind.SURNAME)


def _is_person(found: Found) -> bool:
    return all(map(is_leader, found.senses))


def _topic(words: tuple[str, ...], kind: BodyKind) -> tuple[str, ...]:
    """The words that tell a body from another: all of a ministry's, of others the capitalised and the telling ones."""
    telling = (
        fold(word) for word in words if kind is BodyKind.MINISTRY or word[:1].isupper() or fold(word) in TELLING_WORDS
    )
    return tuple(sorted({TOPIC_SPELLINGS.get(word, word) for word in telling if word not in LOOSE_WORDS}))
