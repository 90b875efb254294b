"""Evidence for where a story happens: the names in an article that tell a country, settled and weighed."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from schemas.article import Article, Label
from transforms.candidates import BODY, DATELINE, HEADLINE, PLACES, Candidate, find_candidates
from transforms.date_metadata import is_collected, read_metadata_date, read_url_date
from transforms.gazetteer import Kind, Sense, load_gazetteer

# The first country that a headline names is the one that acts (`UK urges US to …`).
FIRST_WEIGHT, ZONE_WEIGHTS = 1.4, {HEADLINE: 2.8, DATELINE: 1.5}
LEAD_CHARS, TOP_CHARS = 400, 1_200  # about two sentences; about the part that a wire desk keeps when it cuts
LEAD_WEIGHT, TOP_WEIGHT, BODY_WEIGHT = 2.2, 1.2, 0.8
KIND_WEIGHTS = {
    Kind.COUNTRY: 1.0,
    Kind.REGION: 0.9,
    Kind.DEMONYM: 0.8,
    Kind.GOVERNMENT: 0.8,
    Kind.INSTITUTION: 0.5,
    Kind.LEADER: 1.1,
    Kind.SURNAME: 0.6,
    Kind.CAPITAL: 0.8,
    Kind.SUBDIVISION: 0.9,
    Kind.CITY: 0.6,
}
PEOPLE = frozenset({Kind.LEADER, Kind.SURNAME})
LARGE_CITY = 400  # thousands of inhabitants: known well enough to be named without its country
MOST_YEAR_CHARS = 20_000  # of the text are searched for years
LEAST_CONTEXT = 3.0  # less evidence than this leaves names to their own likelihood


class Evidence(NamedTuple):
    """One name that speaks for a country."""

    code: str
    weight: float
    key: str
    zone: str
    start_char: int


@dataclass(frozen=True, slots=True)
class _Context:
    """What an article says as a whole: each country's share of the evidence that needs no settling, and its leaders."""

    shares: dict[str, float]
    leaders: frozenset[str]  # keys of the leaders whom it names in full
    years: frozenset[int]

    def share(self, code: str) -> float:
        return self.shares.get(code, 0.0)


def gather_evidence(article: Article, publisher_country: str | None = None) -> list[Evidence]:
    """All evidence in reading order: headline, dateline, text."""
    candidates = find_candidates(article, load_gazetteer())
    context = _find_context(candidates, publisher_country, find_years(article))
    settled = (_settle(candidate, context) for candidate in candidates)
    evidence = [item for item in settled if item is not None]
    if evidence and evidence[0].zone == HEADLINE:
        evidence[0] = evidence[0]._replace(weight=evidence[0].weight * FIRST_WEIGHT)
    return evidence


def find_years(article: Article) -> frozenset[int]:
    """The years that an article may be from, to know whose terms it falls into; none where nothing is said.

    The first date of the metadata decides, or that of the URL; without one, any year that the text names may be it.
    """
    for found in article.found_dates:
        if not is_collected(found) and (read := read_metadata_date(found.value, language=article.language)):
            return frozenset({read.year})
    if article.url and (told := read_url_date(article.url)):
        return frozenset({told.year})
    text = f"{article.dateline or ''} {article.text[:MOST_YEAR_CHARS]}"
    return frozenset(map(int, re.findall(r"\b(?:19[89]|20[0-4])\d\b", text)))


def _find_context(candidates: Iterable[Candidate], publisher_country: str | None, years: frozenset[int]) -> _Context:
    """The share of each country in the evidence that needs no settling, the publisher's a little ahead."""
    weights: defaultdict[str, float] = defaultdict(float)
    leaders = set()
    for candidate in candidates:
        leaders |= {sense.canonical for sense in candidate.senses if sense.kind is Kind.LEADER}
        if candidate.container:
            weights[candidate.container] += 0.5
        elif len(candidate.codes) == 1 and not (candidate.doubtful or candidate.is_word or candidate.borne):
            sense = candidate.senses[0]
            if _is_strong(candidate, sense):
                weights[sense.code] += _weight(candidate, sense, years)
    if publisher_country:
        weights[publisher_country] += 1.0
    total = max(LEAST_CONTEXT, sum(weights.values()))
    return _Context({code: weight / total for code, weight in weights.items()}, frozenset(leaders), years)


