"""Speakers: who speaks what stands in quotation marks.

A quotation belongs to whom the words outside the marks say (`…, X said`, `according to X`, `she told reporters`), and
so does all of it where it runs over several sentences. Where a sentence is all quotation, its speaker is the last one
named before it in the paragraph, else the next; a paragraph that opens with a quotation and names nobody goes on with
the speaker of a paragraph that ended in one. Where the words say that somebody speaks who is no entity (`a driver
said`), nobody named does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.stance import Span
from schemas.article import Article, Label, Via
from transforms.mention_places import mention_at, mentions_in
from transforms.parties import via_of
from transforms.pronouns import entities_in, find_subjects, stands_for
from transforms.quotations import Quotations, quotations_of
from transforms.roles import RELATIVE, can_hold

_NO_NOUN = "".join(rf"(?<!\b{word} )" for word in ("his", "her", "its", "their", "the", "these", "those", "such"))
_ACCORDING = r"according\s+to|según|segundo|selon|laut"
SPEECH = re.compile(
    r"\b(?:said|says?|told|tells|add(?:s|ed)|wr(?:ites|ote)|tweeted|(?-i:stated|(?<!member )(?<!Gulf )states)|"
    rf"{_NO_NOUN}(?:claims|comments|remarks)|claimed|commented|remarked|"
    r"explain(?:s|ed)|argu(?:es|ed)|warn(?:s|ed)|declar(?:es|ed)|announc(?:es|ed)|insist(?:s|ed)|continued|repl(?:ies|ied)|"
    rf"{_ACCORDING}|alleg(?:es|ed)|respond(?:s|ed)|assert(?:s|ed)|concluded|complained|joked|noted|recalled|reiterated|"
    r"dijo|afirmó|añadió|declaró|señaló|aseguró|disse|afirmou|acrescentou|declarou|"
    r"a\s+dit|a\s+déclaré|a\s+affirmé|sagte|erklärte|betonte)\b",
    re.IGNORECASE,
)
# whatever verb stands before a colon and a quotation, but of those who are asked or told
INTRODUCES = re.compile(r"(?<!\bwas )(?<!\bwere )(?<!\bbeen )(?<!\bis )(?<!\bare )\b[a-z]+ed(?=:\s?[“„«\"‘])")
# "Ruiz thanked Díaz, saying: “…”": the subject speaks, not the nearest name
ADDING = re.compile(
    r",\s(?:saying|adding|writing|telling|noting|arguing|claiming|warning|insisting|declaring|stating|replying|commenting|"
    r"remarking|tweeting|explaining)\b[^“„«\"‘.;]{0,60}[“„«\"‘]"
)
TITLE = re.compile(
    r"(?:[ \u00a0](?!(?:and|or|of|in|to|on|at|by|for|with|from|that|as|has|had|is|was|are|were|will|would|who|which)\b)"
    r"[\w’'-]++){1,5}[ \u00a0]"
)
# who reports what another says: "“…,” Ruiz said, according to the OAS"
REPORTS = re.compile(_ACCORDING, re.IGNORECASE)
ALL_QUOTED = 0.9  # share of a sentence that is all quotation
REACH = 60  # characters between a verb of speech and the name of who speaks
SPEAKING = frozenset({Label.PERSON, Label.ORG, Label.NORP, Label.LOC})
# before a name: who is spoken to or of, where, or what the speaker belongs to
NO_SPEAKER = re.compile(
    r"\b(?:to|told|tells|with|of|from|for|at|in|on|via|that|about|over|against|de|del|da|do|von|du)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
SOURCE = re.compile(
    rf"\b(?:(?:{_ACCORDING})|spokes\w+\s+(?:for|of))\s+(?:the\s+)?$", re.IGNORECASE
)
PRONOUN = re.compile(r"\b(?:he|she)\b", re.IGNORECASE)
# Somebody who is called by a noun: before a verb of speech (`a driver said`), or after it (`…,” said a driver`) where
# no name is set to it (`…,” said the mayor, Ana Ruiz`).
NOUN_BEFORE = re.compile(
    r"(?<!\bin )(?<!\bon )(?<!\bat )(?<!\bby )(?<!during )(?<!through )"
    r"\b(?:an?|one|another|the)\s(?:[a-z][a-z'’-]*\s){1,3}\Z"
)
AFTER_QUOTE = re.compile(r"[”\"’»]\s*\Z")
NOUN_AFTER = re.compile(r"\s(?:an?|one|another|the)\s[a-z][a-z'’-]*")
APPOSED = re.compile(
    r"\s(?:an?|one|another|the)\s(?:(?!(?:who|that|which|of|for|to|at|in|from|with|as)\b)[\w'’-]++\s?+){1,6},?\s?"
)
NOBODY = -1  # who speaks is no entity


@dataclass(frozen=True, slots=True)
class Speaker:
    """An entity that speaks, or NOBODY, and how it was found."""

    entity: int
    via: Via = Via.NAMED


Speaking = tuple[int, int, Speaker]  # (start, end) of who may speak


@dataclass(frozen=True, slots=True)
class Speech:
    """Who speaks the quotations of a sentence (None: not known), and those that say something, cut to the sentence."""

    speaker: int | None
    quotations: tuple[Span, ...]
    via: Via = Via.NAMED


def find_speakers(article: Article, sentences: Sequence[Span]) -> dict[Span, Speech]:
    """For every sentence with a quotation in it: its speech."""
    quotations = quotations_of(article.text)
    speakers: dict[Span, Speech] = {}
    running: Speaker | None = None  # who spoke at the end of the paragraph before
    for paragraph in _paragraphs(article.text, sentences):
        inside = [_quoted_share(sentence, quotations) for sentence in paragraph]
        if not any(inside):
            running = None
            continue
        named = [_attributed(article, sentence, quotations) for sentence in paragraph]
        for i, sentence in enumerate(paragraph):
            if inside[i]:
                speaker = named[i] or _of_same(paragraph, named, i, quotations)
                if speaker is None and inside[i] > ALL_QUOTED:
                    speaker = _nearest(named, i, running if _opens_quoted(paragraph[0], quotations) else None)
                speakers[sentence] = _speech(article.text, sentence, quotations, speaker)
        running = next((speaker for speaker in reversed(named) if speaker is not None), running)
        running = running if inside[-1] else None
    return speakers


def _paragraphs(text: str, sentences: Sequence[Span]) -> Iterator[list[Span]]:
    paragraph: list[Span] = []
    for sentence in sentences:
        if paragraph and "\n" in text[paragraph[-1][1] : sentence[0]]:
            yield paragraph
            paragraph = []
        paragraph.append(sentence)
    if paragraph:
        yield paragraph


def _quoted_share(sentence: Span, quotations: Quotations) -> float:
    """How much of a sentence stands in quotation marks, 0 to 1."""
    inside = sum(min(end, sentence[1]) - max(start, sentence[0]) for start, end in quotations.of(sentence))
    return inside / max(1, sentence[1] - sentence[0] - 2)


def _opens_quoted(sentence: Span, quotations: Quotations) -> bool:
    """Whether a sentence begins with a quotation, or within one."""
    return any(start <= sentence[0] + 1 < end for start, end in quotations.of(sentence))


def _speech(text: str, sentence: Span, quotations: Quotations, speaker: Speaker | None) -> Speech:
    """A sentence's quotations that say something, with their marks, as far as they stand in it."""
    cut = tuple((max(sentence[0], start - 1), min(sentence[1], end + 1))
                for start, end in quotations.of(sentence) if quotations.says((start, end)))
    if speaker is None or speaker.entity == NOBODY:
        return Speech(None, cut)
    return Speech(speaker.entity, cut, speaker.via)


