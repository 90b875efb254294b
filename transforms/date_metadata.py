"""Read a date as metadata writes it: JSON-LD, meta tags, feeds, JSON fields, HTTP-like headers, and URLs.

Only what is written counts: nothing is filled in from today's date, and relative values (`2 hours ago`) are no dates.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

import dateparser

from schemas.article import DatePrecision, FoundDate
from transforms.date_text import FIRST_YEAR, LAST_DAY, find_dates, make_date, month_names

# Words of the fields that hold the day of collection, which is none of publication.
_COLLECTED_ORIGINS = ("warc", "http", "crawl", "fetch", "collect", "retriev", "access")
# What software writes when it knows no date, and dates that no web article can be from.
PLACEHOLDERS = frozenset({date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1), date(1980, 1, 1), date(2000, 1, 1)})
_ZONE_NEVER_NOW = {
    "PARSERS": ["absolute-time"],
    "REQUIRE_PARTS": ["day", "month", "year"],
    "STRICT_PARSING": True,
    "RELATIVE_BASE": datetime(2000, 1, 1),  # never used by an absolute date; keeps the clock out for good
}
_ISO = re.compile(
    r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T\s_]*(\d{2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{0,2})?)?$"
)
_LOOSE_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_MONTH_ONLY = re.compile(r"^(\d{4})[-/](\d{1,2})$|^(?P<name>[^\W\d]+)\.?,?\s+(?P<year>\d{4})$")
_YEAR_ONLY = re.compile(r"^(\d{4})$")
MAX_VALUE_CHARS = 300  # longer ones are texts, and too slow to be tried as dates
_EPOCH = re.compile(r"^-?(?:\d{9,10}|\d{13})(?:\.\d+)?$")
FIRST_PACKED_YEAR = 1995  # earlier eight digits of a URL are an article's number
_URL_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<mark>[/_.-])(?P<month>\d{1,2}|[a-z]{3,9})(?P=mark)(?P<day>\d{1,2})(?!\d|(?<=/\d)-[a-z]|(?<=/\d\d)-[a-z])"
    r"|(?<!\d)(?P<packed>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
    r"|(?<!\d)(?P<year_month>(?:19|20)\d{2}(?:0[1-9]|1[0-2]))/(?P<day_after>\d{1,2})(?!\d)",
    re.IGNORECASE,
)
_URL_DAY_LAST = re.compile(r"(?<!\d)(\d{1,2})[_-](\d{1,2}|[a-z]{3,9})[_-]((?:19|20)\d{2})(?!\d)", re.IGNORECASE)
_URL_MONTH = re.compile(r"/(?P<year>(?:19|20)\d{2})/(?P<month>0?[1-9]|1[0-2]|[a-z]{3,9})(?=/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date as it was read: `day` where the precision is DAY, and `moment` (UTC) where a time of day is known."""

    evidence: str
    precision: DatePrecision
    year: int
    month: int | None = None
    day: date | None = None
    moment: datetime | None = None


def is_collected(found: FoundDate) -> bool:
    """Whether a found date is the day of collection."""
    return any(word in found.origin.casefold() for word in _COLLECTED_ORIGINS)


def is_epoch(written: str) -> bool:
    """Whether a moment is written as seconds or milliseconds since 1970."""
    return bool(_EPOCH.match(written))


def read_metadata_date(value: str, *, language: str = "und") -> ReadDate | None:
    """Read one metadata value; None where it is no date, a placeholder, before 1900 or after LAST_DAY.

    The day is the one written, in the zone it is written in. A time without a zone counts as UTC; midnight to the
    second counts as no time at all, being what software writes for it.
    """
    text = " ".join(value.split()) if len(value) <= MAX_VALUE_CHARS else ""
    written = _read_moment(text, language)
    if written is not None:
        return _from_moment(text, written)
    return _read_coarse(text)


def _read_moment(text: str, language: str) -> datetime | None:
    for reader in (_read_epoch, _read_iso, _read_mail):
        moment = reader(text)
        if moment is not None:
            return moment
    return _read_words(text, language)


def _from_moment(text: str, moment: datetime) -> ReadDate | None:
    day = make_date(moment.year, moment.month, moment.day)
    if day is None or day in PLACEHOLDERS:
        return None
    has_time = moment.time() != time(0)
    in_utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC) if has_time else None
    return ReadDate(text, DatePrecision.DAY, day.year, day.month, day, in_utc)


