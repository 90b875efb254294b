"""Groups of people that act together and are called by a noun alone: "protesters", "the rebels", "separatists".

The model marks names, and these have none, but articles are about what they stand for and against. All mentions of one
noun in an article are one entity (`protesters`), which belongs to the country of the nationality or place before it
("Syrian rebels"), else to the one that the article speaks of.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from transforms.nominals import Places

NOUNS = {
    "en": "protesters protestors demonstrators counter-protesters counter-demonstrators rebels insurgents separatists "
          "militants activists campaigners strikers jihadists supremacists secessionists dissidents",
    "es": "manifestantes rebeldes insurgentes separatistas activistas huelguistas disidentes",
    "pt": "manifestantes rebeldes insurgentes separatistas ativistas grevistas dissidentes",
    "fr": "manifestants rebelles insurgés séparatistes grévistes dissidents",
    "de": "Demonstranten Rebellen Aufständische Separatisten Aktivisten",
}  # fmt: skip
ONE_NAME = {"protestors": "protesters", "demonstrators": "protesters", "counter-demonstrators": "counter-protesters"}


@lru_cache(maxsize=8)
def _pattern(language: str) -> re.Pattern[str]:
    nouns = "|".join(re.escape(noun) for noun in NOUNS.get(language, NOUNS["en"]).split())
    return re.compile(rf"(?<![\w-])(?:white[ \u00a0](?=supremacists))?(?:{nouns})(?![\w-])", re.IGNORECASE)


Found = tuple[int, int, str, str | None]


def find_groups(text: str, places: Places, language: str, home: str | None) -> Iterator[Found]:
    """(start, end, key, country) of each group's noun, in text order."""
    for match in _pattern(language).finditer(text):
        noun = match.group().lower()
        before = places.ending(match.start() - 1)
        owner = places.owner(before, local=True) if before else None
        yield match.start(), match.end(), f"group:{ONE_NAME.get(noun, noun)}", owner.country[:2] if owner else home
