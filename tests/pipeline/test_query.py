"""`pipeline.query` and its views over real part files."""

import datetime as dt
import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.query import VIEWS, ask, open_dataset
from schemas.errors import DatasetError, UsageError
from schemas.record import PARTITION_SCHEMA, RECORD_SCHEMA, rows_to_table, to_row
from tests.sample_dataset import (
    CONDEMNED,
    LIMA,
    MADURO,
    SAMPLE,
    TEXT,
    article,
    evidence,
    with_column,
    write_many,
    write_part,
    write_sample,
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("many")
    write_many(root, days=20)
    return root


def answer(root: Path, sql: str, **values: Any) -> list[dict[str, Any]]:
    with open_dataset(str(root)) as connection:
        return ask(connection, sql, values).read_all().to_pylist()


def test_partition_values_keep_their_types(sample: Path) -> None:
    rows = answer(sample, "SELECT country, date FROM articles ORDER BY article_id")
    assert [row["country"] for row in rows] == ["VE", "VE", "VE", "NO", "NA", "ZZ", "VE", "VE"]
    assert rows[0]["date"] == dt.date(2019, 1, 10)
    assert rows[5]["date"] is None


def test_articles_come_back_as_they_were_written(sample: Path) -> None:
    rows = answer(sample, "SELECT * FROM articles ORDER BY article_id")
    assert list(rows[0]) == RECORD_SCHEMA.names + PARTITION_SCHEMA.names
    expected = rows_to_table([to_row(SAMPLE[0])]).to_pylist()[0]
    assert {name: rows[0][name] for name in RECORD_SCHEMA.names} == expected


def test_evidence_is_cut_by_code_points(sample: Path) -> None:
    rows = answer(sample, "SELECT evidence_start, evidence_end, evidence FROM stances")
    assert rows
    assert all(TEXT[row["evidence_start"] : row["evidence_end"]] == row["evidence"] for row in rows)
    assert {row["text"] for row in answer(sample, "SELECT text FROM mentions")} == {"Maduro"}


def test_stance_pairs_are_one_row_an_article_holder_and_target(sample: Path) -> None:
    rows = answer(sample, "SELECT * FROM stance_pairs WHERE article_id = $id", id=SAMPLE[0].article_id)
    assert len(rows) == 1
    row = rows[0]
    assert (row["holder_name"], row["target_name"], row["verdict"]) == ("Lima Group", "Nicolás Maduro", "against")
    assert (row["rows"], row["favor_rows"], row["against_rows"], row["neutral_rows"]) == (3, 0, 2, 1)
    assert row["share"] == pytest.approx((0.8 + 0.9) / (0.8 + 0.9 + 0.7), abs=1e-3)
    assert row["evidence"] == TEXT[CONDEMNED.evidence_start : CONDEMNED.evidence_end]
    assert row["target_names"] == ["Nicolás Maduro", "Maduro", "the president"]


def test_the_articles_own_voice_is_a_holder_without_a_name(sample: Path) -> None:
    rows = answer(sample, "SELECT holder_name, verdict FROM stance_pairs WHERE holder IS NULL")
    assert rows == [{"holder_name": None, "verdict": "against"}]


@pytest.mark.parametrize(
    ("stances", "verdict", "share"),
    [
        ((("favor", 0.9), ("against", 0.6)), "favor", 0.6),
        ((("favor", 0.75), ("against", 0.75)), "neutral", 0.0),
        ((("neutral", 0.9),), "neutral", 1.0),
        ((("against", 0.5), ("neutral", 0.9), ("neutral", 0.6)), "against", 0.25),
    ],
)
def test_verdicts(tmp_path: Path, stances: tuple[tuple[str, float], ...], verdict: str, share: float) -> None:
    rows = [evidence("The Lima Group met.", LIMA, MADURO, stance, score) for stance, score in stances]
    one = article(1, "VE", "2019-01-10", *rows)
    write_part(tmp_path, one.partition, rows_to_table([to_row(one)]))
    (row,) = answer(tmp_path, "SELECT verdict, share, evidence FROM stance_pairs")
    assert row["verdict"] == verdict
    assert row["share"] == pytest.approx(share, abs=1e-3)
    assert row["evidence"] == "The Lima Group met."


def test_duplicates_countries_and_dead_letters(sample: Path) -> None:
    assert answer(sample, "SELECT article_id, duplicate_of FROM duplicates") == [
        {"article_id": SAMPLE[2].article_id, "duplicate_of": SAMPLE[0].article_id}
    ]
    assert answer(sample, "SELECT count(*) AS n FROM countries WHERE code = 'NA'") == [{"n": 1}]
    assert answer(sample, "SELECT step, reason, count(*) AS n FROM dead_letters GROUP BY ALL") == [
        {"step": "parse", "reason": "empty_text", "n": 2}
    ]


def scanned(root: Path, sql: str, **values: Any) -> tuple[int, int]:
    """(files read, files there), as EXPLAIN ANALYZE counts them."""
    with open_dataset(str(root)) as connection:
        plan = ask(connection, f"EXPLAIN ANALYZE {sql}", values).read_all().to_pylist()[0]["explain_value"]
    found = re.findall(r"Scanning Files: (\d+)/(\d+)", plan)
    assert found, plan
    return max((int(read), int(there)) for read, there in found)


@pytest.mark.parametrize("view", ["articles", "mentions", "entities", "stances", "stance_pairs", "countries"])
def test_conditions_on_the_partition_open_only_its_files(many: Path, view: str) -> None:
    assert scanned(many, f"SELECT * FROM {view} WHERE country = 'NO' AND date = '2019-01-05'") == (1, 60)
    assert scanned(many, f"SELECT * FROM {view} WHERE country = 'NO'") == (20, 60)


def test_bound_values_prune_too(many: Path) -> None:
    sql = "SELECT * FROM stance_pairs WHERE country = $country AND ($since IS NULL OR date >= $since)"
    assert scanned(many, sql, country="NA", since=dt.date(2019, 1, 18)) == (3, 60)
    assert scanned(many, sql, country="NA", since=None) == (20, 60)


def test_an_empty_dataset_has_all_views_with_their_columns(tmp_path: Path, sample: Path) -> None:
    (tmp_path / "articles").mkdir()
    for view in VIEWS:
        with open_dataset(str(tmp_path)) as empty, open_dataset(str(sample)) as full:
            described = f"SELECT column_name, column_type FROM (DESCRIBE {view})"
            expected = ask(full, described, {}).read_all().to_pylist()
            assert ask(empty, described, {}).read_all().to_pylist() == expected
            assert ask(empty, f"SELECT * FROM {view}", {}).read_all().num_rows == 0


def test_old_and_new_part_files_read_together(tmp_path: Path) -> None:
    old, new = SAMPLE[0], SAMPLE[3]
    before = rows_to_table([to_row(old)]).drop_columns(["date_evidence", "stance_model"])
    write_part(tmp_path, old.partition, before)
    write_part(tmp_path, new.partition, with_column(rows_to_table([to_row(new)]), "topic", "weather"))
    rows = answer(tmp_path, "SELECT article_id, topic, date_evidence FROM articles ORDER BY article_id")
    assert [row["topic"] for row in rows] == [None, "weather"]
    assert [row["date_evidence"] for row in rows] == [None, ""]
    assert answer(tmp_path, "SELECT count(*) AS n FROM stance_pairs") == [{"n": 1}]


def test_a_new_field_in_a_list_reads_as_null_from_old_files(tmp_path: Path) -> None:
    old, new = SAMPLE[0], SAMPLE[3]
    table = rows_to_table([to_row(new)])
    place = table.schema.get_field_index("countries")
    item = pa.struct([*table.schema.field("countries").type.value_type, ("region", pa.string())])
    newer = pa.array([[{"code": "NO", "share": 1.0, "mentions": 2, "region": "Oslo"}]], pa.list_(item))
    write_part(tmp_path, old.partition, rows_to_table([to_row(old)]))
    write_part(tmp_path, new.partition, table.set_column(place, "countries", newer))
    rows = answer(tmp_path, "SELECT countries[1].code AS code, countries[1].region AS region FROM articles ORDER BY 1")
    assert rows == [{"code": "NO", "region": "Oslo"}, {"code": "VE", "region": None}]


@pytest.mark.parametrize(("version", "way_out"), [(b"2.0", "upgrade Dateline"), (b"0.9", "dateline rebuild OUT")])
def test_another_major_version_is_refused_with_the_way_out(tmp_path: Path, version: bytes, way_out: str) -> None:
    table = rows_to_table([to_row(SAMPLE[0])]).replace_schema_metadata({b"dateline.schema_version": version})
    write_part(tmp_path, SAMPLE[0].partition, table)
    with pytest.raises(DatasetError, match=f"has schema {version.decode()}, this Dateline reads .*: .*{way_out}"):
        open_dataset(str(tmp_path))


def test_clear_words_where_there_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder"):
        open_dataset(str(tmp_path / "nowhere"))
    with pytest.raises(DatasetError, match="no folder `articles`"):
        open_dataset(str(tmp_path))
    with pytest.raises(DatasetError, match="not a local folder"):
        open_dataset("s3://bucket/out")
    below = tmp_path / "country=US" / "out"
    (below / "articles").mkdir(parents=True)
    with pytest.raises(DatasetError, match="country=US"):
        open_dataset(str(below))


def test_a_folder_with_odd_characters_is_read(tmp_path: Path) -> None:
    root = write_sample(tmp_path / "it's [a] run=5 * $x")
    rows = answer(root, "SELECT * FROM articles")
    assert len(rows) == len(SAMPLE)
    assert "run" not in rows[0]


def test_a_damaged_part_file_is_named(tmp_path: Path) -> None:
    path = write_part(tmp_path, SAMPLE[0].partition, rows_to_table([to_row(SAMPLE[0])]))
    path.write_bytes(b"PAR1 not a file PAR1")
    with pytest.raises(DatasetError, match=r"part-0\.parquet cannot be read .*dateline check"):
        open_dataset(str(tmp_path))


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{folder}/x.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/x.csv'",
        "WITH x AS (COPY (SELECT 1) TO '{folder}/x.csv') FROM x",
        "explain (analyze) WITH x AS (COPY (SELECT 1) TO '{folder}/x.csv') FROM x",
        "FROM query('WITH x AS (COPY (SELECT 1) TO ''{folder}/x.csv'') FROM x')",
        "FROM json_execute_serialized_sql(json_serialize_sql($$WITH x AS (COPY (FROM x) TO '{folder}/x') FROM x$$))",
        "FROM QUERY('FROM json_execute_' || 'serialized_sql(json_serialize_sql(''SELECT 1''))')",
        "ATTACH '{folder}/x.db'",
        "CREATE TABLE x AS SELECT 1",
        "DROP VIEW articles",
        "INSTALL httpfs",
        "SET threads = 1",
        "PRAGMA database_list",
        "EXPORT DATABASE '{folder}/x'",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('{folder}/../../secret.parquet')",
        "SELECT * FROM '{folder}/../../secret.parquet'",
        "SELECT * FROM enable_logging('FileSystem', storage='file', storage_path='{folder}/x')",
        "",
    ],
)
def test_a_question_reads_this_dataset_and_nothing_else(tmp_path: Path, sql: str) -> None:
    root = write_sample(tmp_path / "out")
    (tmp_path / "secret.parquet").write_bytes(next(root.glob("articles/*/*/*.parquet")).read_bytes())
    before = sorted(tmp_path.rglob("*"))
    with open_dataset(str(root)) as connection:
        with pytest.raises((UsageError, DatasetError)) as refused:
            ask(connection, sql.format(folder=root / "articles"), {}).read_all()
        assert "\n" not in str(refused.value)
        assert ask(connection, "SELECT count(*) AS n FROM articles", {}).read_all().to_pylist() == [{"n": len(SAMPLE)}]
    assert sorted(tmp_path.rglob("*")) == before


