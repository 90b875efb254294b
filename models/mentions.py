"""From a model's spans to mentions, without stray punctuation at their ends."""

import re

from schemas.article import Label, Mention

SCORE_DIGITS = 4  # beyond these, processors of different make differ in rounding
LEFT_TRIM = " \t\n\u00a0\"'“”‘’«»([{,.;:!?-–—•*"
RIGHT_TRIM = " \t\n\u00a0\"'“”‘’«»([{,;:!?-–—•*"
AMOUNTS = frozenset({Label.DATE, Label.MONEY})
AFTER_NUMBER = re.compile(r"(?<=\d)\.\Z")


def make_mention(text: str, start: int, end: int, label: str, score: float) -> Mention | None:
    """The mention at `[start, end)` less the punctuation around it; None when nothing is left."""
    while start < end and text[start] in LEFT_TRIM:
        start += 1
    while end > start and text[end - 1] in RIGHT_TRIM:
        end -= 1
    opened = text.count("(", start, end) - text.count(")", start, end)
    if end > start and text[end - 1] == ")" and opened < 0:
        end -= 1
    if label in AMOUNTS and AFTER_NUMBER.search(text[start:end]):
        end -= 1
    if start >= end:
        return None
    return Mention(text[start:end], start, end, label, round(score, SCORE_DIGITS))
