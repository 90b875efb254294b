"""Speakers: who speaks what stands in quotation marks.

A quotation belongs to whom the words outside the marks say (`…, X said`, `according to X`, `she told reporters`). Where
a sentence is all quotation, its speaker is the one of the sentence before it in the paragraph, else of the one after; a
paragraph that opens with a quotation and names nobody goes on with the speaker of a paragraph that ended in one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.stance import Span
from schemas.article import Article, Label, Mention
from transforms.pronouns import find_antecedent
from transforms.roles import can_hold

PAIRS = {"“": "”", "„": "“”", "«": "»", '"': '"', "‹": "›"}
SPEECH = re.compile(
    r"\b(?:said|says?|told|tells|add(?:s|ed)|wr(?:ites|ote)|tweeted|stat(?:es|ed)|explain(?:s|ed)|argu(?:es|ed)|warn(?:s|ed)|"
    r"declar(?:es|ed)|announc(?:es|ed)|comment(?:s|ed)|remark(?:s|ed)|insist(?:s|ed)|claim(?:s|ed)|continued|repl(?:ies|ied)|"
    r"according\s+to|alleg(?:es|ed)|respond(?:s|ed)|assert(?:s|ed)|concluded|complained|joked|noted|recalled|reiterated|"
    r"dijo|afirmó|añadió|declaró|señaló|aseguró|según|disse|afirmou|acrescentou|declarou|segundo|"
    r"a\s+dit|a\s+déclaré|a\s+affirmé|selon|sagte|erklärte|betonte|laut)\b",
    re.IGNORECASE,
)
REACH = 60  # characters between a verb of speech and the name of who speaks
SPEAKING = frozenset({Label.PERSON, Label.ORG, Label.NORP, Label.LOC})
# before a name: who is spoken to, or what the speaker belongs to
NO_SPEAKER = re.compile(
    r"\b(?:to|told|tells|with|of|from|for|at|in|about|over|against|de|del|da|do|von|du)\s+(?:the\s+)?$"
)
SOURCE = re.compile(r"\b(?:according\s+to|según|segundo|selon|laut)\s+(?:the\s+)?$", re.IGNORECASE)
PRONOUN = re.compile(r"\b(?:he|she)\b", re.IGNORECASE)
FEWEST_WORDS = 5  # of a quotation that says something; fewer are a name or a word in doubt


@dataclass(frozen=True, slots=True)
class Speech:
    """Who speaks the quotations of a sentence (None: not known), and those of FEWEST_WORDS and more, cut to it."""

    speaker: int | None
    quotations: tuple[Span, ...]


def find_speakers(article: Article, sentences: Sequence[Span]) -> dict[Span, Speech]:
    """For every sentence with a quotation in it: its speech."""
    quotes = find_quotations(article.text)
    starts = [start for start, _ in quotes]
    speakers: dict[Span, Speech] = {}
    running: int | None = None  # who spoke at the end of the paragraph before
    for paragraph in _paragraphs(article.text, sentences):
        named = [_attributed(article, sentence, quotes, starts) for sentence in paragraph]
        inside = [_quoted_share(sentence, quotes, starts) for sentence in paragraph]
        if not any(inside):
            running = None
            continue
        for i, sentence in enumerate(paragraph):
            if inside[i]:
                speaker = _nearest(named, i, running) if named[i] is None and inside[i] > 0.9 else named[i]
                speakers[sentence] = Speech(speaker, tuple(_cut(article.text, sentence, quotes, starts)))
        running = next((entity for entity in reversed(named) if entity is not None), running)
        running = running if inside[-1] else None
    return speakers


def find_quotations(text: str) -> list[Span]:
    """(start, end) of what stands between quotation marks; a mark that nothing closes holds to its line's end."""
    found: list[Span] = []
    opened, closing = -1, ""
    for place, char in enumerate(text):
        if opened >= 0 and (char in closing or char == "\n"):
            found.append((opened, place))
            opened = -1
        elif opened < 0 and char in PAIRS:
            opened, closing = place + 1, PAIRS[char]
    if opened >= 0:
        found.append((opened, len(text)))
    return found


