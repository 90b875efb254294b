from datetime import UTC, date, datetime, timedelta
from time import perf_counter

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article, FoundDate
from tests.data_folder import find_data, read_rows
from transforms.clean import clean_article
from transforms.date import DateArticles, date_article
from transforms.date_metadata import read_metadata_date, read_url_date
from transforms.language import detect_language

BODY = "The minister of Examplia resigned after a long dispute over the budget, her office said in a short statement."
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def article(text: str = BODY, *found: tuple[str, str], **fields: object) -> Article:
    dates = tuple(FoundDate(value, origin) for value, origin in found)
    return Article("id", text, "file.txt", found_dates=dates, **{"language": "en", **fields})


def day_of(dated: Article) -> str | None:
    return dated.date.isoformat() if dated.date else None


METADATA = [
    ("2019-01-11", "2019-01-11", None),
    ("2019-01-11T18:02:33Z", "2019-01-11", "2019-01-11T18:02:33"),
    ("2019-01-11T23:30:00-05:00", "2019-01-11", "2019-01-12T04:30:00"),
    ("2019-01-11T23:30:00.123+0200", "2019-01-11", "2019-01-11T21:30:00"),
    ("2019-01-11 18:02", "2019-01-11", "2019-01-11T18:02:00"),
    ("2019-01-11T00:00:00Z", "2019-01-11", None),
    ("Fri, 11 Jan 2019 18:02:00 -0500", "2019-01-11", "2019-01-11T23:02:00"),
    ("Fri, 11 Jan 2019 18:02:00 GMT", "2019-01-11", "2019-01-11T18:02:00"),
    ("20190111", "2019-01-11", None),
    ("20190111180200", "2019-01-11", "2019-01-11T18:02:00"),
    ("1263081600000", "2010-01-10", None),  # milliseconds, which also read as a day of the year 1263
    ("January 11, 2019 5:36 pm EST", "2019-01-11", "2019-01-11T22:36:00"),
    ("11 January 2019 18:02 +0100", "2019-01-11", "2019-01-11T17:02:00"),
    ("1547229720", "2019-01-11", "2019-01-11T18:02:00"),
    ("1547229720000", "2019-01-11", "2019-01-11T18:02:00"),
    ("January 11, 2019", "2019-01-11", None),
    ("Jan. 11, 2019 6:02 p.m.", "2019-01-11", "2019-01-11T18:02:00"),
    ("11 de enero de 2019", "2019-01-11", None),
    ("11 de janeiro de 2019 às 18h02", "2019-01-11", None),
    ("11 janvier 2019", "2019-01-11", None),
    ("11. Januar 2019, 18:02 Uhr", "2019-01-11", None),
    ("Freitag, 11. Januar 2019", "2019-01-11", None),
    ("11 gennaio 2019", "2019-01-11", None),
    ("11.01.2019", "2019-01-11", None),
    ("2019/1/11", "2019-01-11", None),
    ("25/12/2018", "2018-12-25", None),
    ("12/25/2018", "2018-12-25", None),
    ("2019年1月11日", "2019-01-11", None),
]
NO_METADATA = [
    "", "today", "2 hours ago", "yesterday at 5 pm", "Friday", "January 11", "1970-01-01", "1970-01-01T00:00:00Z", "0",
    "0001-01-01T00:00:00", "1899-12-31", "2199-01-01", "2019-02-30", "2019-13-01", "03/04/2019", "n/a", "11",
    "99999999999999", "Thursday, January 11, 2019",
    "Thu, 11 Jan 2019 99999999999999999999:00:00 GMT", "Thu, 11 Jan 2019 18:02:00 -9999999999999999999999",
    "11 January 2019 at " + "6:02 pm " * 3000,
]  # fmt: skip


@pytest.mark.parametrize(("value", "day", "moment"), METADATA)
def test_metadata_gives_the_day_as_written_and_the_moment_in_utc(value: str, day: str, moment: str | None) -> None:
    dated = date_article(article(BODY, (value, "json:date")))
    assert (day_of(dated), dated.date_source, dated.date_precision) == (day, "metadata", "day")
    assert dated.date_evidence == value
    if moment:
        assert dated.published_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize("value", NO_METADATA)