def _attributed(article: Article, sentence: Span, quotations: Quotations) -> Speaker | None:
    """Who is said to speak in the words of a sentence that stand outside its quotations."""
    verbs = [verb for pattern in (SPEECH, INTRODUCES) for verb in pattern.finditer(article.text, *sentence)
             if not (quotations.hold(verb.start()) or mention_at(article.mentions, verb.start()))]
    adding = [found.start() for found in ADDING.finditer(article.text, *sentence) if not quotations.hold(found.start())]
    if not (verbs or adding):
        return None
    speaking = [found for found in _speaking(article, sentence) if not quotations.hold(found[0])]
    beside = _beside(article, sentence, verbs, speaking)
    return beside or (_subject(article, (sentence[0], adding[0]), speaking) if adding else None)


def _beside(
    article: Article, sentence: Span, verbs: Sequence[re.Match[str]], speaking: Sequence[Speaking]
) -> Speaker | None:
    """The one of those who may speak who stands nearest to a verb of speech; who reports another's words comes last."""
    best: tuple[tuple[bool, int], Speaker] | None = None
    for verb in verbs:
        near = [(max(start - verb.end(), verb.start() - end), end, speaker) for start, end, speaker in speaking]
        found = [(distance, speaker) for distance, end, speaker in near if 0 <= distance <= REACH
                 and not (end > verb.end() and _introduces(article, end, speaking))]
        if _is_said_by_noun(article.text, verb, sentence, speaking):
            found.append((0, Speaker(NOBODY)))
        reports = REPORTS.fullmatch(verb.group()) is not None
        for distance, speaker in found:
            if best is None or (reports, distance) < best[0]:
                best = ((reports, distance), speaker)
    return best[1] if best else None