def is_quoted(place: int, quotes: Sequence[Span], starts: Sequence[int]) -> bool:
    """Whether a character stands in a quotation."""
    at = bisect_left(starts, place + 1) - 1
    return at >= 0 and place < quotes[at][1]


def _paragraphs(text: str, sentences: Sequence[Span]) -> Iterator[list[Span]]:
    paragraph: list[Span] = []
    for sentence in sentences:
        if paragraph and "\n" in text[paragraph[-1][1] : sentence[0]]:
            yield paragraph
            paragraph = []
        paragraph.append(sentence)
    if paragraph:
        yield paragraph


def _quoted_share(sentence: Span, quotes: Sequence[Span], starts: Sequence[int]) -> float:
    """How much of a sentence stands in quotation marks, 0 to 1."""
    first = max(0, bisect_left(starts, sentence[0]) - 1)
    inside = 0
    for at in range(first, len(quotes)):
        start, end = quotes[at]
        if start >= sentence[1]:
            break
        inside += max(0, min(end, sentence[1]) - max(start, sentence[0]))
    return inside / max(1, sentence[1] - sentence[0] - 2)


def _cut(text: str, sentence: Span, quotes: Sequence[Span], starts: Sequence[int]) -> Iterator[Span]:
    """The quotations of a sentence that say something, with their marks, as far as they stand in it."""
    for at in range(max(0, bisect_left(starts, sentence[0]) - 1), len(quotes)):
        start, end = quotes[at]
        if start >= sentence[1]:
            return
        first, last = max(sentence[0], start - 1), min(sentence[1], end + 1)
        if len(text[first:last].split()) >= FEWEST_WORDS:
            yield first, last


def _attributed(article: Article, sentence: Span, quotes: Sequence[Span], starts: Sequence[int]) -> int | None:
    """Who is said to speak in the words of a sentence that stand outside its quotations."""
    verbs = [verb for verb in SPEECH.finditer(article.text, *sentence) if not is_quoted(verb.start(), quotes, starts)]
    if not verbs:
        return None
    speaking = [(*span, entity) for *span, entity in _speaking(article, sentence)
                if not is_quoted(span[0], quotes, starts)]
    best: tuple[int, int] | None = None
    for verb in verbs:
        for start, end, entity in speaking:
            distance = max(start - verb.end(), verb.start() - end)
            if 0 <= distance <= REACH and (best is None or distance < best[0]):
                best = (distance, entity)
    return best[1] if best else None


def _speaking(article: Article, sentence: Span) -> Iterator[tuple[int, int, int]]:
    """(start, end, entity) of those in a sentence who may speak: names that nobody speaks to, and he and she."""
    for mention in _mentions_in(article.mentions, sentence):
        before = article.text[max(sentence[0], mention.start_char - 24) : mention.start_char]
        speaks = SOURCE.search(before) or not NO_SPEAKER.search(before)
        if mention.entity >= 0 and mention.label in SPEAKING and speaks and can_hold(article, mention):
            yield mention.start_char, mention.end_char, mention.entity
    for pronoun in PRONOUN.finditer(article.text, *sentence):
        entity = find_antecedent(article, pronoun.start(), pronoun.group())
        if entity is not None:
            yield pronoun.start(), pronoun.end(), entity


def _mentions_in(mentions: Sequence[Mention], sentence: Span) -> list[Mention]:
    first = bisect_left(mentions, sentence[0], key=lambda mention: mention.start_char)
    last = bisect_left(mentions, sentence[1], key=lambda mention: mention.start_char)
    return list(mentions[first:last])


def _nearest(named: Sequence[int | None], place: int, running: int | None) -> int | None:
    """The speaker named before in the paragraph, else after, else the one that spoke when the last paragraph ended."""
    before = (entity for entity in reversed(named[:place]) if entity is not None)
    after = (entity for entity in named[place + 1 :] if entity is not None)
    return next(before, next(after, running))
