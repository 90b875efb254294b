"""Resolve: mentions to the entities that they name, inside one article and from it alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import apache_beam as beam

from schemas.article import Article, Entity, Label, Mention
from transforms.mentions import words_of
from transforms.names import name_words
from transforms.references import find_references
from transforms.scene import Reference
from transforms.titles import REGNAL, TITLES, strip_titles
from transforms.try_map import Tried, TryMap

LEAD_CHARS, TOP_CHARS = 400, 1_200
OWNED = frozenset("his her its their our my".split())  # "her entire government" is no name where there is a better one
HEADLINE_WEIGHT, LEAD_WEIGHT, TOP_WEIGHT, BODY_WEIGHT = 3.0, 2.0, 1.2, 0.8


def resolve_entities(article: Article) -> Article:
    """Find the entities that the mentions name.

    Reads: text, headline, dateline, mentions, language, found_dates.
    Sets: mentions (tidied, with phrases and titles that stand for an entity, numbered), entities (heaviest first).
    """
    if article.entities:  # resolved before
        return article
    found = find_references(article)
    entities, places = build_entities(article, found)
    mentions = tuple(
        replace(mention, entity=places[reference.key] if reference else -1) for mention, reference in found
    )
    return replace(article, mentions=mentions, entities=entities)


def build_entities(
    article: Article, found: Sequence[tuple[Mention, Reference | None]]
) -> tuple[tuple[Entity, ...], dict[str, int]]:
    """The entities, heaviest first, and the place of each key among them."""
    grouped: defaultdict[str, list[tuple[Mention, Reference]]] = defaultdict(list)
    for mention, reference in found:
        if reference is not None:
            grouped[reference.key].append((mention, reference))
    weights = {key: _weigh(article, [m for m, _ in group]) for key, group in grouped.items()}
    total = sum(weights.values())
    keys = sorted(grouped, key=lambda key: (-round(weights[key] / total, 4), grouped[key][0][0].start_char))
    entities = tuple(_build(grouped[key], round(weights[key] / total, 4)) for key in keys)
    return entities, {key: place for place, key in enumerate(keys)}


def _weigh(article: Article, mentions: Sequence[Mention]) -> float:
    headline = article.headline or ""
    weight = HEADLINE_WEIGHT if any(_stands_in(headline, text) for text in {m.text for m in mentions}) else 0.0
    for mention in mentions:
        start = mention.start_char
        weight += LEAD_WEIGHT if start < LEAD_CHARS else TOP_WEIGHT if start < TOP_CHARS else BODY_WEIGHT
    return weight


def _stands_in(headline: str, name: str) -> bool:
    """Whether a headline has a name as words of its own: Niger does not stand in "Nigeria votes"."""
    return name in headline and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", headline) is not None


def _build(group: Sequence[tuple[Mention, Reference]], salience: float) -> Entity:
    forms = Counter(mention.text for mention, _ in group)
    named = Counter(mention.text for mention, reference in group if not reference.nominal)
    plural = any(mention.label == Label.NORP for mention, _ in group)
    name = max(named or forms, key=lambda form: (
        form.split()[0].lower() not in OWNED,
        plural and form.endswith("s"),
        len(name_words(form)), len(form), forms[form], form,
    ))  # fmt: skip
    countries = Counter(reference.country for _, reference in group if reference.country)
    country = min(countries, key=lambda code: (-countries[code], code), default=None)
    label = _label([mention for mention, reference in group if not reference.nominal] or [m for m, _ in group])
    name = _without_title(name) if label == Label.PERSON else name
    return Entity(name, label, country, tuple(sorted(set(forms) - {name})), len(group), salience)


def _without_title(name: str) -> str:
    """A person's name without the titles before it, but "Pope Francis", as it is written."""
    parts = name.split()
    kept = len(strip_titles(words_of(name)))
    while len(parts) > 1 and len(words_of(" ".join(parts[1:]))) >= kept and words_of(parts[0])[-1:] != []:
        first = words_of(parts[0])[-1]
        if first not in TITLES or first in REGNAL:
            break
        parts = parts[1:]
    return " ".join(parts)


def _label(mentions: Iterable[Mention]) -> str:
    labels = Counter(mention.label for mention in mentions)
    return min(labels, key=lambda label: (-labels[label], label))


@dataclass
class ResolveEntities(beam.PTransform):
    """Resolve the mentions of each article (`resolve_entities`)."""

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Articles with entities, and the dead letters of those that failed."""
        return articles | "ResolveArticle" >> TryMap("resolve", resolve_entities)
