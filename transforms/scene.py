"""The scene of an article: the gazetteer's names in its text, and the country that it mostly speaks of.

Read without the model's labels, so that it is the same whether mentions have been resolved before or not.
"""

from dataclasses import dataclass, replace

from schemas.article import Article
from transforms.candidates import BODY
from transforms.evidence import Evidence, find_years, gather_evidence
from transforms.gazetteer import Gazetteer, Kind, Sense, load_gazetteer
from transforms.locate import weigh
from transforms.nominals import Places

HOME_SHARE = 0.55  # of the evidence: then a body without a country is that country's
LEAST_EVIDENCE = 1.2


@dataclass(frozen=True, slots=True)
class Reference:
    """What a mention refers to: entities are told apart by `key`; `country` is what this mention says of theirs.

    A nominal reference ("the government", "the president") gives no name where there is a better one.
    """

    key: str
    country: str | None = None
    nominal: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What the names of an article tell before its mentions are looked at."""

    gazetteer: Gazetteer
    places: Places
    home: str | None  # the country that most of the evidence speaks for
    years: frozenset[int]  # that the article may be from
    language: str

    def leader(self, words: tuple[str, ...]) -> tuple[str, str] | None:
        """(canonical name, country) of a known leader by full name or telling surname."""
        senses = [s for s in self.gazetteer.senses(" ".join(words)) if s.kind in (Kind.LEADER, Kind.SURNAME)]
        if len({sense.canonical for sense in senses}) != 1:
            return None
        if len(words) == 1 and not self._speaks_of(senses[0]):
            return None  # a mother named Anwar in Multan
        return senses[0].canonical, senses[0].code

    def _speaks_of(self, surname: Sense) -> bool:
        """Whether the article is of the years in which the surname tells a leader, and names his country otherwise."""
        known = not self.years or any(first <= year <= last for first, last in surname.years for year in self.years)
        return known and surname.code in self.places.codes

    def in_office(self, canonical: str) -> bool:
        """Whether a leader held office in a year that the article may be from, as far as it is known."""
        terms = [span for s in self.gazetteer.senses(canonical) if s.kind is Kind.LEADER for span in s.years]
        return not self.years or any(first <= year <= last for first, last in terms for year in self.years)


def read_scene(article: Article) -> Scene:
    """The scene of an article, from headline, dateline and text."""
    gazetteer = load_gazetteer()
    evidence = gather_evidence(replace(article, mentions=()))
    settled = {item.start_char: item.code for item in evidence if item.zone == BODY}
    places = Places(gazetteer.scan(article.text, language=article.language), settled)
    return Scene(gazetteer, places, _home(evidence), find_years(article), article.language)


def _home(evidence: list[Evidence]) -> str | None:
    weights = weigh(evidence)
    total = sum(weights.values())
    if total < LEAST_EVIDENCE:
        return None
    code = min(weights, key=lambda code: (-weights[code], code))
    return code if weights[code] >= HOME_SHARE * total else None
