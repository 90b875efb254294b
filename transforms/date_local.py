"""The publisher's own day of a moment that was written in UTC.

Software writes `2020-02-25T02:25:54Z` for an article that New York read on the evening of the 24th. Two things tell the
publisher's day: the URL, and the zones of the publisher's country where all of them agree. Much software writes local
time and calls it UTC, so a zone only moves a day where that is the likelier reading: back in time (early in the UTC
day: late evening in the Americas, or the middle of the night for those who mean local time), or where it makes a
midnight, which is a day without a time.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from transforms.date_metadata import is_epoch

_UTC = re.compile(r"(?:Z|[+-]00:?00|UTC|GMT)$")
ONE_DAY = timedelta(days=1)


def is_utc(written: str) -> bool:
    """Whether a moment is written in UTC."""
    return bool(_UTC.search(written)) or is_epoch(written)


def find_local_day(moment: datetime, country: str | None) -> date | None:
    """The day of a UTC moment in the country of the publisher, where it differs and all of its zones agree on it."""
    if country is None:
        return None
    local = [moment.astimezone(zone) for zone in _zones(country)]
    days = {there.date() for there in local}
    if len(days) != 1:
        return None
    day = days.pop()
    is_midnight = all(there.time() == time(0) for there in local)
    return day if day == moment.date() - ONE_DAY or (day == moment.date() + ONE_DAY and is_midnight) else None


@lru_cache(maxsize=256)
def _zones(country: str) -> tuple[ZoneInfo, ...]:
    """The time zones of a country, as CLDR lists them."""
    from babel.core import get_global

    return tuple(ZoneInfo(zone) for zone, code in sorted(get_global("zone_territories").items()) if code == country)
