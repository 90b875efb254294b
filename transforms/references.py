"""References: for each mention of an article the entity that it names, and the mentions that the model could not mark.

The order: phrases with an owner ("the Venezuelan government") take the mentions inside them; people are linked and
their titles read; the other names are referred by facts and linked; then definite phrases and titles alone ("the
ministry", "the president") find what they refer to among all of these.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from schemas.article import Article, Label, Mention
from transforms.acronyms import join_other_names
from transforms.aliases import SMALL_WORDS
from transforms.bodies import LABELS, STATE_KINDS, Bodies
from transforms.body_words import BodyKind, body_nouns
from transforms.groups import find_groups
from transforms.known_bodies import add_known_bodies
from transforms.mentions import NAMED, tidy_mentions
from transforms.names import Names, name_words
from transforms.nominals import BodyPhrase, find_bodies
from transforms.offices import OfficePhrase, OfficeReader
from transforms.people import People, is_title
from transforms.scene import Reference, Scene, read_scene
from transforms.tokens import Tokens


@dataclass(slots=True)
class Item:
    """A mention under way: the owned phrase that it is, and what it refers to."""

    mention: Mention
    phrase: BodyPhrase | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """A stretch that the model did not mark, with what it refers to."""

    start_char: int
    end_char: int
    label: str
    reference: Reference


def find_references(article: Article) -> list[tuple[Mention, Reference | None]]:
    """The mentions of an article in text order, found ones among them, each with its reference (dates: None)."""
    text, language = article.text, article.language
    scene = read_scene(article)
    mentions = tidy_mentions(text, add_known_bodies(text, article.mentions, scene.places))
    tokens = Tokens(text)
    phrases = find_bodies(tokens, scene.places, scene.gazetteer, language, _surnames(mentions))
    items = _overlay(text, mentions, _owned(phrases, mentions))
    reader = OfficeReader(tokens, scene.places, language)
    offices = reader.phrases()
    people = _refer_people(scene, items, reader, offices)
    additions = _refer_bodies(scene, tokens, items, people, [phrase for phrase in phrases if not phrase.owner])
    additions += [Addition(s, e, str(Label.PERSON), r) for s, e, r in people.refer_offices(offices)]
    additions += [
        Addition(start, end, str(Label.NORP), Reference(key, country))
        for start, end, key, country in find_groups(text, scene.places, scene.language, scene.home)
    ]
    placed = _place(text, items, additions)
    return join_other_names(text, [(item.mention, _last(item)) for item in placed])


def _last(item: Item) -> Reference | None:
    """A title that stands for nobody of the article names somebody of its own."""
    if item.reference is None and item.mention.label in NAMED:
        return Reference("person:" + " ".join(name_words(item.mention.text)))
    return item.reference


def _owned(phrases: Iterable[BodyPhrase], mentions: Sequence[Mention]) -> list[BodyPhrase]:
    """Phrases with an owner; a party, bank or university only where the model took it for a name."""
    named = [m for m in mentions if m.label in (Label.ORG, Label.FAC, Label.MISC)]
    starts = [mention.start_char for mention in named]
    kept = []
    for phrase in phrases:
        at = bisect_right(starts, phrase.noun_start) - 1
        if phrase.owner and (phrase.kind in STATE_KINDS or (at >= 0 and named[at].end_char > phrase.noun_start)):
            kept.append(phrase)
    return kept


def _surnames(mentions: Iterable[Mention]) -> frozenset[str]:
    names = (name_words(mention.text) for mention in mentions if mention.label == Label.PERSON)
    return frozenset(name[-1] for name in names if len(name) > 1)


def _overlay(text: str, mentions: Sequence[Mention], phrases: Sequence[BodyPhrase]) -> list[Item]:
    """Phrases over mentions: a phrase takes in what it touches, and what it touches makes it wider."""
    items: list[Item] = []
    position = 0
    for phrase in phrases:
        while position < len(mentions) and mentions[position].end_char <= phrase.start_char:
            items.append(Item(mentions[position]))
            position += 1
        touched = []
        while position < len(mentions) and mentions[position].start_char < phrase.end_char:
            touched.append(mentions[position])
            position += 1
        if not items or items[-1].mention.end_char <= phrase.start_char:
            items.append(_merge(text, touched, phrase))
        else:
            items.extend(Item(mention) for mention in touched)
    return items + [Item(mention) for mention in mentions[position:]]


def _merge(text: str, touched: Sequence[Mention], phrase: BodyPhrase) -> Item:
    start = min([phrase.start_char, *(mention.start_char for mention in touched)])
    end = max([phrase.end_char, *(mention.end_char for mention in touched)])
    score = min([1.0, *(mention.score for mention in touched)])
    label = LABELS.get(phrase.kind, str(Label.ORG))
    wider = name_words(text[start : phrase.start_char])
    return Item(Mention(text[start:end], start, end, label, score), replace(phrase, topic=(*wider, *phrase.topic)))


def _refer_people(scene: Scene, items: Sequence[Item], reader: OfficeReader, offices: Sequence[OfficePhrase]) -> People:
    ends = {phrase.end_char for phrase in offices}
    named = [
        item for item in items
        if item.mention.label == Label.PERSON and item.mention.end_char not in ends and not is_title(item.mention)
    ]
    people = People(scene, [item.mention for item in named])
    people.read_titles(reader)
    for item, key in zip(named, people.keys, strict=True):
        item.reference = Reference(key, people.country(key))
    return people


def _refer_bodies(
    scene: Scene, tokens: Tokens, items: Sequence[Item], people: People, definite: Sequence[BodyPhrase]
) -> list[Addition]:
    """Give every item that is no person its reference; the answer is the definite phrases that no item covers."""
    bodies = Bodies(scene.home)
    _refer_owned(bodies, items, people)
    pending = _pending(scene, tokens.text, items, definite)
    _refer_names(scene, items, people, pending)
    for item in items:
        _anchor(bodies, item, scene.language, tokens)
    additions = []
    for phrase, covering in pending:
        reference = bodies.refer_definite(phrase, named=covering is not None)
        if covering is not None:
            covering.reference = reference or Reference("name:" + " ".join(name_words(covering.mention.text)))
            _anchor(bodies, covering, scene.language, tokens)
        elif reference is not None:
            label = LABELS.get(phrase.kind, str(Label.ORG))
            additions.append(Addition(phrase.start_char, phrase.end_char, label, reference))
    return additions


def _refer_owned(bodies: Bodies, items: Sequence[Item], people: People) -> None:
    owned = [(item, item.phrase) for item in items if item.phrase and item.phrase.kind in STATE_KINDS]
    governments = {}
    for item, phrase in owned:
        if phrase.owner and phrase.owner.person and (told := people.government_of(phrase.owner)):
            governments[id(item)] = told
            bodies.note_leader(*told)
    for item, phrase in owned:
        if id(item) in governments:
            item.reference = bodies.refer_owned(phrase, *governments[id(item)])
        elif phrase.owner and phrase.owner.country:
            item.reference = bodies.refer_owned(phrase, phrase.owner.country)
        elif phrase.owner:
            item.reference = Reference("government:by " + " ".join(phrase.owner.person))


def _pending(
    scene: Scene, text: str, items: Sequence[Item], definite: Sequence[BodyPhrase]
) -> list[tuple[BodyPhrase, Item | None]]:
    """Definite phrases in text order, each with the mention that covers its noun; bare names of bodies besides."""
    pending: list[tuple[BodyPhrase, Item | None]] = []
    position = 0
    for phrase in definite:
        while position < len(items) and items[position].mention.end_char <= phrase.start_char:
            _append_name(scene, pending, items[position])
            position += 1
        item = items[position] if position < len(items) else None
        if item is not None and _is_topic(text, phrase, item):
            item.mention = _reach(text, item.mention, phrase.end_char)
        if item is None or item.mention.start_char >= phrase.end_char:
            pending.append((phrase, None))
        elif _is_named_by(phrase, item):
            pending.append((phrase, item))
            position += 1
    for item in items[position:]:
        _append_name(scene, pending, item)
    return pending


def _is_named_by(phrase: BodyPhrase, item: Item) -> bool:
    """Whether a mention is the name in a definite phrase and tells no more than the phrase does."""
    if item.phrase or item.reference or item.mention.label not in NAMED or item.mention.end_char != phrase.end_char:
        return False
    return phrase.kind in STATE_KINDS or len(name_words(item.mention.text)) == 1


def _is_topic(text: str, phrase: BodyPhrase, item: Item) -> bool:
    """ "Foreign Affairs" in "the country's Foreign Affairs ministry", of which the model marked no more."""
    mention = item.mention
    if phrase.kind not in STATE_KINDS or mention.label not in (Label.ORG, Label.MISC) or item.reference:
        return False
    return mention.start_char > phrase.start_char and text[mention.end_char : phrase.noun_start] in (" ", "\u00a0")


def _reach(text: str, mention: Mention, end: int) -> Mention:
    return replace(mention, text=text[mention.start_char : end], end_char=end)


def _append_name(scene: Scene, pending: list[tuple[BodyPhrase, Item | None]], item: Item) -> None:
    """ "Parliament", "Thames Valley Police": a body of the home country unless it is named elsewhere with an owner."""
    mention = item.mention
    if mention.label != Label.ORG or item.reference or item.phrase or scene.gazetteer.lookup(mention.text):
        return
    words = name_words(mention.text)
    noun = body_nouns(scene.language).get(words[-1])
    if noun is None or noun.kind not in STATE_KINDS or noun.kind is BodyKind.GOVERNMENT:
        return
    start = mention.end_char - len(words[-1])
    phrase = BodyPhrase(mention.start_char, mention.end_char, start, noun.kind, words[-1], words[:-1], None)
    pending.append((phrase, item))


def _refer_names(
    scene: Scene, items: Sequence[Item], people: People, pending: Sequence[tuple[BodyPhrase, Item | None]]
) -> None:
    names = Names(scene)
    waiting = {id(item) for _, item in pending if item}
    still_open = []
    for item in items:
        if item.reference or item.mention.label not in NAMED or id(item) in waiting:
            continue
        item.reference = names.by_fact(item.mention)
        if item.reference is None and item.mention.label != Label.PERSON:
            still_open.append(item)
    for item, reference in zip(still_open, names.link([i.mention for i in still_open], people.surnames()), strict=True):
        owner = item.phrase.owner if item.phrase else None
        item.reference = replace(reference, country=owner.country[:2]) if owner and owner.country else reference
    for item in items:
        if item.mention.label == Label.PERSON and item.reference and not item.reference.country:
            item.reference = names.of_lone_person(item.mention) or item.reference


def _anchor(bodies: Bodies, item: Item, language: str, tokens: Tokens) -> None:
    """Let definite phrases refer to this item, if a noun in its name says what it is."""
    if item.reference is None or item.mention.label in (Label.PERSON, Label.LOC) or item.reference.nominal:
        return
    nouns = body_nouns(language)
    words = name_words(item.mention.text)
    start = item.mention.start_char
    if item.phrase is not None:
        bodies.anchor(start, item.phrase.kind, item.phrase.noun, (*item.phrase.topic, *words), item.reference)
        return
    heads = [word for word, after in pairwise(words) if after in SMALL_WORDS]
    for word in dict.fromkeys((words[-1], *heads)):
        if noun := nouns.get(word):
            bodies.anchor(start, noun.kind, word, words, item.reference)
            return
    before = tokens.before(start)  # "the airline Mahan Air"
    if before is not None and (noun := nouns.get(before.folded)):
        bodies.anchor(start, noun.kind, before.folded, (before.folded, *words), item.reference)


def _place(text: str, items: Sequence[Item], additions: Iterable[Addition]) -> list[Item]:
    """The items with the additions among them: one takes in the names inside it, and gives way to what is wider."""
    placed: list[Item] = []
    position = 0
    for addition in sorted(additions, key=lambda a: (a.start_char, -a.end_char)):
        while position < len(items) and items[position].mention.end_char <= addition.start_char:
            placed.append(items[position])
            position += 1
        if placed and placed[-1].mention.end_char > addition.start_char:
            continue
        stop = position
        while stop < len(items) and items[stop].mention.start_char < addition.end_char:
            stop += 1
        inside = items[position:stop]
        if any(i.mention.start_char < addition.start_char or i.mention.end_char > addition.end_char for i in inside):
            continue
        position = stop
        placed.append(_put(text, inside, addition))
    return [*placed, *items[position:]]


def _put(text: str, inside: Sequence[Item], addition: Addition) -> Item:
    if inside and inside[-1].mention.end_char == addition.end_char and addition.label == inside[-1].mention.label:
        start = inside[0].mention.start_char
    else:
        start = addition.start_char
    score = min([1.0, *(item.mention.score for item in inside)])
    mention = Mention(text[start : addition.end_char], start, addition.end_char, addition.label, score)
    return Item(mention, None, addition.reference)
