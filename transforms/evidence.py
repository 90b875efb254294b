"""Evidence for where a story happens: the names in an article that tell a country, settled and weighed."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.article import Article, Label, Mention
from transforms.gazetteer import Found, Gazetteer, Kind, Sense, fold, load_gazetteer

HEADLINE, DATELINE, BODY = "headline", "dateline", "body"
ZONE_WEIGHTS = {HEADLINE: 3.0, DATELINE: 1.5}
LEAD_CHARS, TOP_CHARS = 400, 1_200  # about two sentences; about the part that a wire desk keeps when it cuts
LEAD_WEIGHT, TOP_WEIGHT, BODY_WEIGHT = 2.0, 1.2, 0.8
KIND_WEIGHTS = {
    Kind.COUNTRY: 1.0,
    Kind.REGION: 0.9,
    Kind.DEMONYM: 0.8,
    Kind.GOVERNMENT: 0.9,
    Kind.INSTITUTION: 0.6,
    Kind.LEADER: 0.9,
    Kind.SURNAME: 0.6,
    Kind.CAPITAL: 0.7,
    Kind.SUBDIVISION: 0.6,
    Kind.CITY: 0.5,
}
PLACES = frozenset({Kind.CAPITAL, Kind.CITY, Kind.SUBDIVISION})
PEOPLE = frozenset({Kind.LEADER, Kind.SURNAME})
LARGE_CITY = 400  # thousands of inhabitants: known well enough to be named without its country
LOCATIVES = frozenset(
    "in at near from to outside around across en a desde cerca de em no na nos nas do da à au aux dans depuis près aus "
    "nach bei nahe im nel nella di presso".split()
)
_LAST_WORD = re.compile(r"(\w+)[ \u00a0]+(?:the |la |el |le |der |die |o |os |l['’])?\Z")
_NEXT_WORD = re.compile(r"[ \u00a0](\w+)")
_CONTAINER = re.compile(r",[ \u00a0]|[ \u00a0]\(|,[ \u00a0]in[ \u00a0]")


class Evidence(NamedTuple):
    """One name that speaks for a country."""

    code: str
    weight: float
    key: str
    zone: str
    start_char: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A name that may speak for one of several countries, as it stands in its zone."""

    found: Found
    senses: tuple[Sense, ...]
    zone: str
    label: str | None  # of the mention that covers it
    labelled: bool  # whether the zone was read by the NER model at all
    container: str | None  # the country of the place named right after it ("Paris, Texas")
    locative: bool
    doubtful: bool  # also a given name or a word


def gather_evidence(article: Article, publisher_country: str | None = None) -> list[Evidence]:
    """All evidence in reading order: headline, dateline, text."""
    gazetteer = load_gazetteer()
    year = find_year(article)
    candidates = [
        candidate
        for zone, text, mentions in (
            (HEADLINE, article.headline or "", ()),
            (DATELINE, article.dateline or "", ()),
            (BODY, article.text, article.mentions),
        )
        for candidate in _find_candidates(gazetteer, zone, text, mentions, article.language)
    ]
    context = _context(candidates, publisher_country, year)
    evidence = (_settle(candidate, context, year) for candidate in candidates)
    return [item for item in evidence if item is not None]


def find_year(article: Article) -> int | None:
    """The year of an article, as far as its metadata or the latest year in its text tell: whose term it falls into."""
    for found in article.found_dates:
        if years := re.findall(r"(?:19|20)\d\d", found.value):
            return int(years[0])
    years = re.findall(r"\b(?:19[89]|20[0-4])\d\b", f"{article.dateline or ''} {article.text[:20_000]}")
    return max(map(int, years)) if years else None


def _find_candidates(
    gazetteer: Gazetteer, zone: str, text: str, mentions: Sequence[Mention], language: str
) -> list[_Candidate]:
    founds = list(gazetteer.scan(text, language=language))
    labels = _labels(mentions)
    starts = [mention.start_char for mention in mentions]
    candidates = []
    for index, found in enumerate(founds):
        senses = tuple(sense for sense in found.senses if sense.kind in KIND_WEIGHTS)
        if not senses or any(sense.kind in (Kind.BLOC, Kind.MEDIA) for sense in found.senses):
            continue
        following = founds[index + 1] if index + 1 < len(founds) else None
        candidates.append(
            _Candidate(
                found,
                senses,
                zone,
                _label_at(labels, starts, found),
                bool(mentions),
                _container(text, found, following),
                _after_locative(text, found),
                _is_doubtful(gazetteer, text, found),
            )
        )
    return candidates


def _labels(mentions: Sequence[Mention]) -> list[tuple[int, int, str]]:
    return [(mention.start_char, mention.end_char, mention.label) for mention in mentions]


def _label_at(labels: list[tuple[int, int, str]], starts: list[int], found: Found) -> str | None:
    index = bisect_right(starts, found.start_char) - 1
    if index >= 0 and labels[index][1] > found.start_char:
        return labels[index][2]
    return None


