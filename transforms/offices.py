"""Offices: who is introduced with which title ("X, the prime minister"), and where a title stands for a person.

A title alone ("the Slovak prime minister", "the archbishop") refers to a person only where the article says who: by an
introduction, or, with a country, by naming one leader of that country who was in office.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.article import Mention
from transforms.body_words import ARTICLES, OF, POSSESSIVES, STOPS
from transforms.gazetteer import WORD, Kind, fold
from transforms.nominals import Owner, Places
from transforms.office_words import CHANGING, leading_nouns, office_nouns, plain_words, state_nouns
from transforms.titles import HONORIFICS
from transforms.tokens import Token, Tokens

MOST_WORDS = 8
INHABITANTS = frozenset("man woman resident native teenager student farmer businessman businesswoman".split())
# A word of these before the noun says that a clause goes on: ", said that the president", no apposition.
CLAUSE_WORDS = frozenset(
    "said says say told tells asked added called calls urged to that which will would could may but is are was were be "
    "been has have had do does did on at by with from after before as than".split()
)
TITLE_STOPS = frozenset(("of", "and", "state", "former"))
_APPOSITION = re.compile(
    r"(?:, (?:who (?:is|was|has been|became|serves as|served as) )?| (?:is|was|became|remains|serves as|served as) "
    r"|, (?:el|la|o|a|le|der|die) )([^,.;:()\n]{3,90})"
)
_INTO_OFFICE = re.compile(
    r" (?:was |has been |had been )?(?:re-?elected|elected|sworn in|appointed|named|chosen)(?: as)? ([^,.;:()\n]{3,60})"
)
_OF_COUNTRY = re.compile(r" of (?:the )?")
_WORD_AFTER = re.compile(r"[ \u00a0](?:and[ \u00a0])?([A-ZÀ-ÖØ-Þ][\w.'’-]*)|, ([A-ZÀ-ÖØ-Þ][\w.'’-]*)")


@dataclass(frozen=True, slots=True)
class Title:
    """An office as words ({prime, minister}), with the country or body part that it is an office of."""

    words: frozenset[str]
    noun: str
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class OfficePhrase:
    """`text[start_char:end_char]` is a title that stands for somebody."""

    start_char: int
    end_char: int
    title: Title


class OfficeReader:
    """Finds titles in one text."""

    def __init__(self, tokens: Tokens, places: Places, language: str) -> None:
        self.tokens, self.text, self.places, self.language = tokens, tokens.text, places, language
        self.nouns = office_nouns(language)
        key = language if language in OF else "en"
        self.articles = frozenset(ARTICLES[key].split()) | {"the"}
        self.possessives = frozenset(POSSESSIVES[key].split())
        self.of = re.compile(rf"[ \u00a0](?:of|{'|'.join(OF[key].split())})[ \u00a0](?:the[ \u00a0])?")

    def introductions(self, mention: Mention, next_person: int) -> list[Title]:
        """The titles that stand around one mention of a person; `next_person` is where the next such mention begins."""
        titles = [self._before(mention.start_char)]
        for pattern in (_APPOSITION, _INTO_OFFICE):
            match = pattern.match(self.text, mention.end_char)
            if match is not None and match.end() <= next_person:
                titles.append(self._in_phrase(match.start(1), match.end(1)))
        of = _OF_COUNTRY.match(self.text, mention.end_char)
        found = self.places.starting(of.end()) if of else None
        if found is not None and (owner := self.places.owner(found, local=True)):
            titles.append(Title(frozenset(), "", owner))
        return [title for title in titles if title is not None]

    def _before(self, position: int) -> Title | None:
        """The title before a name: "Slovak Prime Minister X", "Minister of Defence X", "the prime minister, X"."""
        tokens: list[Token] = []
        start = position
        while len(tokens) < MOST_WORDS:
            token = self.tokens.before(start, comma=not tokens)
            if token is None or token.ends_sentence or (token.folded in STOPS and token.folded not in TITLE_STOPS):
                break
            tokens.insert(0, token)
            start = token.start_char
        if len(tokens) > 1 and tokens[-1].folded in INHABITANTS:  # "Ohio man X"
            place = self.places.ending(tokens[-2].end_char)
            if place is not None and (owner := self.places.owner(place, local=True)):
                return Title(frozenset(), "", owner)
        return self._in_phrase(tokens[0].start_char, tokens[-1].end_char, last=True) if tokens else None

    def _in_phrase(self, start: int, end: int, *, last: bool = False) -> Title | None:
        """The office named in a stretch: its noun, the words around it, its owner before or after.

        With `last`, the noun (or what it is of) must end the stretch, as it does right before a name.
        """
        words = [(m.start(), m.end(), fold(m.group())) for m in WORD.finditer(self.text, start, end)]
        places = [i for i, (_, _, word) in enumerate(words) if word in self.nouns]
        if not places:
            return self._nationality(words, last=last)
        at = places[-1] if last else places[0]
        while not last and at + 1 in places:  # "general secretary", "chief inspector"
            at += 1
        after = [word for _, _, word in words[at + 1 :]]
        if not last and not CLAUSE_WORDS.isdisjoint(word for _, _, word in words[:at]):
            return None
        if last and after and after[0] not in ("of", "for", "elect") and not HONORIFICS.issuperset(after):
            return None
        owner, begin = self._owner_before([words[i] for i in range(at + 1)])
        owner = owner or self._owner_after(words[at][1])
        told = tuple(word for _, _, word in words[begin : at + 1])
        of = tuple(after[1:4]) if after[:1] == ["of"] and owner is None else ()
        return Title(plain_words((*told, *of)), words[at][2], owner)

    def _nationality(self, words: Sequence[tuple[int, int, str]], *, last: bool) -> Title | None:
        """ "Kenyan runner X", "X, a Libyan refugee": no office, but a country to belong to."""
        for index, (_, end, word) in enumerate(words[:6]):
            found = self.places.ending(end)
            if found is not None and any(sense.kind is Kind.DEMONYM for sense in found.senses):
                between = self.text[end : words[-1][1]] if last else ""
                owner = self.places.owner(found) if between.islower() or not last else None
                return Title(frozenset(), "", owner) if owner else None
            if not last and word not in ("a", "an", "the", "former") and index > 1:
                return None
        return None

    def _owner_before(self, words: Sequence[tuple[int, int, str]]) -> tuple[Owner | None, int]:
        """The country before an office and where its own words begin (three before the noun at most)."""
        for index in range(len(words) - 2, -1, -1):
            found = self.places.ending(words[index][1])
            if found is not None and (owner := self.places.owner(found, local=True)):
                return owner, index + 1
            if words[index][2] == "s":
                continue
            if words[index][2] in STOPS or words[index][2] in self.articles:
                return None, index + 1
        return None, max(0, len(words) - 4)

    def _owner_after(self, noun_end: int) -> Owner | None:
        of = self.of.match(self.text, noun_end)
        found = self.places.starting(of.end()) if of else None
        if found is None and self.text[noun_end : noun_end + 1] == " ":
            found = self.places.starting(noun_end + 1)  # "el presidente venezolano"
            if found and not any(sense.kind is Kind.DEMONYM for sense in found.senses):
                found = None
        return self.places.owner(found, local=True) if found else None

    def phrases(self) -> list[OfficePhrase]:
        """Titles with an article or an owner and no name beside them: "the president", "Slovakia's prime minister"."""
        found: list[OfficePhrase] = []
        for match in WORD.finditer(self.text):
            noun = fold(match.group())
            phrase = self._phrase(match.start(), match.end(), noun) if noun in self.nouns else None
            if phrase is not None and (not found or found[-1].end_char <= phrase.start_char):
                found.append(phrase)
        return found

    def _phrase(self, start: int, end: int, noun: str) -> OfficePhrase | None:
        after = _WORD_AFTER.match(self.text, end)
        if self.text[end : end + 1] == "-" or (after and after.group(1)):
            return None
        words: list[str] = []
        position = start
        for _ in range(4):
            token = self.tokens.before(position)
            if token is None or token.ends_sentence:
                return None
            place = self.places.ending(token.end_char)
            if place is not None and (owner := self.places.owner(place, local=True)):
                return self._make(place.start_char, end, words, noun, owner)
            if token.folded in self.articles:
                return self._definite(token.start_char, end, words, noun)
            if token.folded in STOPS or token.folded in self.possessives or token.possessive:
                return None
            words.insert(0, token.folded)
            position = token.start_char
        return None

    def _definite(self, start: int, end: int, words: list[str], noun: str) -> OfficePhrase | None:
        owner = self._owner_after(end)
        if owner is None and self.of.match(self.text, end):
            return None  # of a company, of a committee: not the one that was introduced, or not surely
        return self._make(start, end, words, noun, owner)

    def _make(self, start: int, end: int, words: list[str], noun: str, owner: Owner | None) -> OfficePhrase:
        return OfficePhrase(start, end, Title(plain_words((*words, noun)), noun, owner))


def choose_person(
    phrase: OfficePhrase,
    titles: Mapping[str, Sequence[Title]],
    leaders: Mapping[str, str],
    mentioned: Iterable[tuple[int, str]],
    language: str,
) -> str | None:
    """Whom a title stands for, as the key of a person, or None.

    `titles` has the introductions of each person, `leaders` the country of those known to lead one, `mentioned` where
    people are named, in text order.
    """
    fitting = {person for person, known in titles.items() if any(_agrees(phrase.title, t, language) for t in known)}
    fitting = {person for person in fitting if _country_agrees(phrase.title, titles[person], leaders.get(person))}
    if not fitting and phrase.title.owner and phrase.title.words & leading_nouns(language):
        fitting = {person for person, code in leaders.items() if code == phrase.title.owner.country}
    if len(fitting) == 1:
        return fitting.pop()
    before = [person for start, person in mentioned if start < phrase.start_char and person in fitting]
    return before[-1] if before else None


def _agrees(told: Title, known: Title, language: str) -> bool:
    """Whether a title that stands alone can be one that was introduced."""
    if not known.noun:
        return False
    if told.words & CHANGING != known.words & CHANGING:
        return False
    if told.noun == "leader" and told.words == {"leader"}:
        return bool(known.words & leading_nouns(language))
    return told.words <= known.words


def _country_agrees(told: Title, known: Sequence[Title], country: str | None) -> bool:
    if told.owner is None:
        return True
    countries = {title.owner.country for title in known if title.owner} | ({country} if country else set())
    return not countries or told.owner.country in countries


def is_of_state(titles: Iterable[Title], language: str) -> bool:
    """Whether one of the titles is an office of a state."""
    return any(title.noun in state_nouns(language) for title in titles)
