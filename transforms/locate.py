"""Locate: the country that a story is about, and the share of every country in it.

Evidence is every name in headline, dateline and text that the gazetteer knows, with the NER labels where there are any:
countries, nationalities, governments, leaders, capitals, cities, subdivisions. Its weight depends on what it names and
where it stands; a name said again counts less each time. Ambiguous names (Georgia, Paris, Birmingham) are settled by
what stands beside them, then by the country that the unambiguous evidence speaks for and by population. Codes are ISO
3166-1 alpha-2, XK for Kosovo, ZZ where the evidence is not there. Blocs (EU, OAS, NATO, UN) are no country.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import apache_beam as beam

from schemas.article import Article, CountryShare
from transforms.evidence import Evidence, gather_evidence
from transforms.publisher import find_publisher_country, is_world_publisher
from transforms.try_map import Tried, TryMap

UNKNOWN = "ZZ"
# A prior for countries that are in the story: as much as one mention, and a tenth of all that is said.
PUBLISHER_WEIGHT, PUBLISHER_SHARE = 1.0, 0.1
LEAST_EVIDENCE = 1.0  # a city named in passing is not what a story is about
LEAST_SHARE = 0.24  # a story spread wider than this is about no one country
SURE_EVIDENCE = 4.0  # about the weight of a headline and a lead that name the country


def locate_article(article: Article) -> Article:
    """Find the story's country and the shares of all countries in it.

    Reads: text, headline, dateline, mentions, entities, url, publisher, language, found_dates.
    Sets: country, country_score, countries, publisher_country, dateline_country.
    """
    publisher_country = find_publisher_country(article.url, article.publisher)
    home = None if is_world_publisher(article.url) else publisher_country
    evidence = gather_evidence(article, home)
    weights = weigh(evidence)
    country, score = choose_country(weights, home)
    return replace(
        article,
        country=country,
        country_score=score,
        countries=count_shares(evidence, weights),
        publisher_country=publisher_country,
        dateline_country=next((item.code for item in evidence if item.zone == "dateline"), None),
    )


def weigh(evidence: Iterable[Evidence]) -> dict[str, float]:
    """The weight of each country: a name's nth time counts one over the square root of n."""
    weights: defaultdict[str, float] = defaultdict(float)
    times: Counter[tuple[str, str]] = Counter()
    for item in evidence:
        times[item.code, item.key] += 1
        weights[item.code] += item.weight / math.sqrt(times[item.code, item.key])
    return dict(weights)


def choose_country(weights: dict[str, float], publisher_country: str | None) -> tuple[str, float]:
    """The heaviest country and how sure it is, 0 to 1; (ZZ, 0) where the evidence is too little or too spread."""
    total = sum(weights.values())
    priors = dict(weights)
    if publisher_country in priors:
        priors[publisher_country] += PUBLISHER_WEIGHT + PUBLISHER_SHARE * total
    if sum(priors.values()) < LEAST_EVIDENCE:
        return UNKNOWN, 0.0
    country = min(priors, key=lambda code: (-priors[code], code))
    share = weights[country] / total
    if share < LEAST_SHARE:
        return UNKNOWN, 0.0
    return country, round(share * (1 - math.exp(-total / SURE_EVIDENCE)), 4)


def count_shares(evidence: Sequence[Evidence], weights: dict[str, float]) -> tuple[CountryShare, ...]:
    """Every country's share of the weight and its number of names, heaviest first."""
    total = sum(weights.values())
    counts = Counter(item.code for item in evidence)
    ordered = sorted(weights, key=lambda code: (-weights[code], code))
    return tuple(CountryShare(code, round(weights[code] / total, 4), counts[code]) for code in ordered)


@dataclass
class LocateArticles(beam.PTransform):
    """Locate each article (`locate_article`)."""

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Located articles, and the dead letters of those that failed."""
        return articles | "LocateArticle" >> TryMap("locate", locate_article)