def test_python_variables_are_not_tables(sample: Path) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(UsageError, match="secret"):
        answer(sample, "SELECT * FROM secret")
    assert secret.num_rows == 1


def test_wrong_sql_is_one_line(sample: Path) -> None:
    with pytest.raises(UsageError, match=r'"coutry" not found') as raised:
        answer(sample, "SELECT coutry\nFROM articles")
    assert "\n" not in str(raised.value)
    with pytest.raises(UsageError, match="syntax error"):
        answer(sample, "SELEC 1")


def test_values_that_the_sql_does_not_ask_for_are_refused(sample: Path) -> None:
    with pytest.raises(UsageError, match=r"give --a VALUE"):
        answer(sample, "SELECT $a")
    with pytest.raises(UsageError, match=r"no \$countri \(did you mean country\?\)"):
        answer(sample, "SELECT $country", country="VE", countri="NO")


@given(st.text(max_size=60))
def test_values_are_bound_and_never_read_as_sql(sample: Path, value: str) -> None:
    (row,) = answer(sample, "SELECT $value AS back, count(*) FILTER (headline = $value) AS n FROM articles",
                    value=value)
    assert row == {"back": value, "n": int(value in {item.headline for item in SAMPLE})}


def test_reading_leaves_the_dataset_as_it_is(sample: Path) -> None:
    before = [(path, path.stat().st_mtime_ns) for path in sorted(sample.rglob("*"))]
    working = os.listdir()
    answer(sample, "SELECT * FROM stance_pairs ORDER BY evidence")
    assert [(path, path.stat().st_mtime_ns) for path in sorted(sample.rglob("*"))] == before
    assert os.listdir() == working


