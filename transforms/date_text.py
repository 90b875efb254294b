"""Find dates and weekdays written in running text: a compact grammar over CLDR's month and weekday names.

Month names of all SERVED locales are read at once (no two of them disagree); weekday names by the article's language,
because some mean other things elsewhere (`luni` is Monday in Romanian). Nothing here knows today's date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from babel import Locale

LOCALES = ("en", "es", "pt", "fr", "de", "it", "nl", "ca", "gl", "ro", "pl", "sv", "da", "nb", "nn")
FIRST_YEAR = 1900
# A fixed bound, because a record may not depend on the clock: no article can be younger than the release that reads it
# by more than about a year. Raised with every release.
LAST_DAY = date(2027, 12, 31)

_EXTRA_MONTHS = {
    "sept": 9,
    "setiembre": 9,
    "fevr": 2,
    "fevrier": 2,
    "aout": 8,
    "decembre": 12,
    "marco": 3,
    "maerz": 3,
    "jänner": 1,
}
_EXTRA_WEEKDAYS = {
    "en": {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6},
    "es": {"miercoles": 2, "sabado": 5},
    "pt": {"segunda feira": 0, "terça feira": 1, "quarta feira": 2, "quinta feira": 3, "sexta feira": 4},
    "de": {"sonnabend": 5},
    "it": {"lunedi": 0, "martedi": 1, "mercoledi": 2, "giovedi": 3, "venerdi": 4},
    "pl": {"poniedziałku": 0, "wtorku": 1, "środę": 2, "czwartku": 3, "piątku": 4, "sobotę": 5, "niedzielę": 6},
}
MARGIN = 40  # characters beside a number in which the rest of its date stands
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)|(?<!\d)(?:19|20)\d{2}(?!\d)")
_ORDINAL = r"(?:st|nd|rd|th|er|ère|re|º|ª|°|o|\.)?"
_OF = r"(?:\s*(?:of|de|del|di|do|du|d['’])\s*|\s+|-|\.\s*)"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d|[.,]\d|\s*(?:people|personas|pessoas|personnes|menschen|%))"


@dataclass(frozen=True, slots=True)
class TextDate:
    """A day named at [start, end) of a text. `year` is None where the text does not say it."""

    start: int
    end: int
    day: int
    month: int
    year: int | None = None
    weekday: int | None = None  # 0 = Monday, where it is written beside the date

    def resolve(self, year: int | None = None) -> date | None:
        """The day in its own year, else in `year`; None where there is none or where its weekday disagrees."""
        found = make_date(self.year or year, self.month, self.day)
        return None if found is None or self.weekday not in (None, found.weekday()) else found


@dataclass(frozen=True, slots=True)
class TextWeekday:
    """A weekday (0 = Monday) named at [start, end) of a text, away from any date."""

    start: int
    end: int
    weekday: int


def make_date(year: int | None, month: int, day: int) -> date | None:
    """A true day that an article can be from (FIRST_YEAR to LAST_DAY), or None."""
    if year is None or not FIRST_YEAR <= year <= LAST_DAY.year:
        return None
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if made <= LAST_DAY else None


def find_dates(text: str, *, language: str = "und") -> list[TextDate]:
    """Days named in `text` (in order, disjoint), with or without a year; a day and a month are always there."""
    found: list[TextDate | None] = []
    for start, end in _windows(text):
        found.extend(_read(match, language) for match in date_pattern().finditer(text, start, end))
    return [text_date for text_date in found if text_date]


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Stretches around digits, cut at white space: a date has a number, and the grammar is too slow for whole texts."""
    start = end = -1
    for number in _NUMBER.finditer(text):
        if end < 0 or number.start() - MARGIN > end:
            if end >= 0:
                yield start, end
            start = max(0, text.find(" ", max(0, number.start() - MARGIN)))
            start = min(start, number.start()) if number.start() > MARGIN else 0
        end = min(len(text), number.end() + MARGIN)
    if end >= 0:
        yield start, end


def find_weekdays(text: str, *, language: str = "und") -> Iterator[TextWeekday]:
    """Weekdays named in full in `text`, in the article's language (any language where that is unknown)."""
    names = weekday_names(language)
    for match in _weekday_pattern(language).finditer(text):
        yield TextWeekday(match.start(), match.end(), names[_key(match.group())])