def test_metadata_that_is_no_publication_day_is_passed_over(value: str) -> None:
    dated = date_article(article(BODY, (value, "json:date")))
    assert (dated.date, dated.published_at) == (None, None)
    assert dated.flags == ("no_date",)


def test_the_best_readable_metadata_wins() -> None:
    found = (("1970-01-01", "json:date"), ("2019-01-11", "meta:date"), ("2018-05-05", "meta:other"))
    assert day_of(date_article(article(BODY, *found))) == "2019-01-11"


def test_a_date_of_change_comes_after_everything_else() -> None:
    changed = ("2020-06-01", "meta:article:modified_time")
    assert day_of(date_article(article(BODY, changed, url="https://news.example/2019/01/11/minister"))) == "2019-01-11"
    dateline = clean_article(article("CARACAS, January 11, 2019 (Reuters) - " + BODY, changed))
    assert day_of(date_article(dateline)) == "2019-01-11"
    assert day_of(date_article(article(BODY, changed))) == "2020-06-01"


def test_the_day_of_collection_is_no_date_but_a_bound() -> None:
    collected = ("2019-01-12T08:00:00Z", "warc:date")
    assert date_article(article(BODY, collected)).date is None
    assert date_article(article(BODY, collected, ("2019-03-01", "json:date"))).date is None
    assert day_of(date_article(article(BODY, collected, ("2019-01-12", "json:date")))) == "2019-01-12"


def test_month_and_year_are_kept_as_evidence_without_a_day() -> None:
    month = date_article(article(BODY, ("2019-01", "json:date")))
    assert (month.date, month.date_precision, month.date_evidence) == (None, "month", "2019-01")
    assert month.date_source == "metadata"
    year = date_article(article(BODY, ("2019", "json:date")))
    assert (year.date, year.date_precision, year.flags) == (None, "year", ("no_date",))
    from_url = date_article(article(BODY, ("2019", "json:date"), url="https://news.example/2019/01/11/minister"))
    assert (day_of(from_url), from_url.date_source) == ("2019-01-11", "url")


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://news.example/2019/01/11/minister", "2019-01-11"),
        ("https://news.example/2019/1/11/minister", "2019-01-11"),
        ("https://news.example/2019/jan/11/minister", "2019-01-11"),
        ("https://news.example/minister-2019-01-11.html", "2019-01-11"),
        ("https://news.example/news/20190111/minister", "2019-01-11"),
        ("https://news.example/201901/11/minister", "2019-01-11"),
        ("https://news.example/world/minister_11-jan-2019", "2019-01-11"),
        ("https://news.example/2019/01/minister", None),
        ("https://news.example/2019/13/40/minister", None),
        ("https://news.example/article/123456789", None),
        ("https://news.example/article/12019011112", None),
        ("https://2019-01-11.example/minister", None),
        ("https://news.example/2019/01/18-year-old-killed-in-crash/", None),
        ("https://news.example/mayor-resigns-19871104.php", None),
        ("https://news.example/2199/01/11/minister", None),
        ("https://news.example/minister?print=2019-01-11", None),
    ],
)
def test_url_gives_a_day(url: str, day: str | None) -> None:
    dated = date_article(article(BODY, url=url))
    assert day_of(dated) == day
    assert dated.date_source == "url" or day is None
    assert not dated.date_evidence or dated.date_evidence in url


def test_a_stamp_later_than_the_url_loses() -> None:
    moved = ("2021-06-01T10:00:00Z", "meta:article:published_time")
    dated = date_article(article(BODY, moved, url="https://news.example/2019/01/11/minister"))
    assert (day_of(dated), dated.date_source, dated.published_at) == ("2019-01-11", "url", None)


