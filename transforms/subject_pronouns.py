"""Subject pronouns: where a sentence's subject is `he`, `she`, `they` or `it`, outside quotations."""

import re
from collections.abc import Iterator

from models.stance import Span
from transforms.quotations import quotations_of

MOST = 2  # pronouns a sentence: the first ones are its subjects
# English he, she and they are subjects wherever they stand; it, and other languages' forms, where a clause begins.
ANYWHERE = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)
FIRST = r"""(?:^|[,;:—–]\s+(?:(?:and|but|y|e|et|und|mas|pero|mais|aber)\s+)?)["'“‘«\s]*"""
CLAUSE = {
    # not "it was reported that"
    "en": re.compile(rf"{FIRST}(it)\b(?!\s(?:is|was|has\s+been)\s(?:\w+ly\s)?\w+\sthat\b)", re.IGNORECASE),
    "es": re.compile(rf"{FIRST}(él|ella|ellos|ellas)\b", re.IGNORECASE),
    "pt": re.compile(rf"{FIRST}(ele|ela|eles|elas)\b", re.IGNORECASE),
    "fr": re.compile(rf"{FIRST}(il|elle|ils|elles)\b", re.IGNORECASE),
    "de": re.compile(rf"{FIRST}(er|sie)\b", re.IGNORECASE),
}


def find_subject_pronouns(text: str, sentence: Span, language: str) -> list[Span]:
    """(start, end) of at most MOST subject pronouns of a sentence, in text order."""
    start, end = sentence
    quotations = quotations_of(text)
    found = sorted({(start + first, start + last) for first, last in _matches(text[start:end], language)
                    if not quotations.hold(start + first)})
    return found[:MOST]


def _matches(words: str, language: str) -> Iterator[Span]:
    if language in ("en", "und"):
        yield from (match.span() for match in ANYWHERE.finditer(words))
    pattern = CLAUSE.get(language, CLAUSE["en"])
    yield from (match.span(1) for match in pattern.finditer(words))
