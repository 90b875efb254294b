"""Measure what a condition on the partition saves a query, and what telling DuckDB the columns saves it.

    python -m benchmarks.query TEXT... --articles 20000 [--json FILE]

TEXT are files with real articles (see benchmarks.synthetic). A dataset of synthetic articles over 40 countries and 30
days is written to a temporary folder (1,200 part files; entities and stances are made up, so no model is needed), and
each question is asked of one country-day and of the whole, the best of five times.
"""

import argparse
import json
import random
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from benchmarks.synthetic import add_text_argument, make_articles, read_bodies
from pipeline.query import ask, open_dataset
from schemas.article import Article, Entity, Mention, Stance
from schemas.record import to_table

CODES = (
    "AR AT AU BE BO BR CA CH CL CN CO CU DE DK EC EG ES FI FR GB "
    "GR IN IR IT JP KE MX NA NG NO PE PH PL PT RU SE TR US VE ZA"
)
WHERE = "WHERE country = 'NO' AND date = '2019-01-20'"
QUESTIONS = {
    "count articles": "SELECT count(*) FROM articles {where}",
    "read headlines": "SELECT headline FROM articles {where}",
    "count entities": "SELECT name, count(*) FROM entities {where} GROUP BY name ORDER BY 2 DESC LIMIT 10",
    "verdicts": "SELECT target_name, verdict, count(*) FROM stance_pairs {where} GROUP BY ALL",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One question: seconds and files for one country-day and for the whole dataset."""

    question: str
    one_seconds: float
    all_seconds: float
    one_files: int
    all_files: int


def write_dataset(root: Path, bodies: list[list[str]], count: int) -> int:
    """Write `count` articles in the layout of a dataset; returns the number of part files."""
    partitions: dict[str, list[Article]] = {}
    codes = CODES.split()
    for number, row in enumerate(make_articles(bodies, count)):
        article = invent(row, random.Random(number).choice(codes))
        partitions.setdefault(article.partition, []).append(article)
    for partition, articles in partitions.items():
        folder = root / "articles" / partition
        folder.mkdir(parents=True)
        pq.write_table(to_table(articles), folder / "part-0.parquet", compression="zstd")
    return len(partitions)


def invent(row: dict[str, str], country: str) -> Article:
    """An article with the capitalised words of its text for entities, and each towards the next for stances."""
    text = row["body"]
    spans = [match.span() for match in re.finditer(r"\b[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})*", text)]
    names = list(dict.fromkeys(text[start:end] for start, end in spans))[:12]
    mentions = tuple(
        Mention(text[start:end], start, end, "PERSON", 0.9, names.index(text[start:end]))
        for start, end in spans if text[start:end] in names
    )
    stances = tuple(
        Stance(holder, names[holder], holder + 1, names[holder + 1], "against", 0.8, 0.1, 0.8, 0.1, 0, 200, "named")
        for holder in range(0, len(names) - 1, 2)
    )
    article = Article(
        blake2b(row["url"].encode(), digest_size=16).hexdigest(), text, row["id"], url=row["url"], headline=row["title"]
    )
    return replace(
        article, country=country, date=date.fromisoformat(row["date"]), mentions=mentions, stances=stances,
        entities=tuple(Entity(name, "PERSON") for name in names),
    )


def best_of(times: int, function: Callable[[], Any]) -> float:
    """The least seconds of some runs."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def files_read(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The files that a question opens, as EXPLAIN ANALYZE counts them."""
    plan = ask(connection, f"EXPLAIN ANALYZE {sql}", {}).read_all().to_pylist()[0]["explain_value"]
    return sum(map(int, re.findall(r"Total Files Read: (\d+)", plan)))


def measure(root: Path) -> list[Measured]:
    """All QUESTIONS, on one country-day and on everything."""
    measured = []
    with open_dataset(str(root)) as connection:
        for name, template in QUESTIONS.items():
            one, everything = template.format(where=WHERE), template.format(where="")
            seconds = [best_of(5, lambda sql=sql: ask(connection, sql, {}).read_all()) for sql in (one, everything)]
            measured.append(Measured(name, *seconds, files_read(connection, one), files_read(connection, everything)))
    return measured


def measure_columns(root: Path) -> tuple[float, float]:
    """Seconds to answer for one country-day with the columns told beforehand, and with union_by_name."""
    with open_dataset(str(root)) as connection:
        told = best_of(5, lambda: ask(connection, f"SELECT count(*) FROM articles {WHERE}", {}).read_all())
    source = (
        f"read_parquet('{root}/articles/*/*/*.parquet', hive_partitioning = true,"
        " hive_types = {'country': VARCHAR, 'date': DATE}, union_by_name = true)"
    )
    return told, best_of(5, lambda: duckdb.connect().execute(f"SELECT count(*) FROM {source} {WHERE}").fetchall())


def main() -> None:
    """Write the dataset, ask, print the table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = write_dataset(root, read_bodies(options.text), options.articles)
        size = sum(path.stat().st_size for path in root.glob("articles/*/*/*.parquet"))
        measured, (told, united) = measure(root), measure_columns(root)
    print(f"{options.articles:,} articles, {files:,} files, {size / 1e6:.1f} MB")
    for row in measured:
        ratio = row.all_seconds / row.one_seconds
        print(
            f"{row.question:16} one country-day {row.one_seconds * 1e3:8.1f} ms ({row.one_files} file)   "
            f"all {row.all_seconds * 1e3:8.1f} ms ({row.all_files} files)   ratio {ratio:.1f}"
        )
    print(f"columns told {told * 1e3:.1f} ms, united by name {united * 1e3:.1f} ms, ratio {united / told:.1f}")
    if options.json:
        figures = {"articles": options.articles, "files": files, "bytes": size, "told": told, "united": united}
        options.json.write_text(json.dumps(figures | {"questions": [asdict(row) for row in measured]}, indent=1))


if __name__ == "__main__":
    main()
