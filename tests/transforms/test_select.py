"""Choosing articles by day: by what a path says, and by the date of the article itself."""

from datetime import date

import pytest

from schemas.article import Document
from schemas.days import Days
from schemas.errors import UsageError
from transforms.inputs import InputFile
from transforms.path_dates import compile_path_date, period_of, select_inputs
from transforms.select import is_within

JANUARY = Days(date(2019, 1, 10), date(2019, 1, 12))


@pytest.mark.parametrize(
    ("pattern", "path", "period"),
    [
        ("%Y/%m/%d", "news/2019/01/11/a.txt", (date(2019, 1, 11), date(2019, 1, 11))),
        ("date=%Y-%m-%d", "in/date=2019-01-11/p.parquet", (date(2019, 1, 11), date(2019, 1, 11))),
        ("%Y%m%d", "wire-20190111.jsonl.gz", (date(2019, 1, 11), date(2019, 1, 11))),
        ("%Y%m%d", "201901110.txt", None),  # nine digits are no date
        ("%Y/%m", "gs://bucket/2020/02/a.txt", (date(2020, 2, 1), date(2020, 2, 29))),
        ("%Y", "news/2019.warc.gz", (date(2019, 1, 1), date(2019, 12, 31))),
        ("%Y/%m/%d", "2018/12/31/moved/2019/01/11/a.txt", (date(2019, 1, 11), date(2019, 1, 11))),
        ("%Y/%m/%d", "2018/12/31/moved/2019/13/45/a.txt", (date(2018, 12, 31), date(2018, 12, 31))),
        ("%Y/%m/%d", "news/a.txt", None),
        ("a.c-%Y", "abc-2019", None),  # a pattern is no regular expression
    ],
)
def test_the_period_that_a_path_says(pattern: str, path: str, period: tuple[date, date] | None) -> None:
    assert period_of(path, compile_path_date(pattern)) == period


@pytest.mark.parametrize("pattern", ["", "%d", "%Y/%d", "%Y/%m/%d/%H", "%Y/%Y", "%y%m%d", "news", "%Y%"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(UsageError, match="--path-date"):
        compile_path_date(pattern)


def test_inputs_are_chosen_by_their_paths_and_one_that_says_nothing_is_kept() -> None:
    days = [f"news/2019/01/{day:02}/a.txt" for day in range(8, 15)]
    inputs = [InputFile(uri, 1, "x") for uri in [*days, "news/undated.txt"]]
    chosen = [file.uri for file in select_inputs(inputs, JANUARY, "%Y/%m/%d")]
    assert chosen == [*days[2:5], "news/undated.txt"]
    assert len(select_inputs(inputs, Days(since=date(2019, 1, 14)), "%Y/%m/%d")) == 2
    assert len(select_inputs(inputs, Days(until=date(2019, 1, 8)), "%Y/%m/%d")) == 2
    assert len(select_inputs(inputs, JANUARY, "%Y/%m")) == 8
    assert select_inputs([], JANUARY, "%Y/%m/%d") == []
    with pytest.raises(UsageError, match=r"not even news/2019/01/08/a\.txt"):
        select_inputs(inputs, JANUARY, "day=%Y-%m-%d")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("WINDHOEK, Jan. 11, 2019 (Reuters) - Namibia will buy two ferries, its president said in Windhoek.", True),
        ("WINDHOEK, Jan. 13, 2019 (Reuters) - Namibia will buy two ferries, its president said in Windhoek.", False),
        ("Namibia will buy two ferries, its president said in Windhoek. Nobody knows when.", True),
        ("", True),  # the graph makes a dead letter of it
    ],
)
def test_documents_are_chosen_by_the_date_of_their_article(text: str, kept: bool) -> None:
    document = Document("a.txt", "text/plain", text.encode())
    assert is_within(document, JANUARY, {}) is kept


def test_the_fields_of_the_run_are_asked_for_the_date() -> None:
    document = Document("a.json", "application/json", b'{"text": "Namibia will buy ferries.", "stamp": "2019-02-01"}')
    assert is_within(document, JANUARY, {})
    assert not is_within(document, JANUARY, {"date": "stamp"})