@pytest.mark.parametrize(
    ("opening", "day", "evidence"),
    [
        ("KIGALI, Jun 15 2022 (IPS) - ", "2022-06-15", "Jun 15 2022"),
        ("SINGAPORE (May 6, 2021) — ", "2021-05-06", "May 6, 2021"),
        ("CAIRO – 26 July 2022: ", "2022-07-26", "26 July 2022"),
        ("7 août 2012. - ", "2012-08-07", "7 août 2012"),
        ("2 juillet 2012. - Québec - ", "2012-07-02", "2 juillet 2012"),
        ("Bogotá, 11 de enero de 2019 (EFE) – ", "2019-01-11", "11 de enero de 2019"),
        ("Berlin, 11. Januar 2019 (dpa) - ", "2019-01-11", "11. Januar 2019"),
        ("Friday, January 11, 2019\n\n", "2019-01-11", "Friday, January 11, 2019"),
        ("Viernes, 11 de enero de 2019\n\n", "2019-01-11", "Viernes, 11 de enero de 2019"),
        ("Published: January 11, 2019 5:36 pm\n\n", "2019-01-11", "January 11, 2019"),
        ("Thursday, January 11, 2019\n\n", None, ""),  # it was a Friday
        ("CARACAS, Jan. 11 (Reuters) - ", None, ""),  # of which year?
        ("afrol News, 27 January - ", None, ""),
        ("Caracas - ", None, ""),
    ],
)
def test_datelines_and_first_lines(opening: str, day: str | None, evidence: str) -> None:
    dated = date_article(clean_article(article(opening + BODY)))
    assert (day_of(dated), dated.date_evidence) == (day, evidence)
    assert dated.date_source == ("dateline" if day else "none")


def test_a_dateline_without_a_year_takes_it_from_a_date_shortly_before() -> None:
    text = f"CARACAS, Jan. 11 (Reuters) - {BODY} The vote had been held on 28 December 2018."
    assert day_of(date_article(clean_article(article(text)))) == "2019-01-11"
    old = f"CARACAS, Jan. 11 (Reuters) - {BODY} The law was passed on 3 May 2004."
    assert date_article(clean_article(article(old))).date is None
    passed = f"KYIV, Feb. 24 (Reuters) - {BODY} It is the third anniversary, in 2025, of the invasion of Feb. 24, 2022."
    assert date_article(clean_article(article(passed))).date is None
    to_come = f"LONDON, April 5 (Reuters) - {BODY} The country will leave the union on 29 March 2019."
    assert date_article(clean_article(article(to_come))).date is None
    url = "https://news.example/2019/01/minister"
    assert day_of(date_article(clean_article(article(f"CARACAS, Jan. 11 (Reuters) - {BODY}", url=url)))) == "2019-01-11"


WIRE = (
    "The government of Examplia {lead} criticized a resolution of the regional council.\n\n"
    "The council voted {anchor} in a session “to not recognize the new term as of {date}.”\n\n"
    "Separately, the foreign minister {anchor_phrase} asked the neighbours to protect the embassy. "
    "The neighbours were given time until {until} to answer."
)
LEADS = ("on {0}", "{0}", "late {0}", "on {0} evening", "early on {0}", "on {0} morning", "this {0}", "on {0} night",
         "{0} afternoon", "on late {0}", "{0} at noon")  # fmt: skip
MONTHS = tuple(date(2019, month, 1).strftime("%B") for month in range(1, 13))


def weekday_cases() -> list[tuple[date, str, str]]:
    """(day of writing, phrase, text): every weekday × phrase × gap of 0 to 6 days since the absolute date."""
    cases = []
    for weekday in range(7):
        for number, phrase in enumerate(LEADS):
            for gap in range(7):
                written = date(2019, 1, 7) + timedelta(days=weekday + 7 * (number + 11 * gap))
                anchor = written - timedelta(days=gap)
                shapes = (
                    f"the {anchor.day}th of {MONTHS[anchor.month - 1]} of {anchor.year}",
                    f"{MONTHS[anchor.month - 1]} {anchor.day}, {anchor.year}",
                    f"{anchor.day} {MONTHS[anchor.month - 1]} {anchor.year}",
                )
                name = WEEKDAYS[anchor.weekday()]
                text = WIRE.format(
                    lead=phrase.format(WEEKDAYS[weekday]),
                    anchor=name,
                    date=shapes[number % 3],
                    anchor_phrase=f"on {name} evening",
                    until=WEEKDAYS[(weekday + 2) % 7],
                )
                cases.append((written, phrase, text))
    return cases


