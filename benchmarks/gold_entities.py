"""Score the entities of an article against hand-annotated ones: found, joined, kept apart, country.

Pure functions over (gold entities, predicted entities); `benchmarks.gold` runs the pipeline and calls them. Names are
compared without case, accents, articles, possessives and titles: a person found as "Maduro" answers "President Maduro".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from schemas.article import Entity, Label
from transforms.mentions import words_of
from transforms.titles import strip_titles

ARTICLES = frozenset(("the", "a", "an"))


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """One annotated entity: its fullest name, other surface forms, and the country it stands for (None: none)."""

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    country: str | None = None


@dataclass(slots=True)
class EntityScore:
    """Counts over one or more articles, and a line for every miss."""

    gold: int = 0
    found: int = 0
    aliases: int = 0  # gold alias strings of found entities
    joined: int = 0  # … that the predicted entity holds too
    apart: int = 0  # … that another predicted entity holds
    wrong_merges: int = 0  # predicted entities that hold two gold entities' names
    countries: int = 0  # found gold entities with a country
    country_right: int = 0
    country_wrong: int = 0  # another code than gold's
    country_extra: int = 0  # a code where gold has none
    misses: list[str] = field(default_factory=list)

    def add(self, other: "EntityScore") -> None:
        """Add another article's counts and misses."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def figures(self) -> dict[str, float]:
        """The shares, rounded to four digits, and the counts that are no share of anything."""
        return {
            "entities_found": _share(self.found, self.gold),
            "aliases_joined": _share(self.joined, self.aliases),
            "aliases_elsewhere": _share(self.apart, self.aliases),
            "country_right": _share(self.country_right, self.countries),
            "country_wrong": self.country_wrong,
            "country_extra": self.country_extra,
            "wrong_merges": self.wrong_merges,
        }


def score_entities(gold: Sequence[GoldEntity], predicted: Sequence[Entity]) -> EntityScore:
    """How well the predicted entities of one article answer the annotated ones."""
    forms = [name_forms((entity.name, *entity.aliases), entity.label) for entity in predicted]
    score = EntityScore(gold=len(gold))
    matches = [match_entity(entity, predicted, forms) for entity in gold]
    for entity, place in zip(gold, matches, strict=True):
        if place is None:
            score.misses.append(f"not found: {entity.name} ({entity.label})")
            continue
        score.found += 1
        _score_aliases(score, entity, place, forms)
        _score_country(score, entity, predicted[place])
    _score_merges(score, gold, predicted, forms)
    return score


def match_entity(gold: GoldEntity, predicted: Sequence[Entity], forms: Sequence[frozenset[str]] = ()) -> int | None:
    """The predicted entity with the gold one's name, else with most of its aliases; None if there is none."""
    forms = forms or [name_forms((entity.name, *entity.aliases), entity.label) for entity in predicted]
    name, aliases = name_form(gold.name, gold.label), name_forms(gold.aliases, gold.label)
    ranks = [(name in held, len(aliases & held), predicted[i].mentions, -i) for i, held in enumerate(forms)]
    best = max(ranks, default=(False, 0, 0, 0))
    return ranks.index(best) if best[0] or best[1] else None


def _score_aliases(score: EntityScore, gold: GoldEntity, place: int, forms: Sequence[frozenset[str]]) -> None:
    for alias in gold.aliases:
        form = name_form(alias, gold.label)
        score.aliases += 1
        if form in forms[place]:
            score.joined += 1
        else:
            elsewhere = any(form in held for held in forms)
            score.apart += elsewhere
            score.misses.append(f"alias {'elsewhere' if elsewhere else 'missing'}: {alias} of {gold.name}")


def _score_country(score: EntityScore, gold: GoldEntity, predicted: Entity) -> None:
    if gold.country:
        score.countries += 1
        score.country_right += gold.country == predicted.country
    if gold.country == predicted.country:
        return
    score.country_wrong += bool(gold.country and predicted.country)
    score.country_extra += not gold.country
    score.misses.append(f"country: {predicted.name} is {gold.country}, got {predicted.country}")


def _score_merges(
    score: EntityScore, gold: Sequence[GoldEntity], predicted: Sequence[Entity], forms: Sequence[frozenset[str]]
) -> None:
    """Two gold names in one predicted entity, unless the annotation gives both the same form."""
    for entity, held in zip(predicted, forms, strict=True):
        inside = [g for g in gold if name_form(g.name, g.label) in held]
        if len({name_form(g.name, g.label) for g in inside}) > 1:
            score.wrong_merges += 1
            score.misses.append(f"wrongly merged: {', '.join(g.name for g in inside)} in {entity.name}")


def name_forms(names: Iterable[str], label: str) -> frozenset[str]:
    """Names as they are compared."""
    return frozenset(name_form(name, label) for name in names)


def name_form(name: str, label: str) -> str:
    """A name as it is compared: without case, accents, articles, possessives and titles."""
    words = words_of(name.removesuffix("'s").removesuffix("’s"))
    if label == Label.PERSON:
        words = list(strip_titles(words))
    while len(words) > 1 and words[0] in ARTICLES:
        words = words[1:]
    return " ".join(words)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
