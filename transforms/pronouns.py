"""Pronouns: the person or body that a subject pronoun most plausibly stands for.

A pronoun goes back to the subject of the clause or sentence before it, the last one that fits: `he` and `she` to a
person who may be one (by titles and given names, where they tell), `it` to a body or a country, `they` to a group or
a body. Where it tells who said what stands before it (`Peru will pay, he said.`), it goes back to an earlier
sentence: those who are named in the report are what it is about. A subject is the first name of a sentence that no
preposition and no possessive makes something else. Two who fit and no subject among them: None.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from schemas.article import Article, Entity, Label, Mention
from transforms.gazetteer import WORD, fold
from transforms.given_names import FEMALE_WORDS, MALE_WORDS, MEN, WOMEN
from transforms.mention_places import mention_at, mentions_in
from transforms.quotations import quotations_of
from transforms.sentences import split_sentences

REACH = 900  # characters back
SENTENCES = 4  # back, those that name nobody who fits not counted


class Kind(StrEnum):
    """What a pronoun can stand for."""

    MAN = "man"
    WOMAN = "woman"
    BODY = "body"
    GROUP = "group"


KINDS: dict[str, Kind] = {
    "he": Kind.MAN, "él": Kind.MAN, "ele": Kind.MAN, "il": Kind.MAN, "er": Kind.MAN,
    "she": Kind.WOMAN, "ella": Kind.WOMAN, "ela": Kind.WOMAN, "elle": Kind.WOMAN, "sie": Kind.WOMAN,
    "it": Kind.BODY, "es": Kind.BODY,
    "they": Kind.GROUP, "ellos": Kind.GROUP, "ellas": Kind.GROUP, "eles": Kind.GROUP, "elas": Kind.GROUP,
    "ils": Kind.GROUP, "elles": Kind.GROUP,
}
_OBLIQUE = re.compile(
    r"\b(?:of|in|by|to|with|for|against|from|on|at|about|over|under|between|de|del|con|por|para|contra|en|do|da|com|em|"
    r"par|avec|pour|contre|von|mit|für|gegen|bei|zu|than|like|after|before|near|into|via)"
    r"(?:[ \u00a0](?:the|a|an|his|her|its|their|la|el|los|las|le|les|o|os|as|der|die|das|den|dem))?"
    r"(?:[ \u00a0][\w.\-]+){0,2}[ \u00a0]\Z",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s?\b|['’] ")
_GLUE = re.compile(r"(?:,|,? (?:and|or|y|e|et|und)) (?:the )?")
_REPORTED = re.compile(r"[,”\"’»]\s+\Z")
_TELLS = re.compile(
    r"\s(?:said|says|added|adds|wrote|writes|tweeted|argued|argues|explained|warned|insisted|continued|noted|claimed|"
    r"declared|announced)(?:\s?(?:[.,;:!?]|\Z)|\s(?:on|in|at|during|after|yesterday|later)\b)"
)
_OPENING = re.compile(r"[\"“‘'«(\[—–\-\s]*")


def stands_for(article: Article, start: int, end: int) -> int | None:
    """The entity that the subject pronoun at a place of the text stands for; He Qinghua is no he."""
    named = mention_at(article.mentions, start)
    return None if named else find_antecedent(article, start, article.text[start:end])


def find_antecedent(
    article: Article, position: int, pronoun: str, *, other_than: int = -1, quoted: bool = False
) -> int | None:
    """The entity that the subject pronoun at a character position stands for; None where it is not sure.

    `other_than` is an entity that it cannot stand for: who does something to the one that the pronoun stands for. Only
    a `quoted` pronoun, one that somebody speaks, may stand for who is named in what somebody says.
    """
    kind = KINDS.get(pronoun.lower())
    if kind is None:
        return None
    start = max(0, position - REACH)
    window = article.text[start:position]
    passed = 0
    quotations = quotations_of(article.text)
    sentences = split_sentences(window)[::-1]
    if _ends_report(article.text, position, pronoun):
        sentences = [*sentences[1:], *sentences[:1]]
    for first, last in sentences:
        if passed >= SENTENCES:
            return None
        here = [mention for mention in entities_in(article, start + first, start + last)
                if quoted or not quotations.speak(mention.start_char)]
        fitting = [mention for mention in here if mention.entity != other_than and _fits(article, mention, kind)]
        if fitting:
            return _choose(article, start + first, here, fitting, kind)
        if here and kind in (Kind.BODY, Kind.GROUP):
            return None  # the sentence before is about something else
        passed += bool(here)
    return None


def _ends_report(text: str, position: int, pronoun: str) -> bool:
    """Whether a pronoun and its verb stand behind what they report: "…, it said." """
    behind = _REPORTED.search(text, max(0, position - 3), position)
    return bool(behind) and _TELLS.match(text, position + len(pronoun)) is not None


def entities_in(article: Article, start: int, end: int) -> list[Mention]:
    """The mentions with an entity inside a stretch."""
    found = mentions_in(article.mentions, start, end)
    return [mention for mention in found if mention.entity >= 0 and mention.end_char <= end]


def _choose(
    article: Article, start: int, here: Sequence[Mention], fitting: Sequence[Mention], kind: Kind
) -> int | None:
    """The subject of the sentence if it fits alone; a person who is no subject only if nobody else fits."""
    subjects = find_subjects(article.text, start, here)
    entities = {mention.entity for mention in subjects if mention in fitting}
    if not entities and kind in (Kind.MAN, Kind.WOMAN):
        entities = {mention.entity for mention in fitting}
    return entities.pop() if len(entities) == 1 else None


def find_subjects(text: str, start: int, here: Sequence[Mention]) -> list[Mention]:
    """The first name of a sentence that is no object and no owner, with those that "and" joins to it."""
    subjects: list[Mention] = []
    previous: Mention | None = None
    for mention in here:
        joined = previous is not None and _GLUE.fullmatch(text, previous.end_char, mention.start_char) is not None
        if subjects and not joined:
            break
        if subjects or (not joined and _is_subject(text, start, mention)):
            subjects.append(mention)
        previous = mention
    return subjects


def _is_subject(text: str, start: int, mention: Mention) -> bool:
    """Whether nothing before or after a name makes it an object or an owner."""
    if _POSSESSIVE.match(text, mention.end_char) or text.startswith("-", mention.end_char):
        return False
    if text[max(start, mention.start_char - 1) : mention.start_char] == "-":
        return False  # "the Russia-Ukraine conflict"
    before = text[max(start, mention.start_char - 60) : mention.start_char]
    opening = _OPENING.fullmatch(before) if mention.start_char - start <= 60 else None
    return opening is not None or _OBLIQUE.search(before) is None


def _fits(article: Article, mention: Mention, kind: Kind) -> bool:
    entity = article.entities[mention.entity]
    if kind in (Kind.MAN, Kind.WOMAN):
        return entity.label == Label.PERSON and tell_kind(article, mention.entity) in (None, kind)
    if kind is Kind.GROUP:
        return entity.label in (Label.NORP, Label.ORG)
    return entity.label == Label.ORG or _is_country(entity)


def _is_country(entity: Entity) -> bool:
    return entity.label == Label.LOC and entity.country is not None


def tell_kind(article: Article, index: int) -> Kind | None:
    """MAN or WOMAN by a person's titles and given name, where they tell; else None."""
    entity = article.entities[index]
    words = {fold(word) for name in (entity.name, *entity.aliases) for word in WORD.findall(name)}
    words |= set(_words_before(article, index))
    man, woman = bool(words & MALE_WORDS), bool(words & FEMALE_WORDS)
    if man == woman:
        given = [fold(word) for word in WORD.findall(entity.name)[:-1]][:2]
        man, woman = any(word in MEN for word in given), any(word in WOMEN for word in given)
    return None if man == woman else Kind.MAN if man else Kind.WOMAN


def _words_before(article: Article, index: int) -> Iterator[str]:
    """The word before each of the first mentions of an entity: "Mr", "Queen", "spokeswoman"."""
    found = (mention for mention in article.mentions if mention.entity == index)
    for _, mention in zip(range(6), found, strict=False):
        words = WORD.findall(article.text[max(0, mention.start_char - 24) : mention.start_char])
        if words:
            yield fold(words[-1])
