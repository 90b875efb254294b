"""Pairs: which (holder, target) questions an article's sentences raise, for the stance model to answer.

A holder is found in four ways: named in the sentence; a subject pronoun that stands for an entity before it; the
speaker of a quotation that runs on beyond the sentence that names the speaker; and nobody, where a sentence has one
name alone and tells nobody's words or views: the article's own voice. Members of one list (`Argentina, Brazil and
Chile`) are not asked about each other. A sentence is asked at most MAX_PAIRS questions, the nearest names first.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.stance import Question, Span
from schemas.article import Article, Mention, Via
from transforms.gazetteer import fold_name
from transforms.pronouns import find_antecedent
from transforms.roles import ACTORS, can_be_target, can_hold
from transforms.sentences import split_sentences
from transforms.speakers import SPEECH, find_speakers
from transforms.subject_pronouns import find_subject_pronouns

MAX_PAIRS = 16  # directed pairs a sentence
MAX_NAMES = 64  # of one sentence that are paired: more are a list or a table, and pairs grow with their square
MAX_PASSAGE = 700  # characters around holder and target that the model reads
# A sentence with these speaks for somebody: in the first person, or by telling what its one name thinks.
OTHER_VOICE = re.compile(
    r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|us|me|you|[Yy]our|[Jj]e|[Nn]ous|[Ii]ch|[Ww]ir|[Yy]o|[Nn]osotros|[Ee]u|[Nn]ós|favou?r(?:s|ed)|"
    r"oppos(?:es|ed)|support(?:s|ed)|emphasi[sz](?:es|ed)|cit(?:es|ed)|critici[sz](?:es|ed)|prais(?:es|ed)|conced(?:es|ed)|"
    r"apologi[sz](?:es|ed)|repeat(?:s|ed)|express(?:es|ed)|accus(?:es|ed)|den(?:ies|ied)|promis(?:es|ed)|vow(?:s|ed)|"
    r"condemn(?:s|ed)|welcom(?:es|ed)|reject(?:s|ed)|believ(?:es|ed)|thinks?|thought|wants?|wanted|hopes?|hoped|urg(?:es|ed)|"
    r"call(?:s|ed) (?:for|on)|thank(?:s|ed)|blam(?:es|ed)|demand(?:s|ed)|pledg(?:es|ed)|refus(?:es|ed))\b"
)
LIST_GLUE = frozenset({",", "and", "&", "or", "y", "e", "et", "und", "as", "well", "the", "la", "el", "both", ";"})


@dataclass(frozen=True, slots=True)
class Pair:
    """One question about two entities of an article, and where its evidence stands in `Article.text`."""

    holder: int | None
    target: int
    question: Question
    evidence: Span
    via: Via


@dataclass(frozen=True, slots=True)
class Pairs:
    """The questions of an article, and how many more its longest sentences would have raised, at least."""

    asked: tuple[Pair, ...]
    cut: int


@dataclass(frozen=True, slots=True)
class _Holder:
    entity: int
    start: int
    end: int
    via: Via


def find_pairs(article: Article) -> Pairs:
    """Every question worth asking, in text order. Reads: text, dateline, mentions, entities."""
    sentences = split_sentences(article.text)
    speakers = find_speakers(article, sentences)
    asked: list[Pair] = []
    cut = 0
    told = [mention for mention in article.mentions if mention.start_char >= _dateline_end(article)]
    for sentence, mentions in zip(sentences, _by_sentence(told, sentences), strict=True):
        cut += max(0, len(mentions) - MAX_NAMES)
        mentions = mentions[:MAX_NAMES]
        found = [*_within(article, sentence, mentions), *_spoken(article, sentence, mentions, speakers.get(sentence))]
        asked += found[:MAX_PAIRS]
        if not found and sentence not in speakers:
            asked += _own_voice(article, sentence, mentions)
        cut += max(0, len(found) - MAX_PAIRS)
    return Pairs(tuple(asked), cut)


def _dateline_end(article: Article) -> int:
    """Where the text begins after its dateline: "CAIRO" there says where it was written, and takes no side."""
    dateline = article.dateline or ""
    return len(dateline) if dateline and article.text.startswith(dateline) else 0


def _by_sentence(mentions: Sequence[Mention], sentences: Sequence[Span]) -> Iterator[list[Mention]]:
    at = 0
    for _, end in sentences:
        first = at
        while at < len(mentions) and mentions[at].start_char < end:
            at += 1
        yield [mention for mention in mentions[first:at] if mention.entity >= 0 and mention.end_char <= end]


def _within(article: Article, sentence: Span, mentions: Sequence[Mention]) -> list[Pair]:
    """Questions whose holder stands in the sentence, the nearest names first."""
    holders = [_Holder(m.entity, m.start_char, m.end_char, _via(article, m)) for m in mentions if can_hold(article, m)]
    holders += _pronouns(article, sentence)
    targets = [mention for mention in mentions if can_be_target(article, mention)]
    best: dict[tuple[int, int], tuple[int, _Holder, Mention]] = {}
    for holder in holders:
        for target in targets:
            if target.entity == holder.entity:
                continue
            distance = max(holder.start - target.end_char, target.start_char - holder.end)
            if distance < 0 or _listed_together(article, holder, target, mentions):
                continue
            key = (holder.entity, target.entity)
            if key not in best or (distance, holder.start) < (best[key][0], best[key][1].start):
                best[key] = (distance, holder, target)
    ordered = sorted(best.values(), key=lambda item: (item[0], item[1].start, item[2].start_char))
    return [_ask(article, sentence, holder, target) for _, holder, target in ordered]


def _via(article: Article, mention: Mention) -> Via:
    return Via.NAMED if fold_name(mention.text) == fold_name(article.entities[mention.entity].name) else Via.ALIAS


def _pronouns(article: Article, sentence: Span) -> Iterator[_Holder]:
    for start, end in find_subject_pronouns(article.text, sentence, article.language):
        entity = find_antecedent(article, start, article.text[start:end])
        if entity is not None:
            yield _Holder(entity, start, end, Via.PRONOUN)


def _listed_together(article: Article, holder: _Holder, target: Mention, mentions: Iterable[Mention]) -> bool:
    """Whether nothing but other names and list glue stands between the two."""
    start, end = min(holder.end, target.end_char), max(holder.start, target.start_char)
    between = article.text[start:end]
    for mention in mentions:
        if start <= mention.start_char and mention.end_char <= end:
            between = between.replace(mention.text, " ")
    words = between.replace(",", " , ").split()
    return bool(words) and any(w in (",", "and", "y", "e", "et", "und", "&") for w in words) and all(
        word.lower() in LIST_GLUE for word in words)


def _ask(article: Article, sentence: Span, holder: _Holder, target: Mention) -> Pair:
    start, end = passage(sentence, (holder.start, holder.end), (target.start_char, target.end_char), article.text)
    question = Question(article.text[start:end], (holder.start - start, holder.end - start),
                        (target.start_char - start, target.end_char - start))
    return Pair(holder.entity, target.entity, question, sentence, holder.via)


def passage(sentence: Span, holder: Span | None, target: Span, text: str) -> Span:
    """The part of a long sentence around holder and target that the model reads, cut at spaces."""
    if sentence[1] - sentence[0] <= MAX_PASSAGE:
        return sentence
    spans = [target] if holder is None else [holder, target]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    spare = max(0, MAX_PASSAGE - (last - first)) // 2
    start, end = max(sentence[0], first - spare), min(sentence[1], last + spare)
    if start > sentence[0]:
        start = min(first, text.find(" ", start, first) + 1 or first)
    if end < sentence[1]:
        end = max(last, text.rfind(" ", last, end))
    return start, end


def _spoken(article: Article, sentence: Span, mentions: Sequence[Mention], speaker: int | None) -> Iterator[Pair]:
    """Questions whose holder speaks the sentence without standing in it: asked with the speaker's name put before."""
    if speaker is None or any(mention.entity == speaker for mention in mentions):
        return
    name = article.entities[speaker].name
    targets = {m.entity: m for m in reversed(mentions) if can_be_target(article, m)}
    for target in sorted(targets.values(), key=lambda mention: mention.start_char):
        start, end = passage(sentence, None, (target.start_char, target.end_char), article.text)
        before = f"{name} said: "
        moved = len(before) - start
        question = Question(before + article.text[start:end], (0, len(name)),
                            (target.start_char + moved, target.end_char + moved))
        yield Pair(speaker, target.entity, question, sentence, Via.NAMED)


def _own_voice(article: Article, sentence: Span, mentions: Sequence[Mention]) -> list[Pair]:
    """The article's own voice on the one entity that a sentence names, unless it tells somebody's words or views."""
    text = article.text[slice(*sentence)]
    if SPEECH.search(text) or OTHER_VOICE.search(text):
        return []
    named = {m.entity: m for m in reversed(mentions) if can_be_target(article, m) and m.label in ACTORS}
    if len({mention.entity for mention in mentions}) != 1 or not named:
        return []
    ((entity, target),) = named.items()
    start, end = passage(sentence, None, (target.start_char, target.end_char), article.text)
    question = Question(article.text[start:end], None, (target.start_char - start, target.end_char - start))
    return [Pair(None, entity, question, sentence, Via.NAMED)]
