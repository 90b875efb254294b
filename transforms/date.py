"""date: the day an article was published, from metadata, URL, dateline or text, in that order of trust.

`date` is the publisher's local day (`2019-01-11T23:30-05:00` is 2019-01-11; of a moment written in UTC see
`transforms.date_local`), `published_at` the moment in UTC where a time of day is known. Only a true day makes a `date`:
where no more than a month or a year is known, `date` stays None and `date_precision` and `date_evidence` say what is
known. Nothing is ever filled in from the clock: the day of collection is not evidence, and `date_text.LAST_DAY`, a
constant of the release, bounds the future.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import apache_beam as beam

from schemas.article import Article, DatePrecision, DateSource, add_flags
from transforms.date_inference import anchor_year, infer_date
from transforms.date_local import ONE_DAY, find_local_day, is_utc
from transforms.date_metadata import ReadDate, is_collected, read_metadata_date, read_url_date
from transforms.date_text import find_dates
from transforms.dateline import find_date_lines
from transforms.junk_phrases import Reason
from transforms.publisher import find_publisher_country
from transforms.try_map import Tried, TryMap

SEARCHED_ORIGIN = "htmldate"
# Words in a found date's origin: when an article was changed is not when it was published.
CHANGED_ORIGINS = ("modif", "updat", "lastmod", "changed")
UPDATE_WORDS = ("updated", "last updated", "actualizado", "atualizado", "mis à jour", "aktualisiert", "aggiornato")
# A page stamped later than its own URL was moved or touched: the URL is right.
URL_WINS_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Finding:
    source: DateSource
    evidence: str
    precision: DatePrecision
    day: date | None = None
    moment: datetime | None = None


def date_article(article: Article) -> Article:
    """Find the publication date.

    Reads: found_dates, url, publisher, publisher_country, dateline, removed, headline, text, language, flags.
    Sets: date, published_at, date_source, date_evidence (the exact substring), date_precision, flags (`no_date` where
    no day can be known).
    """
    coarse: list[_Finding] = []
    for finding in _findings(article):
        if finding.day is not None:
            return _with_date(article, finding)
        coarse.append(finding)
    best = coarse[0] if coarse else _Finding(DateSource.NONE, "", DatePrecision.NONE)
    return replace(_with_date(article, best), flags=add_flags(article.flags, "no_date"))


def _with_date(article: Article, finding: _Finding) -> Article:
    return replace(
        article,
        date=finding.day,
        published_at=finding.moment,
        date_source=finding.source.value,
        date_evidence=finding.evidence,
        date_precision=finding.precision.value,
    )


def _findings(article: Article) -> Iterator[_Finding]:
    """What each source says, most trusted first; whatever is later than the day of collection is left out."""
    limit = _collection_day(article)
    url_date = read_url_date(article.url) if article.url else None
    stated = list(_read_found(article, changed=False))
    searched = list(_read_found(article, changed=False, searched=True))
    changed = list(_read_found(article, changed=True))
    for finding in (
        *(_to_local(finding, url_date, article) for finding in _prefer_url(stated, url_date)),
        *([_from_read(DateSource.URL, url_date)] if url_date else []),
        *_from_dateline(article, url_date, stated),
        *searched,
        *_from_text(article),
        *changed,
    ):
        if finding.day is None or limit is None or finding.day <= limit:
            yield finding


def _read_found(article: Article, *, changed: bool, searched: bool = False) -> Iterator[_Finding]:
    """What metadata states, or what was `searched` for in a page that states nothing: any date that stands there."""
    for found in article.found_dates:
        origin = found.origin.casefold()
        if is_collected(found) or any(word in origin for word in CHANGED_ORIGINS) != changed:
            continue
        if (origin == SEARCHED_ORIGIN) != searched:
            continue
        read = read_metadata_date(found.value, language=article.language)
        if read:
            yield _from_read(DateSource.FILE if origin.startswith("file") else DateSource.METADATA, read)


def _from_read(source: DateSource, read: ReadDate) -> _Finding:
    return _Finding(source, read.evidence, read.precision, read.day, read.moment)


def _prefer_url(stated: list[_Finding], url_date: ReadDate | None) -> list[_Finding]:
    """Metadata, less those that contradict the URL by being later."""
    if url_date is None or url_date.day is None or url_date.evidence.isdigit():  # eight digits may be a number
        return stated
    return [finding for finding in stated if finding.day is None or finding.day - url_date.day <= URL_WINS_AFTER]


def _to_local(finding: _Finding, url_date: ReadDate | None, article: Article) -> _Finding:
    """A moment written in UTC on the publisher's own day: the URL's, where it is a neighbour, else its zone's."""
    if finding.moment is None or finding.day is None or not is_utc(finding.evidence):
        return finding
    if url_date is not None and url_date.day is not None:
        is_neighbour = abs(url_date.day - finding.day) == ONE_DAY
        return replace(_from_read(DateSource.URL, url_date), moment=finding.moment) if is_neighbour else finding
    country = article.publisher_country or find_publisher_country(article.url, article.publisher)
    return replace(finding, day=find_local_day(finding.moment, country) or finding.day)


def _from_dateline(article: Article, url_date: ReadDate | None, stated: list[_Finding]) -> Iterator[_Finding]:
    stamps = [part.text.strip() for part in article.removed if part.reason == Reason.DATE_LINE]
    lines = [article.dateline or "", *find_date_lines(article.text), *sorted(stamps, key=_is_update)]
    for line in lines:
        for item in find_dates(line, language=article.language):
            day = item.resolve()
            if day is None and item.year is None:
                months = {(url_date.year, url_date.month)} if url_date else set()
                years = [year for year, month in months if month == item.month]
                day = item.resolve(years[0]) if years else anchor_year(item, article.text, language=article.language)
            if day:
                yield _Finding(DateSource.DATELINE, line[item.start : item.end], DatePrecision.DAY, day)


def _is_update(stamp: str) -> bool:
    """Whether a stamp dates a change: used only where no other stamp dates the publication."""
    return stamp.casefold().startswith(UPDATE_WORDS)


def _from_text(article: Article) -> Iterator[_Finding]:
    text = "\n".join(part for part in (article.headline, article.text) if part)
    inferred = infer_date(text, language=article.language)
    if inferred:
        yield _Finding(DateSource.TEXT, inferred.evidence, DatePrecision.DAY, inferred.day)


def _collection_day(article: Article) -> date | None:
    """The day after collection, which no publication date can be beyond (time zones); None where it is not known."""
    for found in article.found_dates:
        if is_collected(found):
            read = read_metadata_date(found.value)
            if read and read.day:
                return read.day + timedelta(days=1)
    return None


class DateArticles(beam.PTransform):
    """Find the publication date of every article."""

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Dated (or knowingly undated) articles, and dead letters of step `date`."""
        return articles | "Date" >> TryMap("date", date_article)
