"""Pairs: which (holder, target) questions an article's sentences raise, for the stance model to answer.

A holder is found in four ways: named in the sentence; a subject pronoun that stands for an entity before it; the
speaker of a quotation; and nobody, where a sentence has one name alone and tells nobody's words or views: the article's
own voice. What is quoted is asked of its speaker, and of those named in the quotation among themselves. Members of one
list (`Argentina, Brazil and Chile`) are not asked about each other, nor are a name and whose office it bears (`Labour
leader Ann Lee`), nor a state's names (`transforms.states`). A holder that stands after its target is asked about only
where the words between let it act (`was condemned by`). A sentence is asked at most MAX_PAIRS questions, what is quoted
first, then the nearest names.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.stance import Question, Span
from schemas.article import Article, Label, Mention, Via
from transforms.gazetteer import WORD, fold, fold_name
from transforms.office_words import CHANGING, FAMILY, PLAIN_WORDS, office_nouns
from transforms.parties import find_holders, find_spoken_of, find_targets, is_by_name
from transforms.questions import MAX_PASSAGE, Party, ask, ask_spoken
from transforms.roles import ACTORS, can_be_target
from transforms.sentences import split_sentences
from transforms.speakers import SPEECH, Speech, find_speakers
from transforms.states import States

MAX_PAIRS = 10  # directed pairs a sentence
MAX_NAMES = 64  # of one sentence that are paired: more are a list or a table, and pairs grow with their square
# A sentence with these speaks for somebody: in the first person, or by telling what its one name thinks.
OTHER_VOICE = re.compile(
    r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|us|me|you|[Yy]our|[Jj]e|[Nn]ous|[Ii]ch|[Ww]ir|[Yy]o|[Nn]osotros|[Ee]u|[Nn]ós|favou?r(?:s|ed)|"
    r"oppos(?:es|ed)|support(?:s|ed)|emphasi[sz](?:es|ed)|cit(?:es|ed)|critici[sz](?:es|ed)|prais(?:es|ed)|conced(?:es|ed)|"
    r"apologi[sz](?:es|ed)|repeat(?:s|ed)|express(?:es|ed)|accus(?:es|ed)|den(?:ies|ied)|promis(?:es|ed)|vow(?:s|ed)|"
    r"condemn(?:s|ed)|welcom(?:es|ed)|reject(?:s|ed)|believ(?:es|ed)|thinks?|thought|wants?|wanted|hopes?|hoped|urg(?:es|ed)|"
    r"call(?:s|ed) (?:for|on)|thank(?:s|ed)|blam(?:es|ed)|demand(?:s|ed)|pledg(?:es|ed)|refus(?:es|ed))\b"
)
AFTER = 100  # characters that a holder named once before and once after a target is the nearer for, before it
# What may stand between a name and that of the body or country that its bearer belongs to.
MAX_OFFICE = 60
BELONGING = re.compile(r"[\w\s,'’()-]*")
JOINING = frozenset("s of from de del da do du des von der".split())
OFFICE_WORDS = PLAIN_WORDS | CHANGING | frozenset(
    "s at in from district federal foreign national general prime regional party s' de la del do da du des von "
    "der".split()) | frozenset(FAMILY)
# What stands between a target and a holder that comes after it, where the holder's stance may be told: of the 368 such
# stances of directed sentiment's training rows that two readers see 72% have it or a verb of speech after the holder,
# of the neutral pairs 39%; one stance in eight comes so. "who", "which" and "that" count right before the holder alone:
# elsewhere they are every fifth of such questions in running news, and one in 250 of those has a stance.
TURN = re.compile(
    r"\b(?:by|from|whom|por|que|da|do|pela|pelo|par|qui|dont|von|vom|der|die|das)\b|[“”„«»\"]|,\s*(?:\w+\s+){0,4}$"
    r"|\b(?:who|which|that)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
SAYS = 25  # characters after a holder within which a verb of speech is its own
AND = frozenset({"and", "or", "y", "e", "et", "und", "&", "as"})
AND_COMMA = AND | {","}
LIST_GLUE = AND_COMMA | {"well", "the", "la", "el", "both", ";"}


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


def find_pairs(article: Article) -> Pairs:
    """Every question worth asking, in text order. Reads: text, dateline, mentions, entities."""
    sentences = split_sentences(article.text)
    speakers, states = find_speakers(article, sentences), States(article)
    asked: list[Pair] = []
    cut = 0
    told = [mention for mention in article.mentions if mention.start_char >= _dateline_end(article)]
    for sentence, mentions in zip(sentences, _by_sentence(told, sentences), strict=True):
        cut += max(0, len(mentions) - MAX_NAMES)
        mentions = mentions[:MAX_NAMES]
        speech = speakers.get(sentence)
        raised = (*_spoken(article, sentence, mentions, speech), *_within(article, sentence, mentions, speech))
        found = _once(pair for pair in raised if pair.holder is None or not (
            states.same(pair.holder, pair.target) or _may_be_one(article, pair.holder, pair.target)))
        asked += found[:MAX_PAIRS]
        if not found and sentence not in speakers:
            asked += _own_voice(article, sentence, mentions)
        cut += max(0, len(found) - MAX_PAIRS)
    return Pairs(tuple(asked), cut)


def _may_be_one(article: Article, holder: int, target: int) -> bool:
    """Whether a part of one's name is the other's, a surname that two bear: "Biden" may be Joe Biden himself."""
    both = [article.entities[entity] for entity in (holder, target)]
    if any(entity.label != Label.PERSON for entity in both):
        return False
    one, other = (set(fold_name(entity.name).split()) for entity in both)
    return one < other or other < one


def _once(pairs: Iterable[Pair]) -> list[Pair]:
    """The first question of each holder and target in a sentence."""
    found: dict[tuple[int | None, int], Pair] = {}
    for pair in pairs:
        found.setdefault((pair.holder, pair.target), pair)
    return list(found.values())


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


def _within(article: Article, sentence: Span, mentions: Sequence[Mention], speech: Speech | None) -> list[Pair]:
    """Questions whose holder stands in the sentence, the nearest names first."""
    quotations = speech.quotations if speech and speech.speaker is not None else ()
    best: dict[tuple[int, int], tuple[tuple[bool, int, int], Party, Party]] = {}
    targets = [(is_by_name(article, target), target) for target in find_targets(article, sentence, mentions)]
    for holder in find_holders(article, sentence, mentions):
        by_name = is_by_name(article, holder)
        for target_by_name, target in targets:
            if _is_asked(article, sentence, (holder, target), mentions, quotations):
                nominal = not (by_name and target_by_name)
                after = AFTER if holder.start > target.start else 0
                rank = (nominal, after + _distance(holder, target), holder.start)
                key = (holder.entity, target.entity)
                if key not in best or rank < best[key][0]:
                    best[key] = (rank, holder, target)
    ordered = sorted(best.values(), key=lambda item: (_distance(item[1], item[2]), item[1].start, item[2].start))
    return [Pair(holder.entity, target.entity, ask(article.text, sentence, holder, target), sentence, holder.via)
            for _, holder, target in ordered]


def _is_asked(
    article: Article, sentence: Span, pair: tuple[Party, Party], mentions: Sequence[Mention], quotations: Sequence[Span]
) -> bool:
    """Whether the two stand apart, are no parts of one list, and both in a quotation or both outside."""
    holder, target = pair
    if target.entity == holder.entity or not 0 <= _distance(holder, target) <= MAX_PASSAGE:
        return False
    if _quotation(holder, quotations) != _quotation(target, quotations):
        return False
    if holder.start > target.start and not _may_turn(article.text, sentence, holder, target):
        return False
    return not (_belong_together(article, holder, target) or _listed_together(article, holder, target, mentions))


def _may_turn(text: str, sentence: Span, holder: Party, target: Party) -> bool:
    """Whether a holder may act on a target named before it: "… was condemned by", "…, whom … praised", "…, … said"."""
    says = min(sentence[1], holder.end + SAYS)
    return bool(TURN.search(text, target.end, holder.start) or SPEECH.search(text, holder.end, says))


def _distance(holder: Party, target: Party) -> int:
    return max(holder.start - target.end, target.start - holder.end)


def _quotation(party: Party, quotations: Sequence[Span]) -> Span | None:
    return next((span for span in quotations if span[0] <= party.start < span[1]), None)


def _belong_together(article: Article, holder: Party, target: Party) -> bool:
    """Whether offices and small words alone stand between: "the Labour leader Ann Lee", "Ann Lee of the OAS"."""
    between = article.text[min(holder.end, target.end) : max(holder.start, target.start)]
    if len(between) > MAX_OFFICE or not BELONGING.fullmatch(between):
        return False
    words = [fold(word) for word in WORD.findall(between)]
    offices = {word for word in words if word in office_nouns(article.language)}
    joined = not between.strip() or bool(offices) or not JOINING.isdisjoint(words)
    return joined and all(word in offices or word in OFFICE_WORDS for word in words)


def _listed_together(article: Article, holder: Party, target: Party, mentions: Iterable[Mention]) -> bool:
    """Whether nothing but other names and list glue stands between the two, and a conjunction ends the list."""
    start, end = min(holder.end, target.end), max(holder.start, target.start)
    later = max((holder, target), key=lambda party: party.start)
    inside = [(m.start_char, m.end_char) for m in mentions if start <= m.start_char and m.end_char <= end]
    glue = list(_glues(article.text, [(start, start), *inside, (end, end)]))
    if not all(glue):
        return False
    if not AND.isdisjoint(glue[-1]):
        return True
    after = [(m.start_char, m.end_char) for m in mentions if m.start_char >= later.end]
    for words in _glues(article.text, [(later.start, later.end), *after]):
        if not words or not AND.isdisjoint(words):
            return bool(words)
    return False


def _glues(text: str, names: Sequence[Span]) -> Iterator[list[str]]:
    """The words between each name and the next; none where they are no list's."""
    for (_, start), (end, _) in itertools.pairwise(names):
        words = text[start:end].replace(",", " , ").lower().split()
        yield words if not AND_COMMA.isdisjoint(words) and all(word in LIST_GLUE for word in words) else []


def _spoken(article: Article, sentence: Span, mentions: Sequence[Mention], speech: Speech | None) -> Iterator[Pair]:
    """Questions whose holder speaks a quotation of the sentence."""
    if speech is None or speech.speaker is None:
        return
    name = article.entities[speech.speaker].name
    for quotation in speech.quotations:
        for target in find_spoken_of(article, quotation, speech.speaker, mentions):
            question = ask_spoken(article.text, quotation, name, target)
            yield Pair(speech.speaker, target.entity, question, sentence, speech.via)


def _own_voice(article: Article, sentence: Span, mentions: Sequence[Mention]) -> list[Pair]:
    """The article's own voice on the one entity that a sentence names, unless it tells somebody's words or views."""
    text = article.text[slice(*sentence)]
    if SPEECH.search(text) or OTHER_VOICE.search(text):
        return []
    named = {m.entity: m for m in reversed(mentions) if can_be_target(article, m) and m.label in ACTORS}
    if len({mention.entity for mention in mentions}) != 1 or not named:
        return []
    ((entity, target),) = named.items()
    party = Party(entity, target.start_char, target.end_char, Via.NAMED)
    return [Pair(None, entity, ask(article.text, sentence, None, party), sentence, Via.NAMED)]
