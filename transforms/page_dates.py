"""The dates that a page states, gathered best first and left unread: `transforms.date` decides."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.article import FoundDate
from transforms.date_metadata import read_metadata_date
from transforms.date_text import LAST_DAY
from transforms.fields import Linked, to_text

MAX_SEARCHED_CHARS = 1_500_000  # of markup in which htmldate searches
_EARLIEST = "1990-01-01"
_LATEST = LAST_DAY.isoformat()  # never the clock: the same page gives the same record on any day
_PUBLISHED = re.compile(r"publi|created|posted|entry-date", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:(\d{2}:\d{2})")
_UTC = re.compile(r"(?:Z|[+-]00:?00|UTC|GMT)$")
_DATE_METAS = (  # best first: what says publication before what may be anything
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "publishdate", "publish_date", "publish-date", "publication_date", "article.published", "published_time",
    "published-date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date",
    "dcterms.created", "dc.date.created", "citation_publication_date", "pubdate", "date_published", "article:published",
    "og:published_time", "rnews:datepublished", "datecreated", "created", "date",
)  # fmt: skip
_CHANGED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")


def find_page_dates(
    tree: Any, linked: Linked, metas: Mapping[str, str], *, searched: bool
) -> tuple[FoundDate, ...]:
    """Dates best first: JSON-LD, meta tags and time tags; htmldate's search where none of them is a day; changes."""
    stated = [
        *_linked_dates(linked, ("datePublished", "dateCreated")),
        *(FoundDate(metas[name], f"meta:{name}") for name in _DATE_METAS if name in metas),
    ]
    stated += _time_dates(tree)
    found = _search_date(tree) if searched and not any(map(_is_day, stated)) else ()
    changed = [
        *_linked_dates(linked, ("dateModified",)),
        *(FoundDate(metas[name], f"meta:modified:{name}") for name in _CHANGED_METAS if name in metas),
    ]
    return (*_local_first(stated), *found, *changed)


def _is_day(found: FoundDate) -> bool:
    read = read_metadata_date(found.value)
    return read is not None and read.day is not None


def _local_first(stated: list[FoundDate]) -> list[FoundDate]:
    """Where the best date is in UTC and another gives the same minute and second in local time, that one goes first.

    The day of publication is the publisher's: an evening in New York is the next day in UTC.
    """
    minute = _CLOCK.search(stated[0].value) if stated else None
    if minute is None or not _UTC.search(stated[0].value):
        return stated
    local = [
        date
        for date in stated
        if not _UTC.search(date.value) and (clock := _CLOCK.search(date.value)) and clock.group(1) == minute.group(1)
    ]
    return [*local, *(date for date in stated if date not in local)]


def _linked_dates(linked: Linked, names: tuple[str, ...]) -> list[FoundDate]:
    values = ((name, to_text(item.get(name), separator=", ")) for name in names for item in linked)
    return [FoundDate(value, f"json-ld:{name}") for name, value in values if value]


def _time_dates(tree: Any) -> Iterator[FoundDate]:
    """What time tags marked as publication say, where they agree on the day: else they are of comments and teasers."""
    values = [
        element.get("datetime").strip()
        for element in tree.iterfind(".//*[@datetime]")
        if "pubdate" in element.attrib or _PUBLISHED.search(f"{element.get('itemprop', '')} {element.get('class', '')}")
    ]
    if len({value[:10] for value in values}) == 1 and values[0]:
        yield FoundDate(values[0], "time:datetime")


def _search_date(tree: Any) -> Iterator[FoundDate]:
    """htmldate's search of header, markup and text, bounded by constants and not by the clock; the tree stays."""
    from copy import deepcopy

    from htmldate import find_date
    from htmldate.settings import CLEANING_LIST

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    if tree.tag in CLEANING_LIST:  # it takes these out of the tree, and a root cannot be taken out
        return
    value = find_date(deepcopy(tree), original_date=True, min_date=_EARLIEST, max_date=_LATEST)
    if value and not value.endswith("-01-01"):  # what it makes of a year alone, as in "© 2019 Example News"
        yield FoundDate(value, "htmldate")