def _read_iso(text: str) -> datetime | None:
    match = _ISO.match(text)
    if match:
        year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
        zone = (match.group(7) or "").replace("UTC", "Z").replace("GMT", "Z")
        written = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{min(second, 59):02}{zone}"
        try:
            return datetime.fromisoformat(written)
        except ValueError:
            return None
    try:
        return datetime.fromisoformat(text) if text[:4].isdigit() and "W" not in text and len(text) > 8 else None
    except ValueError:
        return None


def _read_epoch(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970."""
    if not is_epoch(text):
        return None
    number = float(text)
    seconds = number / 1000 if abs(number) >= 1e11 else number
    return datetime.fromtimestamp(seconds, UTC)


def _read_mail(text: str) -> datetime | None:
    """`Fri, 11 Jan 2019 18:02:00 -0500`, as feeds and HTTP headers write it."""
    if not re.search(r"\d{1,2}[\s-][A-Za-z]{3}[\s-]\d{4} \d", text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):  # the last for a year of twenty digits
        return None


def _read_words(text: str, language: str) -> datetime | None:
    """A date in words and its time of day, if it has one: our grammar finds it, dateparser reads the time and zone."""
    found = [item for item in find_dates(text, language=language) if item.year]
    days = {item.resolve() for item in found}
    if len(days) != 1 or None in days:
        return None
    day = days.pop()
    assert day is not None
    rest = text[found[-1].end :]
    if not re.search(r"\d[:.h]\d{2}|\d\s?[ap]\.?m", rest):
        return datetime.combine(day, time(0))
    clock = re.sub(r"^\W*(?:at|um|à|a las|às|alle|om|kl\.?|T)?\W*", "", rest, flags=re.IGNORECASE)
    parsed = dateparser.parse(f"{day.isoformat()} {clock}", languages=["en"], settings=_ZONE_NEVER_NOW)
    return parsed if parsed and parsed.date() == day else datetime.combine(day, time(0))


def _read_coarse(text: str) -> ReadDate | None:
    loose = _LOOSE_ISO.match(text)
    if loose:
        day = make_date(*(int(group) for group in loose.groups()))
        return _from_moment(loose.group(), datetime.combine(day, time(0))) if day else None
    month = _MONTH_ONLY.match(text)
    if month:
        year = int(month.group(1) or month.group("year"))
        number = int(month.group(2)) if month.group(2) else month_names().get(month.group("name").casefold(), 0)
        return ReadDate(text, DatePrecision.MONTH, year, number) if make_date(year, number, 1) else None
    only = _YEAR_ONLY.match(text)
    if only and FIRST_YEAR <= int(text) <= LAST_DAY.year:
        return ReadDate(text, DatePrecision.YEAR, int(text))
    return None


def read_url_date(url: str) -> ReadDate | None:
    """The day, or else the month, that a URL's path says: `/2019/01/11/`, `-2019-01-11-`, `/20190111/`, `/2019/01/`."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:  # brackets that hold no IPv6 address
        return None
    for match in _URL_DAY.finditer(path):
        day = _url_day(match)
        if day:
            return ReadDate(match.group(), DatePrecision.DAY, day.year, day.month, day)
    for match in _URL_DAY_LAST.finditer(path):
        month_number = _month(match.group(2)) if not match.group(2).isdigit() else None
        day = make_date(int(match.group(3)), month_number, int(match.group(1))) if month_number else None
        if day:
            return ReadDate(match.group(), DatePrecision.DAY, day.year, day.month, day)
    month = _URL_MONTH.search(path)
    number = _month(month.group("month")) if month else None
    if month and number and make_date(int(month.group("year")), number, 1):
        return ReadDate(month.group(), DatePrecision.MONTH, int(month.group("year")), number)
    return None


def _url_day(match: re.Match[str]) -> date | None:
    packed = match.group("packed")
    if packed:
        year = int(packed[:4])
        return make_date(year, int(packed[4:6]), int(packed[6:])) if year >= FIRST_PACKED_YEAR else None
    if match.group("year_month"):
        joined = match.group("year_month")
        return make_date(int(joined[:4]), int(joined[4:]), int(match.group("day_after")))
    month = _month(match.group("month"))
    return make_date(int(match.group("year")), month, int(match.group("day"))) if month else None


def _month(text: str) -> int | None:
    return int(text) if text.isdigit() else month_names().get(text.casefold())
