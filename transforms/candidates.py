"""Candidates: the names in an article that may speak for a country, with what their surroundings say about them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.article import Article, Label, Mention
from transforms.gazetteer import Found, Gazetteer, Kind, Sense, fold, fold_name
from transforms.given_names import MEN, WOMEN
from transforms.mention_places import mention_at

HEADLINE, DATELINE, BODY = "headline", "dateline", "body"
PLACES = frozenset({Kind.CAPITAL, Kind.CITY, Kind.SUBDIVISION})
NAMELESS = frozenset({Kind.BLOC, Kind.MEDIA})  # kinds that speak for no country
ACRONYM_CHARS = 5
_LOCATIVES = frozenset(
    "in at near from to outside around across en a desde cerca de em no na nos nas do da à au aux dans depuis près aus "
    "nach bei nahe im nel nella di presso".split()
)
_LAST_WORD = re.compile(r"(\w+)[ \u00a0]+(?:the |la |el |le |der |die |o |os |l['’])?\Z")
_NEXT_WORD = re.compile(r"[ \u00a0](\w+)")
_STREETS = frozenset(
    "Street St Road Rd Avenue Ave Lane Drive Boulevard Blvd Highway Terrace Crescent Strasse Straße".split()
)
_STREET_BEFORE = re.compile(
    r"\b(?:rue|avenue|calle|avenida|av\.|via|viale|corso|rua|boulevard) (?:de |del |di |do )?\Z", re.I
)
_CONTAINER = re.compile(r",[ \u00a0]|[ \u00a0]\(|,[ \u00a0]in[ \u00a0]")
# `EDMONTON, Ky (WBKO)`, `Monticello, Ky.`, `Calgary, Alta.`: a town, a comma, a short form, and then a mark.
_SHORT_FORM = re.compile(
    r"(?P<town>[A-ZÀ-Ö][\w'’.-]{1,30}(?:[ -][A-ZÀ-Ö][\w'’.-]{1,30}){0,2}),[ \u00a0]"
    r"(?P<form>[A-Z](?:[A-Za-z]|\.[A-Z]){1,4})"
    r"(?=\.|,|\)|;|:|[ ]\(|[ ]?[-–—]|\s*$)"
)

_TITLES_AFTER = frozenset({"QC", "MD", "MA", "PA", "MS"})  # of people, and short for Quebec, Maryland, …


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may speak for one of several countries, as it stands in its zone."""

    found: Found
    senses: tuple[Sense, ...]
    zone: str
    label: str | None  # of the mention that covers it
    labelled: bool  # whether the zone was read by the NER model at all
    container: str | None  # the country of the place named right after it ("Paris, Texas")
    locative: bool
    is_word: bool  # also a word of the language, and no mention is just it
    doubtful: bool  # also a given name, with a person's other names beside it
    borne: bool = False  # also a name that a person in the article bears, whom the gazetteer does not know

    @property
    def is_acronym(self) -> bool:
        """Whether it is one short word that is not the name in full."""
        return len(self.found.key) <= ACRONYM_CHARS and all(self.found.key != sense.canonical for sense in self.senses)

    @property
    def codes(self) -> frozenset[str]:
        """The countries that it may speak for."""
        return frozenset(sense.code for sense in self.senses)


def find_candidates(article: Article, gazetteer: Gazetteer) -> list[Candidate]:
    """All candidates in reading order: headline, dateline, text; a place that is told once is told everywhere."""
    borne = _borne_names(article.mentions, gazetteer)
    zones = ((HEADLINE, article.headline or "", ()), (DATELINE, article.dateline or "", ()))
    candidates = [
        candidate
        for zone, text, mentions in (*zones, (BODY, article.text, article.mentions))
        for candidate in _find_in_zone(gazetteer, zone, text, mentions, article.language)
    ]
    told = _told_places(candidates)
    return [
        replace(candidate, container=told.get(candidate.found.key), borne=candidate.found.key in borne)
        for candidate in candidates
    ]


def _borne_names(mentions: Sequence[Mention], gazetteer: Gazetteer) -> frozenset[str]:
    """The words of persons' full names, but of those that the gazetteer knows whole (`Boris Johnson`)."""
    named = (mention for mention in mentions if mention.label == Label.PERSON and not is_phrase(mention))
    names = {fold_name(mention.text) for mention in named}
    unknown = (words for name in names if len(words := name.split()) > 1 and not _is_leader(name, gazetteer))
    known = {word for name in names if _is_leader(name, gazetteer) for word in name.split()}
    return frozenset(word for words in unknown for word in words) - known


def is_phrase(mention: Mention) -> bool:
    """Whether a mention calls somebody by a noun: the country of "Malaysia’s commodities minister" is not his name."""
    return mention.text.split()[-1].islower()


