"""A small dataset written by hand in the layout of a real one, for tests that read: made-up news, every odd case."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.article import Article, CountryShare, Entity, Mention, Stance
from schemas.record import DEAD_LETTER_SCHEMA, RECORD_SCHEMA, rows_to_table, to_row

CAST = (
    Entity("Nicolás Maduro", "PERSON", "VE", ("Maduro", "the president"), 3, 0.5),
    Entity("Lima Group", "ORG", None, (), 2, 0.3),
    Entity("Cuba", "LOC", "CU", (), 1, 0.2),
)
MADURO, LIMA, CUBA = range(3)
TEXT = (
    "Café talk 😀 opened the day. The Lima Group rejected Maduro. The Lima Group met. "
    "Cuba praised Maduro. Reckless Maduro! The Lima Group condemned Maduro."
)


def evidence(sentence: str, holder: int | None, target: int, stance: str, score: float) -> Stance:
    """One row of evidence: `sentence` is found in TEXT."""
    start = TEXT.index(sentence)
    rest = (1 - score) / 2
    scores = {name: score if name == stance else rest for name in ("favor", "against", "neutral")}
    holder_name = None if holder is None else CAST[holder].name
    end = start + len(sentence)
    return Stance(
        holder, holder_name, target, CAST[target].name, stance, score, **scores, evidence_start=start,
        evidence_end=end, via="named",
    )


REJECTED = evidence("The Lima Group rejected Maduro.", LIMA, MADURO, "against", 0.8)
CONDEMNED = evidence("The Lima Group condemned Maduro.", LIMA, MADURO, "against", 0.9)
MET = evidence("The Lima Group met.", LIMA, MADURO, "neutral", 0.7)
PRAISED = evidence("Cuba praised Maduro.", CUBA, MADURO, "favor", 0.9)
RECKLESS = evidence("Reckless Maduro!", None, MADURO, "against", 0.6)


def article(number: int, country: str, day: str | None, *stances: Stance, **fields: Any) -> Article:
    """An article with the CAST and these stances."""
    start = TEXT.index("Maduro")
    values: dict[str, Any] = {
        "article_id": f"{number:032x}", "text": TEXT, "source_uri": f"news/{number}.json", "country": country,
        "date": dt.date.fromisoformat(day) if day else None, "headline": f"Headline {number}", "language": "en",
        "url": f"https://news.example/{number}", "entities": CAST, "stances": stances,
        "mentions": (Mention("Maduro", start, start + 6, "PERSON", 0.99, MADURO),),
        "countries": (CountryShare(country, 1.0, 2),), "date_source": "metadata" if day else "none",
    }
    return Article(**(values | fields))


SAMPLE = (
    article(1, "VE", "2019-01-10", REJECTED, MET, CONDEMNED, publisher="Example Post"),
    article(2, "VE", "2019-01-11", PRAISED, RECKLESS),
    article(3, "VE", "2019-01-11", CONDEMNED),  # a copy of 1, see rows()
    article(4, "NO", "2019-01-10"),
    article(5, "NA", "2019-01-10", PRAISED, published_at=dt.datetime(2019, 1, 10, 12, tzinfo=dt.UTC)),
    article(6, "ZZ", None, entities=(), mentions=(), flags=("no_date",), headline=None, url=None),
    article(7, "VE", "2019-02-03", REJECTED, headline="[red]Not markup[/red] \x1b[31m"),
    article(8, "VE", None, MET),
)


def rows() -> list[tuple[str, dict[str, Any]]]:
    """(partition folder, row) of SAMPLE; number 3 repeats number 1."""
    made = [(item.partition, to_row(item)) for item in SAMPLE]
    original = SAMPLE[0].article_id
    return [
        (folder, row | {"story_id": original, "duplicate_of": original} if item is SAMPLE[2] else row)
        for item, (folder, row) in zip(SAMPLE, made, strict=True)
    ]


def write_sample(root: Path) -> Path:
    """Write SAMPLE and two dead letters below `root`; returns `root`."""
    partitions: dict[str, list[dict[str, Any]]] = {}
    for folder, row in rows():
        partitions.setdefault(folder, []).append(row)
    for folder, members in partitions.items():
        write_part(root, folder, rows_to_table(members))
    letters = [("parse", "empty_text", "no text", f"news/{number}.json", b"") for number in (9, 10)]
    columns = [list(column) for column in zip(*letters, strict=True)]
    (root / "dead_letters").mkdir(parents=True)
    pq.write_table(pa.table(columns, schema=DEAD_LETTER_SCHEMA), root / "dead_letters" / "part-0.parquet")
    return root


def write_part(root: Path, folder: str, table: pa.Table, name: str = "part-0.parquet") -> Path:
    """Write one part file of a partition."""
    (root / "articles" / folder).mkdir(parents=True, exist_ok=True)
    path = root / "articles" / folder / name
    pq.write_table(table, path, compression="zstd")
    return path


def write_many(root: Path, *, days: int, countries: tuple[str, ...] = ("VE", "NO", "NA")) -> int:
    """One part file a (country, day); returns how many."""
    first = dt.date(2019, 1, 1)
    for place, country in enumerate(countries):
        for offset in range(days):
            day = first + dt.timedelta(days=offset)
            one = replace(SAMPLE[0], article_id=f"{place * 10_000 + offset:032x}", country=country, date=day)
            write_part(root, one.partition, rows_to_table([to_row(one)]))
    return days * len(countries)


def with_column(table: pa.Table, name: str, value: str) -> pa.Table:
    """The table with one more text column after RECORD_SCHEMA's, as a later minor version would write it."""
    return table.append_column(pa.field(name, pa.string()), pa.array([value] * len(table))).replace_schema_metadata(
        {**(RECORD_SCHEMA.metadata or {}), b"dateline.schema_version": b"1.1"}
    )