def _container(text: str, found: Found, following: Found | None) -> str | None:
    """The country of a place that stands right after: "Paris, Texas", "Cali (Colombia)"."""
    if following is None or not _CONTAINER.fullmatch(text[found.end_char : following.start_char]):
        return None
    codes = {sense.code for sense in following.senses if sense.kind in (Kind.COUNTRY, Kind.REGION, Kind.SUBDIVISION)}
    shared = codes & {sense.code for sense in found.senses}
    if len(shared) == 1:
        return shared.pop()
    return codes.pop() if len(codes) == 1 else None


def _after_locative(text: str, found: Found) -> bool:
    before = _LAST_WORD.search(text[max(0, found.start_char - 24) : found.start_char])
    return bool(before) and before.group(1).lower() in LOCATIVES  # type: ignore[union-attr]


def _is_doubtful(gazetteer: Gazetteer, text: str, found: Found) -> bool:
    """A word of the language, or a person's name by the capital letters beside it."""
    if found.key in gazetteer.words:
        return True
    if found.key not in gazetteer.given:
        return False
    after = _NEXT_WORD.match(text, found.end_char)
    before = _LAST_WORD.search(text[max(0, found.start_char - 24) : found.start_char])
    beside = [match.group(1) for match in (before, after) if match]
    return any(word[:1].isupper() and not gazetteer.senses(fold(word)) for word in beside)


def _context(candidates: Iterable[_Candidate], publisher_country: str | None, year: int | None) -> dict[str, float]:
    """The share of each country in the evidence that needs no settling, the publisher's a little ahead."""
    weights: defaultdict[str, float] = defaultdict(float)
    for candidate in candidates:
        codes = {sense.code for sense in candidate.senses}
        if len(codes) == 1 and not candidate.doubtful and _is_strong(candidate.senses[0]):
            weights[candidate.senses[0].code] += _weight(candidate, candidate.senses[0], year)
        elif candidate.container:
            weights[candidate.container] += 0.5
    if publisher_country:
        weights[publisher_country] += 1.0
    total = sum(weights.values())
    return {code: weight / total for code, weight in weights.items() if total}


def _is_strong(sense: Sense) -> bool:
    return sense.kind not in (Kind.CITY, Kind.SURNAME, Kind.SUBDIVISION) or sense.number >= LARGE_CITY


def _settle(candidate: _Candidate, context: dict[str, float], year: int | None) -> Evidence | None:
    """The one country that a candidate speaks for, or None if it is more likely no place at all."""
    sense = max(candidate.senses, key=lambda sense: (_prior(sense) * (0.15 + context.get(sense.code, 0.0)), sense))
    code = sense.code
    if candidate.container and sense.kind in PLACES:
        code = candidate.container
    elif not _is_credible(candidate, sense, context):
        return None
    weight = _weight(candidate, sense, year)
    return Evidence(code, weight, candidate.found.key, candidate.zone, candidate.found.start_char) if weight else None


def _prior(sense: Sense) -> float:
    """How likely a name is meant in this sense, before any context."""
    if sense.kind in (Kind.CITY, Kind.CAPITAL):
        known = len(str(sense.number)) / 4  # 1 for a million inhabitants
        return known + (1.0 if sense.kind is Kind.CAPITAL else 0.0)
    return {Kind.COUNTRY: 2.0, Kind.REGION: 1.8, Kind.SUBDIVISION: 1.2}.get(sense.kind, 1.5)


def _is_credible(candidate: _Candidate, sense: Sense, context: dict[str, float]) -> bool:
    """Whether a name is meant as a place, by its label, its size and what stands beside it."""
    if candidate.label == Label.PERSON:
        return sense.kind in PEOPLE
    if candidate.label in (Label.DATE, Label.MONEY):
        return sense.kind in (Kind.COUNTRY, Kind.REGION, Kind.DEMONYM)
    if candidate.doubtful:
        return candidate.label == Label.LOC or (candidate.locative and context.get(sense.code, 0.0) > 0.2)
    if sense.kind not in (Kind.CITY, Kind.SUBDIVISION) or candidate.label in (Label.LOC, Label.FAC):
        return True
    supported = context.get(sense.code, 0.0) > 0.1
    if sense.number >= LARGE_CITY or sense.kind is Kind.SUBDIVISION:
        return supported or candidate.locative
    return supported and (candidate.locative or (not candidate.labelled and sense.number >= 100))


def _weight(candidate: _Candidate, sense: Sense, year: int | None) -> float:
    weight = KIND_WEIGHTS[sense.kind] * _zone_weight(candidate)
    if sense.kind in PEOPLE and not _in_office(sense, year):
        return weight * 0.3
    if candidate.label in (Label.ORG, Label.MISC, Label.PRODUCT) and sense.kind in PLACES:
        return weight * 0.6
    return weight


def _zone_weight(candidate: _Candidate) -> float:
    if candidate.zone != BODY:
        return ZONE_WEIGHTS[candidate.zone]
    start = candidate.found.start_char
    return LEAD_WEIGHT if start < LEAD_CHARS else TOP_WEIGHT if start < TOP_CHARS else BODY_WEIGHT


def _in_office(sense: Sense, year: int | None) -> bool:
    """Whether a leader held office in the article's year (a year's grace after it); unknown years count."""
    return year is None or any(first - 1 <= year <= last + 1 for first, last in sense.years)
