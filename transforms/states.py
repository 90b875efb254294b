"""States: which of an article's entities speak for one state, so that no stance is sought between them.

A state goes by many names. Its country (`Venezuela`), its capital (`Caracas`), its government and its ministries are
entities of their own, told apart; but what one of them says of another is no stance, and neither is what they say of
who leads the state, or the leader of them. Parliaments, courts, armies, parties, people and groups are parties of their
own.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from schemas.article import Article, Entity, Label
from transforms.body_words import BodyKind, body_nouns
from transforms.mentions import words_of
from transforms.office_words import CHANGING, leading_nouns
from transforms.roles import is_state

VOICES = frozenset({BodyKind.GOVERNMENT, BodyKind.MINISTRY})
MOST_MENTIONS, TITLE_CHARS = 6, 48  # of a person that are read for a title, and how much before each
CLAUSE_END = re.compile(r"[.,;:!?()\"“”\n]")
ANY_LEADER = frozenset({"leader", "lider", "dirigente", "dirigeant"})  # of an opposition, too


class States:
    """What is known of the states in one article; read as it is asked for."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._voices: dict[int, bool] = {}
        self._leaders: dict[int, bool] = {}

    def same(self, one: int, other: int) -> bool:
        """Whether two entities are names of one state, or one of them is and the other leads it."""
        first, second = (self._article.entities[index] for index in (one, other))
        if first.country is None or first.country != second.country:
            return False
        speaks, speaks_too = self._is_voice(one), self._is_voice(other)
        if speaks and speaks_too:
            return True
        return (speaks and self._leads(other)) or (speaks_too and self._leads(one))

    def _is_voice(self, index: int) -> bool:
        if index not in self._voices:
            self._voices[index] = is_voice(self._article.entities[index], self._article.language)
        return self._voices[index]

    def _leads(self, index: int) -> bool:
        if index not in self._leaders:
            entity = self._article.entities[index]
            self._leaders[index] = entity.label == Label.PERSON and any(
                is_leading(words, self._article.language) for words in self._called(index))
        return self._leaders[index]

    def _called(self, index: int) -> Iterator[list[str]]:
        """What a person is called: the aliases, and the words before the first mentions."""
        yield from map(words_of, self._article.entities[index].aliases)
        mentions = (mention for mention in self._article.mentions if mention.entity == index)
        for mention in islice(mentions, MOST_MENTIONS):
            before = self._article.text[max(0, mention.start_char - TITLE_CHARS) : mention.start_char]
            words = words_of(CLAUSE_END.split(before)[-1])[-5:]
            if CHANGING.isdisjoint(words):
                yield words[-2:] if words[-1:] == ["minister"] else words[-1:]


def is_voice(entity: Entity, language: str) -> bool:
    """Whether an entity speaks for a state: a country, a capital, a government or a ministry."""
    if entity.label == Label.LOC:
        return is_state(entity.name)
    nouns = body_nouns(language)
    return entity.label == Label.ORG and any(
        word in nouns and nouns[word].kind in VOICES for word in words_of(entity.name))


def is_leading(words: Sequence[str], language: str) -> bool:
    """Whether words name the office of who leads a state, and no other office beside it."""
    return not (leading_nouns(language) - ANY_LEADER).isdisjoint(words) and CHANGING.isdisjoint(words)