def test_no_generated_weekday_case_is_dated_wrongly() -> None:
    cases = weekday_cases()
    told = [(written, date_article(article(text)).date) for written, _, text in cases]
    assert len(cases) >= 500
    assert [case for case in told if case[1] not in (None, case[0])] == []


def test_the_weekday_cases_of_the_next_days_are_dated() -> None:
    near = [(written, text) for index, (written, _, text) in enumerate(weekday_cases()) if index % 7 <= 3]
    assert [date_article(article(text)).date for _, text in near] == [written for written, _ in near]


def test_wire_example_is_dated_by_its_weekdays() -> None:
    text = find_data("articles/wire_example/venezuela_oas.txt").read_text("utf-8")
    dated = date_article(detect_language(clean_article(Article("id", text, "file.txt"))))
    assert (day_of(dated), dated.date_source, dated.date_precision) == ("2019-01-11", "text", "day")
    assert dated.date_evidence in text
    assert dated.published_at is None


@pytest.mark.parametrize(
    "text",
    [
        "On Thursday, Examplia marked the anniversary of the attack of January 10, 2019.",
        "The court on Friday sentenced the man for the attack of January 10, 2019.",
        "The minister will resign on Friday. She was named on Thursday, January 10, 2019.",
        "He said on Friday that the vote on Thursday will be the first since 10 January 2019. The next is due in 2024.",
        "The office opens on Friday. Parliament meets on Thursday, the 10th of January of 2019, and will vote.",
        "She resigned on Friday.",
        "She resigned on 10 January.",
        "On Wednesday she resigned; the council had voted Thursday, on 10 January 2019, to go on.",
    ],
)
def test_texts_that_leave_a_doubt_stay_undated(text: str) -> None:
    assert date_article(article(text)).date is None


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "Police today (July 26, 2022) recovered a painting.", "2022-07-26"),
        ("en", "Police yesterday (July 25, 2022) recovered a painting.", "2022-07-26"),
        ("fr", "Le président a décidé hier, jeudi 16 août 2012, d'accorder l'asile.", "2012-08-17"),
        ("es", "El presidente anunció hoy, 11 de enero de 2019, un nuevo plan.", "2019-01-11"),
        ("pt", "O presidente anunciou ontem, 10 de janeiro de 2019, um novo plano.", "2019-01-11"),
        ("de", "Der Präsident hat heute, am 11. Januar 2019, zugestimmt.", None),
        ("es", "El gobierno criticó el viernes la resolución. El consejo votó el jueves, "
               "según el texto que rige desde este 10 de enero de 2019.", "2019-01-11"),
        ("pt", "O governo criticou na sexta-feira a resolução. O conselho votou na quinta-feira o texto "
               "que vale a partir de 10 de janeiro de 2019.", "2019-01-11"),
        ("de", "Die Regierung kritisierte am Freitag den Beschluss. Der Rat stimmte am Donnerstag für den Text, "
               "der ab dem 10. Januar 2019 gilt.", "2019-01-11"),
        ("fr", "Le gouvernement a critiqué vendredi la résolution. Le conseil a voté jeudi le texte "
               "en vigueur au 10 janvier 2019.", "2019-01-11"),
        ("it", "Il governo ha criticato venerdì la risoluzione. Il consiglio ha votato giovedì il testo "
               "in vigore dal 10 gennaio 2019.", "2019-01-11"),
    ],
)  # fmt: skip
def test_other_languages(language: str, text: str, day: str | None) -> None:
    assert day_of(date_article(article(text, language=language))) == day