def _is_strong(candidate: Candidate, sense: Sense) -> bool:
    if sense.kind is Kind.SUBDIVISION:
        return candidate.label not in (Label.PERSON, Label.DATE, Label.MONEY)
    return sense.kind not in (Kind.CITY, Kind.SURNAME) or sense.number >= LARGE_CITY


def _settle(candidate: Candidate, context: _Context) -> Evidence | None:
    """The one country that a candidate speaks for, or None if it is more likely no place at all."""
    sense = max(candidate.senses, key=lambda sense: (_prior(sense) * (0.15 + context.share(sense.code)), sense))
    code = sense.code
    if candidate.container and any(sense.kind in PLACES for sense in candidate.senses):
        code = candidate.container
    elif not _is_credible(candidate, sense, context):
        return None
    weight = _weight(candidate, sense, context.years)
    return Evidence(code, weight, candidate.found.key, candidate.zone, candidate.found.start_char) if weight else None


def _prior(sense: Sense) -> float:
    """How likely a name is meant in this sense, before any context."""
    if sense.kind in (Kind.CITY, Kind.CAPITAL):
        known = math.log10(sense.number + 1) / 3  # 1 for a million inhabitants
        return known + (1.0 if sense.kind is Kind.CAPITAL else 0.0)
    return {Kind.COUNTRY: 2.0, Kind.REGION: 1.8, Kind.SUBDIVISION: 0.9}.get(sense.kind, 1.5)


def _is_credible(candidate: Candidate, sense: Sense, context: _Context) -> bool:
    """Whether a name is meant as a place (or as the leader), by its label, its size and what stands beside it."""
    if sense.kind is Kind.SURNAME:
        return _is_credible_surname(candidate, sense, context)
    if candidate.label == Label.PERSON:
        return sense.kind in PEOPLE
    if candidate.label in (Label.DATE, Label.MONEY):
        return sense.kind in (Kind.COUNTRY, Kind.REGION, Kind.DEMONYM)
    supported = context.share(sense.code) > 0.1
    if sense.kind is Kind.INSTITUTION and candidate.is_acronym:
        return supported  # many countries have an EPA
    if candidate.borne:
        return candidate.locative and (supported or candidate.label == Label.LOC)
    if candidate.doubtful or candidate.is_word:
        return not (candidate.is_word and candidate.labelled) and candidate.locative and context.share(sense.code) > 0.2
    if sense.kind not in (Kind.CITY, Kind.SUBDIVISION) or candidate.label in (Label.LOC, Label.FAC):
        return True
    if sense.number >= LARGE_CITY or sense.kind is Kind.SUBDIVISION:
        return supported or candidate.locative
    return supported and (candidate.locative or (not candidate.labelled and sense.number >= 100))


def _is_credible_surname(candidate: Candidate, sense: Sense, context: _Context) -> bool:
    """A surname is a leader's where the article names the leader in full, or in office, where nobody else bears it."""
    if sense.canonical in context.leaders:
        return not candidate.borne
    if candidate.borne or candidate.is_word or candidate.doubtful or candidate.label not in (None, Label.PERSON):
        return False
    in_office = bool(context.years) and _in_office(sense, context.years)
    return in_office or context.share(sense.code) > 0.1


def _weight(candidate: Candidate, sense: Sense, years: frozenset[int]) -> float:
    weight = KIND_WEIGHTS[sense.kind] * _zone_weight(candidate)
    if sense.kind in PEOPLE and not _in_office(sense, years):
        return weight * 0.3
    if candidate.label in (Label.ORG, Label.MISC, Label.PRODUCT) and sense.kind in PLACES:
        return weight * 0.6
    return weight


def _zone_weight(candidate: Candidate) -> float:
    if candidate.zone != BODY:
        return ZONE_WEIGHTS[candidate.zone]
    start = candidate.found.start_char
    return LEAD_WEIGHT if start < LEAD_CHARS else TOP_WEIGHT if start < TOP_CHARS else BODY_WEIGHT


def _in_office(sense: Sense, years: frozenset[int]) -> bool:
    """Whether a leader held office in one of the years (a year's grace on both sides); unknown years count."""
    return not years or any(first - 1 <= year <= last + 1 for first, last in sense.years for year in years)