def _read(match: re.Match[str], language: str) -> TextDate | None:
    groups = match.groupdict()
    start, end = match.span()
    if groups["iso_year"]:
        day, month, year = (int(groups[name]) for name in ("iso_day", "iso_month", "iso_year"))
    elif groups["cjk_year"]:
        day, month, year = (int(groups[name]) for name in ("cjk_day", "cjk_month", "cjk_year"))
    elif groups["first"]:
        ordered = order_numbers(int(groups["first"]), int(groups["second"]), groups["separator"], language)
        if ordered is None:
            return None
        day, month, year = *ordered, int(groups["third"])
    else:
        name = groups["month"] or groups["month_first"]
        if name.islower() and len(name) == 3 and not groups["year"] and name in ("mar", "set", "may", "out"):
            return None  # words of their own
        day, month = int(groups["day"] or groups["day_second"]), month_names()[_key(name)]
        year_text = groups["year"] or groups["year_second"]
        weekday_text = groups["weekday"]
        weekday = _all_weekdays().get(_key(weekday_text)) if weekday_text else None
        return _valid(TextDate(start, end, day, month, int(year_text) if year_text else None, weekday))
    return _valid(TextDate(start, end, day, month, year))


def _valid(found: TextDate) -> TextDate | None:
    leap_year = 2000
    return found if make_date(leap_year, found.month, found.day) else None


def order_numbers(first: int, second: int, separator: str, language: str) -> tuple[int, int] | None:
    """(day, month) of `11/01/2019`, `11.01.2019`, …: None where the order cannot be known (English, both up to 12)."""
    if separator == "." or first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    return (first, second) if language.split("-")[0] not in ("en", "und") else None


Kind = Literal["months", "days"]


def _names(locale: Locale, kind: Kind, width: str) -> Iterator[tuple[str, int]]:
    for context in ("format", "stand-alone"):
        for number, name in getattr(locale, kind)[context][width].items():
            yield _key(re.sub(r"^(?:de |d['’])", "", name)), number


def _key(name: str) -> str:
    return re.sub(r"[\s-]+", " ", name.casefold().strip().strip("."))


@cache
def month_names() -> dict[str, int]:
    """Month numbers by case-folded name or abbreviation, of all LOCALES."""
    names = dict(_EXTRA_MONTHS)
    for locale in map(Locale, LOCALES):
        for width in ("wide", "abbreviated"):
            names.update((name, number) for name, number in _names(locale, "months", width) if name.isalpha())
    return names


@cache
def weekday_names(language: str) -> dict[str, int]:
    """Weekday numbers (0 = Monday) by case-folded name in `language`; in all of them where it is not one of LOCALES."""
    base = language.split("-")[0]
    locales = (base,) if base in LOCALES else tuple(code for code in LOCALES if code != "ro")
    names: dict[str, int] = {}
    for code in locales:
        names.update(_names(Locale(code), "days", "wide"))
        names.update((name, day) for name, day in _EXTRA_WEEKDAYS.get(code, {}).items() if len(name) > 5)
    return names


@cache
def _all_weekdays() -> dict[str, int]:
    names: dict[str, int] = {}
    for code in LOCALES:
        names.update(_names(Locale(code), "days", "wide"))
        names.update(_EXTRA_WEEKDAYS.get(code, {}))
    return names


def _alternatives(names: dict[str, int]) -> str:
    return "|".join(re.escape(name).replace(r"\ ", r"[\s-]") for name in sorted(names, key=len, reverse=True))


@cache
def _weekday_pattern(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{_alternatives(weekday_names(language))})(?![\w-])", re.IGNORECASE)


@cache
def date_pattern() -> re.Pattern[str]:
    """The grammar: ISO, numbers with a year, Chinese and Japanese, `11 January 2019`, `January 11th, 2019`, …"""
    month, weekday = _alternatives(month_names()), _alternatives(_all_weekdays())
    lead = rf"(?:(?<!\w)(?P<weekday>{weekday})\.?,?\s+(?:the\s+|le\s+|den\s+|dem\s+|el\s+|día\s+|dia\s+|il\s+)?)?"
    day_first = rf"(?P<day>\d{{1,2}}){_ORDINAL}{_OF}(?P<month>{month})(?!\w)\.?(?:(?:,|\s|-|of|del|de|['’])*{_YEAR})?"
    year_second = _YEAR.replace("year", "year_second")
    month_first = (
        rf"(?P<month_first>{month})\.?[\s-]+(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%]|[.,]\d)"
        rf"(?:(?:,|\s|-|of)*{year_second})?"
    )
    numbers = r"(?P<first>\d{1,2})(?P<separator>[./-])(?P<second>\d{1,2})(?P=separator)(?P<third>(?:19|20)\d{2})"
    iso = r"(?P<iso_year>(?:19|20)\d{2})[-/.](?P<iso_month>\d{1,2})[-/.](?P<iso_day>\d{1,2})"
    cjk = r"(?P<cjk_year>(?:19|20)\d{2})\s?[年년]\s?(?P<cjk_month>\d{1,2})\s?[月월]\s?(?P<cjk_day>\d{1,2})\s?[日일]"
    return re.compile(
        rf"{lead}(?<![\w/.-])(?:{day_first}|{month_first})(?!\w)|(?<![\w/.-])(?:{iso}|{numbers})(?!\d)|{cjk}",
        re.IGNORECASE,
    )