def test_hand_annotated_articles_are_dated_from_title_and_body() -> None:
    from benchmarks.clean_date import read_examples

    examples = list(read_examples(find_data("gold")))
    told = [day_of(date_article(detect_language(clean_article(example.article)))) for example in examples]
    datable = sum(example.date_from_text is not None for example in examples)
    right = sum(day is not None and day == example.date_from_text for day, example in zip(told, examples, strict=True))
    wrong = sum(day not in (None, example.date_from_text) for day, example in zip(told, examples, strict=True))
    assert (wrong, right >= 0.9 * datable) == (0, True)


@pytest.mark.parametrize("name", ["articles/wikinews/en.jsonl.gz", "articles/wikinews/fr.jsonl.gz"])
def test_collected_articles_are_never_dated_wrongly(name: str) -> None:
    for row in read_rows(find_data(name)):
        cleaned = clean_article(Article(row["id"], row["body"], "file.txt", headline=row["title"]))
        assert day_of(date_article(detect_language(cleaned))) in (None, row["date"]), row["id"]


@given(st.text(max_size=80))
def test_metadata_never_raises_and_stays_in_bounds(value: str) -> None:
    read = read_metadata_date(value)
    assert read is None or 1900 <= read.year <= 2030


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2027, 12, 31)), st.integers(-14, 14))
def test_iso_metadata_round_trips(moment: datetime, hours: int) -> None:
    written = moment.replace(microsecond=0, second=1).isoformat() + f"{hours:+03}:00"
    read = read_metadata_date(written)
    assert read is None or (read.day, read.moment) == (moment.date(), datetime.fromisoformat(written).astimezone(UTC))


@given(st.from_regex(r"https?://[a-z]{1,8}\.example/[a-z0-9/_.-]{0,40}", fullmatch=True))
def test_urls_never_raise(url: str) -> None:
    read = read_url_date(url)
    assert read is None or read.evidence in url


def test_date_articles_dates_in_a_pipeline() -> None:
    with beam.Pipeline() as pipeline:
        tried = pipeline | beam.Create([article(BODY, ("2019-01-11", "json:date")), article()]) | DateArticles()
        assert_that(tried.articles | beam.Map(day_of), equal_to(["2019-01-11", None]), label="Days")
        assert_that(tried.dead_letters, equal_to([]), label="DeadLetters")


@pytest.mark.parametrize("url", ["http://[HOLDER]/2019/01/11/x", "http://[::1/2019/01/11/x", "https://]"])
def test_a_url_with_brackets_that_hold_no_address_dates_nothing(url: str) -> None:
    assert read_url_date(url) is None  # urlsplit raises; found by fuzzing


def test_thousands_of_dates_in_one_sentence_take_no_quadratic_time() -> None:
    text = "the council met on Friday 2019-01-11 and on Monday, " * 4000  # took minutes; found by fuzzing
    started = perf_counter()
    date_article(article(text))
    assert perf_counter() - started < 10


def test_a_number_in_a_url_does_not_overrule_metadata() -> None:
    url = "https://news.example/news/mayor-resigns-20120815"
    dated = date_article(article(BODY, ("2024-11-01", "json:date"), url=url))
    assert (day_of(dated), dated.date_source) == ("2024-11-01", "metadata")


def test_a_date_searched_for_in_a_page_comes_after_what_url_and_dateline_say() -> None:
    searched = ("2015-03-05", "htmldate")
    assert day_of(date_article(article(BODY, searched, url="https://news.example/2019/05/11/minister"))) == "2019-05-11"
    assert day_of(date_article(clean_article(article(f"CARACAS, January 11, 2019 (Reuters) - {BODY}", searched)))) == (
        "2019-01-11")
    assert day_of(date_article(article(BODY, searched))) == "2015-03-05"


def test_seconds_since_1970_are_in_utc() -> None:
    moments = ("2020-02-25T02:25:54Z", "1582597554", "1582597554000")
    url = "https://news.example/2020/02/24/minister"
    assert {day_of(date_article(article(BODY, (moment, "json:date"), url=url))) for moment in moments} == {"2020-02-24"}
