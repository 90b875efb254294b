"""From files to records that four readers agree on, with the real models on the real engine."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest

from schemas.record import NULL_PARTITION, PARTITION_SCHEMA, RECORD_SCHEMA
from tests.conftest import FinishedRun, dateline

Rows = dict[str, dict[str, Any]]
COLUMNS = [*RECORD_SCHEMA.names, *PARTITION_SCHEMA.names]
NAMIBIA = (
    "WINDHOEK, March 4, 2020 - The parliament of Namibia approved a new ferry in Windhoek. Namibia will pay for it, "
    "said the Namibian president, Hage Geingob."
)


@pytest.fixture(scope="module")
def dataset(examples_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, and an article about Namibia, whose code is NA."""
    folder = tmp_path_factory.mktemp("namibia")
    (folder / "ferry.txt").write_text(NAMIBIA, encoding="utf-8")
    root = folder / "out"
    sources = [folder / "ferry.txt", Path(__file__).parents[1] / "examples" / "articles"]
    finished = dateline("run", *sources, root)
    assert finished.exit_code == 0, finished.stderr
    return root


def record_of(root: Path, name: str) -> dict[str, Any]:
    """The record that a file became."""
    (row,) = [row for row in read_pyarrow(root).values() if row["source_uri"].endswith(name)]
    return row


def by_id(rows: list[dict[str, Any]]) -> Rows:
    assert len({row["article_id"] for row in rows}) == len(rows)
    return {row["article_id"]: row for row in rows}


def read_pyarrow(root: Path) -> Rows:
    partitioning = ds.partitioning(PARTITION_SCHEMA, flavor="hive")
    return by_id(ds.dataset(root / "articles", partitioning=partitioning).to_table(columns=COLUMNS).to_pylist())


def read_duckdb(root: Path) -> Rows:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    answer = connection.sql(
        f"SELECT {', '.join(COLUMNS)} FROM read_parquet('{root}/articles/*/*/*.parquet', hive_partitioning = true, "
        "hive_types = {'country': VARCHAR, 'date': DATE})"
    )
    return by_id(answer.to_arrow_table().to_pylist())


def read_polars(root: Path) -> Rows:
    schema = {"country": pl.String, "date": pl.Date}
    frame = pl.scan_parquet(f"{root}/articles/*/*/*.parquet", hive_partitioning=True, hive_schema=schema).collect()
    return by_id(frame.select(COLUMNS).to_dicts())


def read_pandas(root: Path) -> Rows:
    partitioning = ds.partitioning(PARTITION_SCHEMA, flavor="hive")
    frame = pd.read_parquet(root / "articles", partitioning=partitioning, dtype_backend="pyarrow")
    missing = [frame[name].isna() for name in COLUMNS]
    rows = frame[COLUMNS].to_dict("records")
    for row, absent in zip(rows, zip(*missing, strict=True), strict=True):
        row.update({name: None for name, gone in zip(COLUMNS, absent, strict=True) if gone})
    return by_id([{name: plain(value) for name, value in row.items()} for row in rows])


def plain(value: Any) -> Any:
    """A value as Python has it: pandas hands out timestamps and arrays of its own."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list) or hasattr(value, "tolist"):
        return [plain(inner) for inner in (value if isinstance(value, list) else value.tolist())]
    return None if isinstance(value, float) and math.isnan(value) else value


@pytest.mark.parametrize("read", [read_duckdb, read_polars, read_pandas])
def test_every_reader_sees_the_same_rows(dataset: Path, read: Any) -> None:
    expected = read_pyarrow(dataset)
    assert len(expected) == 32
    found = read(dataset)
    assert found.keys() == expected.keys()
    for article_id, row in expected.items():
        assert found[article_id] == row


@pytest.mark.parametrize("read", [read_pyarrow, read_duckdb, read_polars, read_pandas])
def test_namibia_and_norway_stay_texts_and_an_unknown_date_is_null(dataset: Path, read: Any) -> None:
    rows = read(dataset).values()
    countries = {row["country"] for row in rows}
    assert {"NA", "NO"} <= countries
    assert all(isinstance(country, str) and len(country) == 2 for country in countries)
    dates = {type(row["date"]) for row in rows}
    assert dates == {dt.date, type(None)}
    assert any((dataset / "articles").glob(f"country=*/date={NULL_PARTITION}"))


def test_duckdb_and_polars_see_the_published_types(dataset: Path) -> None:
    described = duckdb.sql(
        f"DESCRIBE FROM read_parquet('{dataset}/articles/*/*/*.parquet', hive_partitioning = true, "
        "hive_types = {'country': VARCHAR, 'date': DATE})"
    ).fetchall()
    types = {row[0]: row[1] for row in described}
    assert (types["country"], types["date"], types["published_at"]) == ("VARCHAR", "DATE", "TIMESTAMP WITH TIME ZONE")
    assert types["mentions"].endswith("[]")
    schema = pl.scan_parquet(f"{dataset}/articles/*/*/*.parquet").collect_schema()
    assert schema["published_at"] == pl.Datetime("us", "UTC")


def test_every_offset_points_at_what_it_says(dataset: Path) -> None:
    for row in read_pyarrow(dataset).values():
        for mention in row["mentions"]:
            assert row["text"][mention["start_char"] : mention["end_char"]] == mention["text"]
            assert mention["entity"] < len(row["entities"])
        for stance in row["stances"]:
            assert 0 <= stance["evidence_start"] < stance["evidence_end"] <= len(row["text"])
            assert row["entities"][stance["target"]]["name"] == stance["target_name"]
            probabilities = [stance[name] for name in ("favor", "against", "neutral")]
            assert math.isclose(sum(probabilities), 1, abs_tol=0.01)
        assert row["windows"] >= 1
        assert math.isclose(sum(item["share"] for item in row["countries"]), 1, abs_tol=0.01) or not row["countries"]


def test_a_wire_story_without_a_date_line_or_headline(dataset: Path) -> None:
    """A statement, a condemnation and junk lines: filed under Venezuela on the Friday that it speaks of."""
    record = record_of(dataset, "oas_maduro_term.txt")
    assert (record["country"], record["date"]) == ("VE", dt.date(2019, 1, 11))
    removed = " ".join(item["text"] for item in record["removed"])
    for junk in ("RELATED Oil workers", "RELATED Nurses", "RELATED Five charts", "Sharing is caring!"):
        assert junk in removed
        assert junk not in record["text"]
    against = {(item["holder_name"], item["target_name"]) for item in record["stances"] if item["stance"] == "against"}
    oas = "Organization of American States"
    assert any(holder == oas and "Maduro" in target for holder, target in against)
    assert any(target == oas for holder, target in against if holder and holder != oas)