def _subject(article: Article, clause: Span, speaking: Sequence[Speaking]) -> Speaker | None:
    """The one subject of a clause, name or pronoun, where it may speak: "Ruiz thanked Díaz, saying: “…”"."""
    subjects = find_subjects(article.text, clause[0], entities_in(article, *clause))
    starts = {mention.start_char for mention in subjects}
    first = min(starts, default=clause[1])
    found = [speaker for start, _, speaker in speaking
             if start in starts or (start < first and speaker.via is Via.PRONOUN)]
    return found[0] if len({speaker.entity for speaker in found}) == 1 and len(starts) < 2 else None


def _introduces(article: Article, end: int, speaking: Sequence[Speaking]) -> bool:
    """Whether a name that ends there is in the title of a person: "said Harvard University law professor Ann Lee"."""
    people = (start for start, _, speaker in speaking if end < start < end + REACH and speaker.entity >= 0
              and article.entities[speaker.entity].label == Label.PERSON)
    return any(TITLE.fullmatch(article.text, end, start) for start in people)


def _is_said_by_noun(
    text: str, verb: re.Match[str], sentence: Span, speaking: Sequence[Speaking]
) -> bool:
    """Whether who speaks is called by a noun beside the verb that is no name's: "said a driver", "a driver said"."""
    before = NOUN_BEFORE.search(text, max(sentence[0], verb.start() - REACH), verb.start())
    if before and not any(before.start() < end and start < verb.start() for start, end, _ in speaking):
        return True
    after = NOUN_AFTER.match(text, verb.end(), sentence[1])
    if after is None or not AFTER_QUOTE.search(text, sentence[0], verb.start()):
        return False
    return not any(start < after.end() or APPOSED.fullmatch(text, verb.end(), start)
                   for start, _, _ in speaking if start >= verb.end())


def _speaking(article: Article, sentence: Span) -> Iterator[Speaking]:
    """(start, end, speaker) of those in a sentence who may speak: names that nobody speaks to, and he and she.

    Whose relative or critic stands there (`Ruiz’s brother`) is there as NOBODY.
    """
    for mention in mentions_in(article.mentions, *sentence):
        before = article.text[max(sentence[0], mention.start_char - 40) : mention.start_char]
        speaks = SOURCE.search(before) or not NO_SPEAKER.search(before)
        if mention.entity >= 0 and mention.label in SPEAKING and speaks:
            if can_hold(article, mention):
                yield mention.start_char, mention.end_char, Speaker(mention.entity, via_of(article, mention))
            elif relative := RELATIVE.match(article.text, mention.end_char):
                yield mention.start_char, relative.end(), Speaker(NOBODY)
    for pronoun in PRONOUN.finditer(article.text, *sentence):
        entity = stands_for(article, *pronoun.span())
        if entity is not None:
            yield pronoun.start(), pronoun.end(), Speaker(entity, Via.PRONOUN)


def _of_same(
    paragraph: Sequence[Span], named: Sequence[Speaker | None], place: int, quotations: Quotations
) -> Speaker | None:
    """Who speaks another sentence of the quotation that this one is a part of."""
    here = set(quotations.of(paragraph[place]))
    return next((speaker for sentence, speaker in zip(paragraph, named, strict=True)
                 if speaker is not None and not here.isdisjoint(quotations.of(sentence))), None)


def _nearest(named: Sequence[Speaker | None], place: int, running: Speaker | None) -> Speaker | None:
    """The speaker named before in the paragraph, else after, else the one that spoke when the last paragraph ended."""
    before = (speaker for speaker in reversed(named[:place]) if speaker is not None)
    after = (speaker for speaker in named[place + 1 :] if speaker is not None)
    return next(before, next(after, running))
