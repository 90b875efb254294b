"""Parties: who in a sentence may hold a stance, and on whom.

Named ones, where `transforms.roles` lets them, and persons and bodies that a pronoun stands for: `he` and `they` as
subjects hold; `him`, `her` (no possessive), the subject of a passive (`he was praised by`), and a `he` or `she` that a
speaker speaks of are targets.
"""

import re
from collections.abc import Iterator, Sequence

from models.stance import Span
from schemas.article import Article, Label, Mention, Via
from transforms.gazetteer import WORD, fold, fold_name
from transforms.pronouns import find_antecedent, stands_for
from transforms.questions import Party
from transforms.quotations import quotations_of
from transforms.roles import ACTORS, can_be_target, can_hold
from transforms.subject_pronouns import find_subject_pronouns

OBJECT = re.compile(
    r"\b(?:him\b|her(?=[.,;:!?”\"’]|\s+(?:for|of|as|to|on|in|and|but|with|after|over|by|from|at|because|when|during)\b))",
    re.IGNORECASE,
)
PASSIVE = re.compile(r"\s+(?:(?:was|were|is|are)|(?:has|have|had)\s+been)\s[^.;,]{0,60}\bby\b")
SPOKEN_OF = re.compile(r"\b(?:he|she|him|her(?=[.,;:!?”\"’]))(?=\W)", re.IGNORECASE)
NEAR = 25  # characters between who does something and the him or her to whom it is done
SUBJECT_OF = {"him": "he", "her": "she"}


def find_holders(article: Article, sentence: Span, mentions: Sequence[Mention]) -> list[Party]:
    """Who may hold a stance in a sentence, names and subject pronouns."""
    named = [_named(article, mention) for mention in mentions if can_hold(article, mention)]
    return [*named, *(_stand_in(article, *span) for span in _subjects(article, sentence))]


def find_targets(article: Article, sentence: Span, mentions: Sequence[Mention]) -> list[Party]:
    """Who may be the target of a stance in a sentence; a pronoun only where no name in the sentence could be meant."""
    named = [_named(article, mention) for mention in mentions if can_be_target(article, mention)]
    pronouns = [_stand_in(article, *span) for span in _subjects(article, sentence)
                if PASSIVE.match(article.text, span[1], sentence[1])]
    return [*named, *pronouns, *_objects(article, sentence, mentions)]


def find_spoken_of(article: Article, quotation: Span, speaker: int, mentions: Sequence[Mention]) -> list[Party]:
    """Who may be the target of what a speaker says in a quotation, each once; a he or she of whom nobody is named."""
    start, end = quotation
    inside = [m for m in mentions if start <= m.start_char and m.end_char <= end and m.entity != speaker]
    found = {m.entity: _named(article, m) for m in reversed(inside) if can_be_target(article, m)}
    pronoun = SPOKEN_OF.search(article.text, start, end)
    if pronoun and not any(article.entities[m.entity].label == Label.PERSON for m in inside):
        word = pronoun.group().lower()
        entity = find_antecedent(article, start, SUBJECT_OF.get(word, word), other_than=speaker, quoted=True)
        if entity is not None:
            found.setdefault(entity, _stand_in(article, *pronoun.span(), entity))
    return sorted(found.values(), key=lambda party: party.start)


def is_by_name(article: Article, party: Party) -> bool:
    """Whether a party is put by a word of its name, or by a pronoun that stands for it, and not by its office."""
    words = {fold(word) for word in WORD.findall(article.text[party.start : party.end])}
    name = article.entities[party.entity].name
    return party.name is not None or not words.isdisjoint(fold(word) for word in WORD.findall(name))


def via_of(article: Article, mention: Mention) -> Via:
    """Whether a mention is the entity's name or an alias of it."""
    same = fold_name(mention.text) == fold_name(article.entities[mention.entity].name)
    return Via.NAMED if same else Via.ALIAS


def _named(article: Article, mention: Mention) -> Party:
    return Party(mention.entity, mention.start_char, mention.end_char, via_of(article, mention))


def _stand_in(article: Article, start: int, end: int, entity: int) -> Party:
    return Party(entity, start, end, Via.PRONOUN, article.entities[entity].name)


def _subjects(article: Article, sentence: Span) -> Iterator[tuple[int, int, int]]:
    """(start, end, entity) of the subject pronouns of a sentence."""
    for start, end in find_subject_pronouns(article.text, sentence, article.language):
        entity = stands_for(article, start, end)
        if entity is not None:
            yield start, end, entity


def _objects(article: Article, sentence: Span, mentions: Sequence[Mention]) -> Iterator[Party]:
    """The first him or her, where who does something to the other stands just before: the other is no one of these."""
    pronoun = OBJECT.search(article.text, *sentence)
    if pronoun is None or article.language not in ("en", "und"):
        return
    before = [m for m in mentions if m.end_char <= pronoun.start() and article.entities[m.entity].label in ACTORS]
    if not before or pronoun.start() - before[-1].end_char > NEAR:
        return
    subject = SUBJECT_OF[pronoun.group().lower()]
    doer = before[-1].entity
    near = {m.entity for m in before if m.entity != doer and article.entities[m.entity].label == Label.PERSON}
    quoted = quotations_of(article.text).hold(pronoun.start())
    place = pronoun.start() if near else sentence[0]
    entity = find_antecedent(article, place, subject, other_than=doer, quoted=quoted)
    if entity is not None and (not near or entity in near):
        yield _stand_in(article, *pronoun.span(), entity)
