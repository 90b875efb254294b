"""Speakers: who speaks a sentence that stands in quotation marks, where the speaker is named in another sentence.

A quotation belongs to whom the words outside the marks say (`…, X said`, `according to X`, `X told reporters`). Where a
sentence is all quotation, its speaker is the one of the sentence before it in the paragraph, else of the one after; a
paragraph that opens with a quotation and names nobody goes on with the speaker of a paragraph that ended in one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from models.stance import Span
from schemas.article import Article, Label, Mention

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


def find_speakers(article: Article, sentences: Sequence[Span]) -> dict[Span, int | None]:
    """For every sentence with a quotation: the entity that speaks it from outside, or None where that is not needed."""
    quotes = find_quotations(article.text)
    starts = [start for start, _ in quotes]
    speakers: dict[Span, int | None] = {}
    running: int | None = None  # who spoke at the end of the paragraph before
    for paragraph in _paragraphs(article.text, sentences):
        named = [_attributed(article, sentence, quotes) for sentence in paragraph]
        inside = [_quoted_share(sentence, quotes, starts) for sentence in paragraph]
        if not any(inside):
            running = None
            continue
        for i, sentence in enumerate(paragraph):
            if inside[i]:
                whole = inside[i] > 0.9 and named[i] is None
                speakers[sentence] = _nearest(named, i, running) if whole else None
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
    for start, end in quotes[first:]:
        if start >= sentence[1]:
            break
        inside += max(0, min(end, sentence[1]) - max(start, sentence[0]))
    return inside / max(1, sentence[1] - sentence[0] - 2)


def _attributed(article: Article, sentence: Span, quotes: Sequence[Span]) -> int | None:
    """Who is said to speak in the words of a sentence that stand outside its quotations."""
    starts = [start for start, _ in quotes]
    mentions = [m for m in _mentions_in(article.mentions, sentence)
                if m.entity >= 0 and m.label in SPEAKING and not is_quoted(m.start_char, quotes, starts)]
    best: tuple[int, int] | None = None
    for verb in SPEECH.finditer(article.text, *sentence):
        if is_quoted(verb.start(), quotes, starts):
            continue
        for mention in mentions:
            distance = max(mention.start_char - verb.end(), verb.start() - mention.end_char)
            if 0 <= distance <= REACH and (best is None or distance < best[0]):
                best = (distance, mention.entity)
    return best[1] if best else None


def _mentions_in(mentions: Sequence[Mention], sentence: Span) -> list[Mention]:
    first = bisect_left(mentions, sentence[0], key=lambda mention: mention.start_char)
    last = bisect_left(mentions, sentence[1], key=lambda mention: mention.start_char)
    return list(mentions[first:last])


def _nearest(named: Sequence[int | None], place: int, running: int | None) -> int | None:
    """The speaker named before in the paragraph, else after, else the one that spoke when the last paragraph ended."""
    before = (entity for entity in reversed(named[:place]) if entity is not None)
    after = (entity for entity in named[place + 1 :] if entity is not None)
    return next(before, next(after, running))