def test_pyarrow_reads_old_and_new_files_with_the_published_types(tmp_path: Path) -> None:
    old, new = SAMPLE[4], SAMPLE[5]
    write_part(tmp_path, old.partition, rows_to_table([to_row(old)]).drop_columns(["date_evidence"]))
    write_part(tmp_path, new.partition, with_column(rows_to_table([to_row(new)]), "topic", "weather"))
    partitioning = pyarrow.dataset.partitioning(PARTITION_SCHEMA, flavor="hive")
    schema = pa.schema([*RECORD_SCHEMA, pa.field("topic", pa.string()), *PARTITION_SCHEMA])
    dataset = pyarrow.dataset.dataset(tmp_path / "articles", partitioning=partitioning, schema=schema)
    rows = dataset.to_table(columns=["country", "date", "topic", "date_evidence"]).sort_by("country").to_pylist()
    assert rows == [
        {"country": "NA", "date": dt.date(2019, 1, 10), "topic": None, "date_evidence": None},
        {"country": "ZZ", "date": None, "topic": "weather", "date_evidence": ""},
    ]


def test_polars_reads_old_and_new_files_with_the_published_types(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    old, new = SAMPLE[4], SAMPLE[5]
    write_part(tmp_path, old.partition, rows_to_table([to_row(old)]).drop_columns(["date_evidence"]))
    write_part(tmp_path, new.partition, with_column(rows_to_table([to_row(new)]), "topic", "weather"))
    partitions = {"country": polars.String, "date": polars.Date}
    schema = {"topic": polars.String, "date_evidence": polars.String, "article_id": polars.String} | partitions
    frame = polars.scan_parquet(
        f"{tmp_path}/articles/*/*/*.parquet", schema=schema, hive_schema=partitions,
        missing_columns="insert", extra_columns="ignore",
    )
    rows = frame.select("country", "date", "topic", "date_evidence").sort("country").collect().rows()
    assert rows == [("NA", dt.date(2019, 1, 10), None, None), ("ZZ", None, "weather", "")]