def _is_leader(name: str, gazetteer: Gazetteer) -> bool:
    """Whether a full name, or the end of it (`President Boris Johnson`), is a leader's."""
    words = name.split()
    ends = (" ".join(words[start:]) for start in range(len(words) - 1))
    return any(sense.kind is Kind.LEADER for end in ends for sense in gazetteer.senses(end))


def _told_places(candidates: Sequence[Candidate]) -> dict[str, str]:
    """The country of each place that the article puts into one, by the name's key; the most frequent of several."""
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for candidate in candidates:
        if candidate.container:
            told[candidate.found.key][candidate.container] += 1
    return {key: min(codes, key=lambda code: (-codes[code], code)) for key, codes in told.items()}


def _find_in_zone(
    gazetteer: Gazetteer, zone: str, text: str, mentions: Sequence[Mention], language: str
) -> Iterator[Candidate]:
    founds = list(gazetteer.scan(text, language=language))
    names = [mention for mention in mentions if not (mention.label == Label.PERSON and is_phrase(mention))]
    people = {mention.end_char for mention in names if mention.label == Label.PERSON}
    states = {end: code for end, code in _short_forms(text, gazetteer) if end not in people}
    for index, found in enumerate(founds):
        if any(sense.kind in NAMELESS for sense in found.senses) or _names_a_street(text, found):
            continue
        if text.startswith("$", found.end_char):
            continue  # "US$17.6 billion" is money
        following = founds[index + 1] if index + 1 < len(founds) else None
        covering = mention_at(names, found.start_char)
        yield Candidate(
            found=found,
            senses=found.senses,
            zone=zone,
            label=covering.label if covering else None,
            labelled=bool(mentions),
            container=states.get(found.end_char) or _container(text, found, following),
            locative=_after_locative(text, found),
            is_word=found.key in gazetteer.words and not _is_place(mentions, found),
            doubtful=_looks_like_person(gazetteer, text, found),
        )
    for end, code in states.items():
        sense = Sense(code, Kind.SUBDIVISION)
        key = f"{code} short form".casefold()
        yield Candidate(Found(key, end, end, (sense,)), (sense,), zone, Label.LOC, True, None, False, False, False)


def _short_forms(text: str, gazetteer: Gazetteer) -> Iterator[tuple[int, str]]:
    """Where a town ends that a short form follows, and the country of the short form; not "Helena Kennedy, QC"."""
    for match in _SHORT_FORM.finditer(text):
        form = match.group("form").rstrip(".")
        code = gazetteer.short_forms.get(form)
        if code and not (form in _TITLES_AFTER and _has_given_name(match.group("town"))):
            yield match.end("town"), code


def _has_given_name(name: str) -> bool:
    return any(fold(word) in names for word in name.split()[:-1] for names in (MEN, WOMEN))


def _container(text: str, found: Found, following: Found | None) -> str | None:
    """The country of a place that stands right after: "Paris, Texas", "Cali (Colombia)"."""
    if following is None or not _CONTAINER.fullmatch(text[found.end_char : following.start_char]):
        return None
    if not any(sense.kind in PLACES for sense in found.senses):
        return None
    codes = {sense.code for sense in following.senses if sense.kind in (Kind.COUNTRY, Kind.REGION, Kind.SUBDIVISION)}
    shared = codes & {sense.code for sense in found.senses}
    if len(shared) == 1:
        return shared.pop()
    if any(sense.kind is Kind.CAPITAL for sense in found.senses):
        return None  # "Kyiv, Poland and Hungary agreed": a list
    return codes.pop() if len(codes) == 1 else None


def _after_locative(text: str, found: Found) -> bool:
    before = _LAST_WORD.search(text[max(0, found.start_char - 24) : found.start_char])
    return bool(before) and before.group(1).lower() in _LOCATIVES  # type: ignore[union-attr]


def _names_a_street(text: str, found: Found) -> bool:
    """Whether the name only belongs to a street: "Grenada Street", "rue de Washington"."""
    after = _NEXT_WORD.match(text, found.end_char)
    return bool(after and after.group(1) in _STREETS) or bool(
        _STREET_BEFORE.search(text[max(0, found.start_char - 24) : found.start_char])
    )


def _is_place(mentions: Sequence[Mention], found: Found) -> bool:
    """Whether the NER model read just this name as a place: "Rest", not "Rest Acres Road"."""
    covering = mention_at(mentions, found.start_char)
    if covering is None or covering.label != Label.LOC:
        return False
    return fold_name(covering.text).removeprefix("the ") == found.key


def _looks_like_person(gazetteer: Gazetteer, text: str, found: Found) -> bool:
    """Whether a place that is also a given name has a person's other names beside it."""
    if found.key not in gazetteer.given:
        return False
    after = _NEXT_WORD.match(text, found.end_char)
    before = _LAST_WORD.search(text[max(0, found.start_char - 24) : found.start_char])
    beside = [match.group(1) for match in (before, after) if match]
    return any(word[:1].isupper() and not gazetteer.senses(fold(word)) for word in beside)
