"""Resolve: mentions to the entities that they name, inside one article and from it alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import apache_beam as beam

from schemas.article import Article, Entity, Label, Mention
from transforms.aliases import SMALL_WORDS, Words, link_bodies, link_people
from transforms.gazetteer import Gazetteer, Kind, Sense, load_gazetteer
from transforms.mentions import NAMED, tidy_mentions, words_of
from transforms.titles import strip_titles
from transforms.try_map import Tried, TryMap

LEAD_CHARS, TOP_CHARS = 400, 1_200
HEADLINE_WEIGHT, LEAD_WEIGHT, TOP_WEIGHT, BODY_WEIGHT = 3.0, 2.0, 1.2, 0.8
BODY_KINDS = (Kind.BLOC, Kind.GOVERNMENT, Kind.INSTITUTION, Kind.MEDIA)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a mention refers to: `key` is one string an entity; `country` what the reference tells of it."""

    key: str
    country: str | None = None


def resolve_entities(article: Article) -> Article:
    """Find the entities that the mentions name.

    Reads: text, headline, dateline, mentions, language.
    Sets: mentions (tidied, with their entity), entities (heaviest first).
    """
    mentions = tidy_mentions(article.text, article.mentions)
    references = refer(mentions, article.language)
    entities, order = build_entities(article, mentions, references)
    numbered = tuple(
        replace(mention, entity=order[reference.key] if reference else -1)
        for mention, reference in zip(mentions, references, strict=True)
    )
    return replace(article, mentions=numbered, entities=entities)


def refer(mentions: Sequence[Mention], language: str) -> list[Reference | None]:
    """What each mention refers to; None for dates and sums of money."""
    gazetteer = load_gazetteer()
    references: list[Reference | None] = [_by_fact(gazetteer, mention, language) for mention in mentions]
    open_people = [i for i, mention in enumerate(mentions) if mention.label == Label.PERSON]
    people = link_people([strip_titles(words_of(mentions[i].text)) for i in open_people])
    for i, name in zip(open_people, people, strict=True):
        references[i] = _person(gazetteer, name)
    others = [i for i, m in enumerate(mentions) if references[i] is None and m.label in NAMED]
    bodies = link_bodies([_name_words(mentions[i].text) for i in others])
    for i, name in zip(others, bodies, strict=True):
        references[i] = Reference("name:" + " ".join(name))
    return references


def _name_words(text: str) -> Words:
    words = words_of(text)
    while len(words) > 1 and words[0] in SMALL_WORDS:
        words = words[1:]
    return tuple(words)


def _by_fact(gazetteer: Gazetteer, mention: Mention, language: str) -> Reference | None:
    """Countries, nationalities and well-known bodies, by the gazetteer."""
    if mention.label not in NAMED or mention.label == Label.PERSON:
        return None
    senses = gazetteer.lookup(mention.text.removeprefix("the ").removeprefix("The "), language=language)
    kinds = {sense.kind: sense for sense in reversed(senses)}
    if mention.label == Label.NORP:
        return _if(kinds.get(Kind.DEMONYM), "people")
    for kind in BODY_KINDS:
        if sense := kinds.get(kind):
            return Reference(f"body:{sense.canonical}", None if sense.code == "ZZ" else sense.code)
    if Kind.COUNTRY in kinds and len({sense.code for sense in senses}) == 1:
        return _if(kinds[Kind.COUNTRY], "country")
    return _place(senses)


def _if(sense: Sense | None, prefix: str) -> Reference | None:
    return Reference(f"{prefix}:{sense.code}", sense.code) if sense else None


def _place(senses: Sequence[Sense]) -> Reference | None:
    for sense in senses:
        if sense.kind in (Kind.REGION, Kind.CAPITAL) and len({s.code for s in senses}) == 1:
            return None
    return None


def _person(gazetteer: Gazetteer, name: Words) -> Reference:
    leaders = [s for s in gazetteer.senses(" ".join(name)) if s.kind in (Kind.LEADER, Kind.SURNAME)]
    if len({leader.canonical for leader in leaders}) == 1:
        return Reference("person:" + leaders[0].canonical, leaders[0].code)
    return Reference("person:" + " ".join(name))


def build_entities(
    article: Article, mentions: Sequence[Mention], references: Sequence[Reference | None]
) -> tuple[tuple[Entity, ...], dict[str, int]]:
    """The entities, heaviest first, and the place of each key among them."""
    grouped: defaultdict[str, list[tuple[Mention, Reference]]] = defaultdict(list)
    for mention, reference in zip(mentions, references, strict=True):
        if reference is not None:
            grouped[reference.key].append((mention, reference))
    weights = {key: _weigh(article, [m for m, _ in group]) for key, group in grouped.items()}
    total = sum(weights.values())
    keys = sorted(grouped, key=lambda key: (-round(weights[key] / total, 4), grouped[key][0][0].start_char))
    entities = tuple(_build(grouped[key], round(weights[key] / total, 4)) for key in keys)
    return entities, {key: place for place, key in enumerate(keys)}


def _weigh(article: Article, mentions: Sequence[Mention]) -> float:
    headline = article.headline or ""
    weight = HEADLINE_WEIGHT if any(mention.text in headline for mention in mentions) else 0.0
    for mention in mentions:
        start = mention.start_char
        weight += LEAD_WEIGHT if start < LEAD_CHARS else TOP_WEIGHT if start < TOP_CHARS else BODY_WEIGHT
    return weight


def _build(group: Sequence[tuple[Mention, Reference]], salience: float) -> Entity:
    forms = Counter(mention.text for mention, _ in group)
    name = max(forms, key=lambda form: (len(words_of(form)), len(form), forms[form], form))
    country = next((reference.country for _, reference in group if reference.country), None)
    aliases = tuple(sorted(set(forms) - {name}))
    return Entity(name, _label(mention for mention, _ in group), country, aliases, len(group), salience)


def _label(mentions: Iterable[Mention]) -> str:
    labels = Counter(mention.label for mention in mentions)
    return min(labels, key=lambda label: (-labels[label], label))


@dataclass
class ResolveEntities(beam.PTransform):
    """Resolve the mentions of each article (`resolve_entities`)."""

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Articles with entities, and the dead letters of those that failed."""
        return articles | "ResolveArticle" >> TryMap("resolve", resolve_entities)
