from datetime import UTC, date, datetime

import pytest

from schemas.article import Article, DateSource, FoundDate
from transforms.date import date_article
from transforms.date_local import find_local_day, is_utc

BODY = "The minister of Examplia resigned after a long dispute over the budget, her office said in a short statement."


def dated(value: str, url: str) -> Article:
    found = (FoundDate(value, "json-ld:datePublished"),)
    return date_article(Article("id", BODY, "file.txt", url=url, language="en", found_dates=found))


@pytest.mark.parametrize(
    ("value", "url", "day", "source"),
    [
        # An evening in New York is the next day in UTC; the URL has the day.
        ("2020-02-25T02:25:54Z", "https://news.example/2020/02/24/minister/", date(2020, 2, 24), DateSource.URL),
        ("2023-11-01T23:01:00Z", "https://news.example/2023/11/02/minister/", date(2023, 11, 2), DateSource.URL),
        # The URL agrees, or is too far off to be a matter of zones.
        ("2020-02-24T20:25:54Z", "https://news.example/2020/02/24/minister/", date(2020, 2, 24), DateSource.METADATA),
        ("2020-02-20T20:25:54Z", "https://news.example/2020/02/24/minister/", date(2020, 2, 20), DateSource.METADATA),
        # No URL date: all zones of the publisher's country agree on the day before, or on midnight.
        ("2020-05-02T02:54:29.000Z", "https://wabc.com/minister/", date(2020, 5, 1), DateSource.METADATA),
        ("2021-11-04T23:00Z", "https://news.example.de/minister/", date(2021, 11, 5), DateSource.METADATA),
        # Local time called UTC is the likelier reading, or nothing is known of the publisher.
        ("2021-11-04T23:10Z", "https://news.example.de/minister/", date(2021, 11, 4), DateSource.METADATA),
        ("2020-05-02T02:54:29.000Z", "https://news.example/minister/", date(2020, 5, 2), DateSource.METADATA),
        # A zone that is written is the publisher's own.
        ("2020-05-02T00:54:29-04:00", "https://wabc.com/minister/", date(2020, 5, 2), DateSource.METADATA),
    ],
)
def test_a_moment_in_utc_is_dated_by_the_publishers_day(value: str, url: str, day: date, source: DateSource) -> None:
    article = dated(value, url)
    assert (article.date, article.date_source) == (day, source)
    assert article.published_at is not None
    assert article.date_evidence in (value, url) or article.date_evidence in url


def test_a_country_whose_zones_disagree_moves_nothing() -> None:
    early_in_utc = datetime(2020, 5, 1, 4, 30, tzinfo=UTC)  # after midnight there, evening in Los Angeles
    assert find_local_day(early_in_utc, "US") is None
    assert find_local_day(early_in_utc, None) is None
    assert find_local_day(early_in_utc, "XX") is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020-05-01T04:30:00Z", True),
        ("2020-05-01T04:30:00+00:00", True),
        ("2020-05-01T04:30:00-04:00", False),
        ("2020-05-01", False),
    ],
)
def test_utc_is_told_by_how_it_is_written(written: str, expected: bool) -> None:
    assert is_utc(written) is expected
