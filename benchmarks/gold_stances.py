"""Score the stance edges of hand-annotated articles, and say of every miss why it was missed.

An edge is found when the article-level verdict between the entities that answer its holder and its target is the gold
label. The verdict is that of the view `stance_pairs`: the side with the greater sum of its rows' scores. The annotators
left out many weak edges on purpose, so false alarms are counted on the pairs that they marked as neutral.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.gold_articles import Annotated
from benchmarks.gold_entities import GoldEntity, match_entity, name_form, name_forms
from benchmarks.gold_text import Score, share_of
from schemas.article import Article, Attitude, Stance
from transforms.pairs import find_pairs

AUTHOR = "@author"
NO_ENTITY, NO_PAIR, NEUTRAL, OPPOSITE = "entity not found", "pair not proposed", "verdict neutral", "verdict opposite"
Holder = int | None  # None: the article's own voice


@dataclass(frozen=True, slots=True)
class Edge:
    """One annotated edge, and the text of its evidence."""

    holder: str
    target: str
    label: str
    strength: str
    evidence: str


@dataclass(slots=True)
class Judged:
    """One article with its annotated entities matched to predicted ones."""

    example: Annotated
    article: Article
    matches: dict[str, frozenset[Holder]]
    asked: frozenset[tuple[Holder, int]]
    rows: dict[tuple[Holder, int], list[Stance]] = field(default_factory=dict)

    def verdict(self, holder: str, target: str) -> str | None:
        """The verdict between two annotated entities; None where no row is kept of them."""
        rows = [row for pair in self.pairs(holder, target) for row in self.rows.get(pair, ())]
        return judge(rows) if rows else None

    def pairs(self, holder: str, target: str) -> list[tuple[Holder, int]]:
        """The predicted pairs that answer a pair of annotated entities."""
        return [(h, t) for h in self.matches[holder] for t in self.matches[target] if t is not None and h != t]

    def cause(self, edge: Edge) -> str | None:
        """Why an edge is missed; None where it is found."""
        if lost := [name for name in (edge.holder, edge.target) if not self.matches[name]]:
            return f"{NO_ENTITY}: {' and '.join(lost)}"
        verdict = self.verdict(edge.holder, edge.target)
        if verdict is None and not any(pair in self.asked for pair in self.pairs(edge.holder, edge.target)):
            return NO_PAIR
        if verdict in (None, Attitude.NEUTRAL):
            return NEUTRAL
        return None if verdict == edge.label else OPPOSITE


def judge(rows: Sequence[Stance]) -> str:
    """The article-level verdict over the rows of one pair."""
    weights: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        weights[row.stance] += row.score
    favor, against = round(weights[Attitude.FAVOR], 5), round(weights[Attitude.AGAINST], 5)
    if favor == against:
        return Attitude.NEUTRAL
    return Attitude.FAVOR if favor > against else Attitude.AGAINST


def match_entities(gold: Sequence[GoldEntity], article: Article) -> dict[str, frozenset[Holder]]:
    """The predicted entities that answer each annotated one: its best match, and those that answer no other better."""
    predicted = article.entities
    owners: dict[int, str] = {}
    for place, entity in enumerate(predicted):
        ranked = []
        for number, person in enumerate(gold):
            held = name_forms((entity.name, *entity.aliases), person.label)
            shared = held & name_forms((person.name, *person.aliases), person.label)
            named = name_form(person.name, person.label) in held
            ranked.append((named, len(shared), -number))
        if ranked and (best := max(ranks for ranks in ranked))[1]:
            owners[place] = gold[-best[2]].name
    matches: dict[str, frozenset[Holder]] = {AUTHOR: frozenset({None})}
    for person in gold:
        own = {place for place, name in owners.items() if name == person.name}
        first = match_entity(person, predicted)
        matches[person.name] = frozenset(own or ({first} if first is not None else set()))
    return matches


def score_stances(examples: Sequence[Annotated], articles: Sequence[Article]) -> Score:
    """Recall of explicit and implied edges, false alarms, polarity and direction, and the causes of the misses."""
    counts: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    misses: list[str] = []
    for example, article in zip(examples, articles, strict=True):
        judged = _prepare(example, article)
        edges = [Edge(*(row[name] for name in Edge.__slots__)) for row in example.gold["stances"]]
        for edge in edges:
            _score_edge(judged, edge, edges, counts, causes, misses)
        _score_neutral_pairs(judged, counts, misses)
        counts["rows"] += len(article.stances)
        counts["predicted"] += sum(judge(rows) != Attitude.NEUTRAL for rows in judged.rows.values())
    return Score(_figures(counts, causes), misses)


def _prepare(example: Annotated, article: Article) -> Judged:
    entities = [
        GoldEntity(row["name"], row["type"], tuple(row["aliases"]), row["country"]) for row in example.gold["entities"]
    ]
    asked = frozenset((pair.holder, pair.target) for pair in find_pairs(article).asked)
    judged = Judged(example, article, match_entities(entities, article), asked)
    for row in article.stances:
        judged.rows.setdefault((row.holder, row.target), []).append(row)
    return judged


def _score_edge(
    judged: Judged, edge: Edge, edges: Sequence[Edge], counts: Counter[str], causes: Counter[str], misses: list[str]
) -> None:
    cause = judged.cause(edge)
    counts[edge.strength] += 1
    counts[f"{edge.strength}_found"] += cause is None
    counts["decided"] += cause in (None, OPPOSITE)
    counts["opposite"] += cause == OPPOSITE
    both = {(other.holder, other.target) for other in edges}
    back = judged.verdict(edge.target, edge.holder) if (edge.target, edge.holder) not in both else None
    turned = cause not in (None, OPPOSITE) and back == edge.label
    counts["turned"] += turned
    if cause is None:
        return
    kind = cause.partition(":")[0]
    causes[f"{edge.strength}: {kind}"] += 1
    turn = "; the other way round it is found" if turned else ""
    misses.append(
        f"{judged.example.name}: {edge.strength} {edge.label}, {edge.holder} > {edge.target}: {cause}{turn} "
        f"| {edge.evidence}"
    )


def _score_neutral_pairs(judged: Judged, counts: Counter[str], misses: list[str]) -> None:
    for holder, target in judged.example.gold["neutral_pairs"]:
        counts["neutral"] += 1
        counts["neutral_matched"] += bool(judged.matches[holder] and judged.matches[target])
        verdict = judged.verdict(holder, target)
        if verdict in (None, Attitude.NEUTRAL):
            continue
        counts["false_alarms"] += 1
        rows = [row for pair in judged.pairs(holder, target) for row in judged.rows.get(pair, ())]
        strongest = max((row for row in rows if row.stance == verdict), key=lambda row: row.score)
        evidence = judged.article.text[strongest.evidence_start : strongest.evidence_end]
        misses.append(
            f"{judged.example.name}: false alarm, {holder} > {target}: {verdict} {strongest.score:.2f} | {evidence}"
        )


def _figures(counts: Counter[str], causes: Counter[str]) -> dict[str, Any]:
    directed = counts["decided"] + counts["turned"]
    return {
        "explicit_edges": counts["explicit"],
        "explicit_recall": share_of(counts["explicit_found"], counts["explicit"]),
        "implied_edges": counts["implied"],
        "implied_recall": share_of(counts["implied_found"], counts["implied"]),
        "neutral_pairs": counts["neutral"],
        "neutral_pairs_with_both_entities": counts["neutral_matched"],
        "false_alarms": counts["false_alarms"],
        "false_alarm_rate": share_of(counts["false_alarms"], counts["neutral"]),
        "false_alarm_rate_with_both_entities": share_of(counts["false_alarms"], counts["neutral_matched"]),
        "polarity_right": share_of(counts["decided"] - counts["opposite"], counts["decided"]),
        "direction_right": share_of(counts["decided"], directed),
        "polarity_errors": counts["opposite"],
        "direction_errors": counts["turned"],
        "rows": counts["rows"],
        "pairs_with_a_side": counts["predicted"],
        "causes_of_misses": dict(sorted(causes.items(), key=lambda item: (-item[1], item[0]))),
    }
