"""A dataset is a set: what is in it depends on what came, not on when, how often or in which company."""

import json
import random
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dataset import Dataset
from schemas.errors import DatasetError
from tests.pipeline.synthetic import (
    commit,
    contents,
    dead_letter,
    make_article,
    make_copy,
    make_news,
    rows,
    stage,
    times,
)
from transforms.deduplicate import StoryInput, assign_stories

NEWS = make_news(60)
TWICE = [replace(article, source_uri=f"other.jsonl#line={at}") for at, article in enumerate(NEWS[:10])]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("whole")
    counts = commit(root, "unit", [*NEWS, *TWICE], [dead_letter(1000), dead_letter(1001)])
    assert (counts.new, counts.merged, counts.dead_letters) == (60, 10, 2)
    return contents(root)


def test_every_article_lies_in_its_partition_with_its_row(tmp_path: Path) -> None:
    commit(tmp_path, "unit", NEWS)
    found = {row["article_id"]: row for row in rows(tmp_path)}
    assert len(found) == len(NEWS)
    for article in NEWS:
        row = found[article.article_id]
        day = article.date.isoformat() if article.date else "__HIVE_DEFAULT_PARTITION__"
        assert (row["country"], row["day"], row["text"]) == (article.country, day, article.text)


def test_rows_are_sorted_by_time_then_id_with_unknown_times_last(tmp_path: Path) -> None:
    commit(tmp_path, "unit", NEWS)
    for path in tmp_path.glob("articles/*/*/*.parquet"):
        keys = [(row["published_at"] is None, str(row["published_at"]), row["article_id"])
                for row in pq.ParquetFile(path).read().to_pylist()]
        assert keys == sorted(keys)


def test_running_again_touches_no_file(tmp_path: Path) -> None:
    commit(tmp_path, "unit", NEWS, [dead_letter(1000)])
    before, stamps = contents(tmp_path), times(tmp_path)
    counts = commit(tmp_path, "again", NEWS, [dead_letter(1000)])
    assert (counts.unchanged, counts.new, counts.files_written) == (len(NEWS), 0, ())
    assert contents(tmp_path) == before
    assert times(tmp_path) == stamps


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_any_split_in_any_order_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, str], data: st.DataObject
) -> None:
    units = data.draw(st.integers(1, 7), "units")
    chance = data.draw(st.randoms(use_true_random=False), "order")
    articles = [*NEWS, *TWICE]
    chance.shuffle(articles)
    root = tmp_path_factory.mktemp("split")
    for unit in range(units):
        commit(root, f"unit-{unit}", articles[unit::units], [dead_letter(1000 + unit)] if unit < 2 else [])
    if units == 1:
        commit(root, "unit-1", [], [dead_letter(1001)])
    assert contents(root) == whole


def test_story_columns_are_those_of_the_plain_definition(tmp_path: Path) -> None:
    articles = list(NEWS)
    random.Random(5).shuffle(articles)
    for start in range(0, len(articles), 9):
        commit(tmp_path, f"unit-{start}", articles[start : start + 9])
    fields = ("article_id", "country", "date", "published_at", "headline", "text")
    expected = assign_stories(StoryInput(*(getattr(article, field) for field in fields)) for article in NEWS)
    found = {row["article_id"]: (row["story_id"], row["duplicate_of"]) for row in rows(tmp_path)}
    assert found == {article_id: (story.story_id, story.duplicate_of) for article_id, story in expected.items()}
    assert sum(duplicate is not None for _, duplicate in found.values()) > 10


def test_a_late_original_corrects_the_rows_already_written(tmp_path: Path) -> None:
    original = make_article(1)
    assert original.date
    chain = [make_copy(original, 100 + days, days=days) for days in (1, 2, 3)]
    commit(tmp_path, "copies", chain)
    assert {row["story_id"] for row in rows(tmp_path)} == {chain[0].article_id}
    counts = commit(tmp_path, "original", [original])
    assert counts.new == 1
    assert len(counts.files_written) == 4  # the chain's end is two days away
    assert {row["story_id"] for row in rows(tmp_path)} == {original.article_id}


def test_an_upstream_correction_leaves_one_row_and_frees_its_copies(tmp_path: Path) -> None:
    original, copy = make_article(1), make_copy(make_article(1), 100)
    commit(tmp_path, "first", [original, copy])
    assert {row["duplicate_of"] for row in rows(tmp_path)} == {None, original.article_id}
    corrected = replace(original, text=make_article(2).text, country="BR", date=date(2019, 3, 1))
    counts = commit(tmp_path, "second", [corrected])
    assert counts.moved == 1
    found = {row["article_id"]: row for row in rows(tmp_path)}
    assert len(found) == 2
    assert found[original.article_id]["country"] == "BR"
    assert found[copy.article_id]["duplicate_of"] is None
    assert found[copy.article_id]["story_id"] == copy.article_id


def test_the_last_row_to_leave_takes_file_and_folder_along(tmp_path: Path) -> None:
    article = make_article(1)
    commit(tmp_path, "first", [article])
    commit(tmp_path, "second", [replace(article, country="BR")])
    assert [path.name for path in tmp_path.glob("articles/*")] == ["country=BR"]


def test_two_sources_of_one_id_are_merged_by_content_in_either_order(tmp_path: Path) -> None:
    article = make_article(1)
    longer = replace(article, text=article.text + " and more", source_uri="other.jsonl#line=1")
    assert commit(tmp_path / "one", "a", [article]).new == 1
    assert commit(tmp_path / "one", "b", [longer]).merged == 1
    commit(tmp_path / "two", "a", [longer])
    assert commit(tmp_path / "two", "b", [article]).merged == 1
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert [row["text"] for row in rows(tmp_path / "one")] == [longer.text]


def test_each_staged_record_is_counted_once(tmp_path: Path) -> None:
    commit(tmp_path, "first", NEWS[:20])
    second = [*NEWS[10:30], replace(NEWS[0], text="new text"), replace(NEWS[1], country="BR"), TWICE[2]]
    counts = commit(tmp_path, "second", second)
    assert (counts.new, counts.unchanged, counts.corrected, counts.moved, counts.merged) == (10, 10, 1, 1, 1)


def test_part_files_spread_a_partition_and_give_the_same_rows(tmp_path: Path) -> None:
    commit(tmp_path / "one", "unit", NEWS)
    commit(tmp_path / "four", "unit", NEWS, part_files=4)
    assert {path.name for path in (tmp_path / "four").glob("articles/*/*/*")} == {f"part-{n}.parquet" for n in range(4)}

    def by_id(root: Path) -> list[dict[str, object]]:
        return sorted(rows(root), key=lambda row: str(row["article_id"]))

    assert by_id(tmp_path / "four") == by_id(tmp_path / "one")


def test_a_source_that_becomes_a_record_leaves_the_dead_letters(tmp_path: Path) -> None:
    article = make_article(5)
    commit(tmp_path, "first", [], [dead_letter(5), dead_letter(6)])
    commit(tmp_path, "second", [article])
    table = pq.read_table(next(tmp_path.glob("dead_letters/*.parquet")))
    assert table["source_uri"].to_pylist() == ["news.jsonl#line=6"]


def test_inputs_and_units_are_remembered(tmp_path: Path) -> None:
    commit(tmp_path, "unit", NEWS[:3], inputs=[{"fingerprint": "abc", "uri": "news.jsonl", "size": "3"}])
    with Dataset(str(tmp_path)) as dataset:
        assert dataset.is_done("abc")
        assert not dataset.is_done("abd")
        assert dataset.committed_units() == {"unit"}
        path = dataset.write_manifest("run-1", {"counts": {"new": 3}})
    assert json.loads((tmp_path / path).read_text())["counts"] == {"new": 3}


def test_names_that_would_leave_the_folder_are_refused(tmp_path: Path) -> None:
    with Dataset(str(tmp_path)) as dataset, dataset.lock():
        for name in ("../x", "", "a/b", ".hidden"):
            with pytest.raises(DatasetError, match="cannot name"):
                dataset.staging(name)
    with pytest.raises(DatasetError, match="two capital letters"):
        commit(tmp_path, "unit", [replace(make_article(1), country="..")])
    assert not contents(tmp_path)


def test_other_part_files_and_versions_are_refused_with_the_command(tmp_path: Path) -> None:
    commit(tmp_path, "unit", NEWS[:5])
    with pytest.raises(DatasetError, match=r"dateline rebuild .* --part-files 4"):
        Dataset(str(tmp_path), part_files=4).open()
    for version, command in (("0.9", "dateline rebuild"), ("9.0", "upgrade Dateline")):
        with sqlite3.connect(tmp_path / "_state" / "index.sqlite") as connection:
            connection.execute("UPDATE about SET value = ? WHERE name = 'schema_version'", (version,))
        with pytest.raises(DatasetError, match=command):
            Dataset(str(tmp_path)).open()


def _drop_column(path: Path, name: str) -> None:
    table = pq.ParquetFile(path).read()
    pq.write_table(table.drop_columns([name]), path)


def test_files_without_a_later_column_are_read_and_merged(tmp_path: Path) -> None:
    days = {number: date(2019, 1, 9 + number % 2) for number in range(1, 9)}
    articles = [replace(make_article(number), country="VE", date=day) for number, day in days.items()]
    commit(tmp_path, "old", articles[:4])
    old = sorted(tmp_path.glob("articles/*/*/*.parquet"))
    _drop_column(old[0], "byline")
    glob = f"{tmp_path}/articles/*/*/*.parquet"
    count = duckdb.sql(f"select count(*), count(byline) from read_parquet('{glob}', union_by_name=true)").fetchall()
    assert count == [(4, 0)]
    schema = polars.read_parquet_schema(old[1])
    assert polars.scan_parquet(glob, schema=schema, missing_columns="insert").collect().height == 4
    assert pa.dataset.dataset(f"{tmp_path}/articles", schema=pq.read_schema(old[1])).to_table().num_rows == 4
    commit(tmp_path, "new", articles[4:])
    assert all("byline" in pq.read_schema(path).names for path in old)
    assert len(rows(tmp_path)) == 8


def test_a_corrected_source_takes_its_old_row_along_though_another_wins(tmp_path: Path) -> None:
    article = make_article(1)
    shorter = replace(article, text=" ".join(article.text.split()[:20]))
    other = replace(article, text=" ".join(article.text.split()[:60]), source_uri="other.jsonl#line=1")
    commit(tmp_path, "a", [article])
    counts = commit(tmp_path, "b", [shorter, other])
    assert (counts.corrected, counts.merged) == (1, 1)
    assert [row["text"] for row in rows(tmp_path)] == [other.text]


def test_dead_letters_of_lines_that_a_whole_input_no_longer_has_go(tmp_path: Path) -> None:
    commit(tmp_path, "a", [make_article(1)], [dead_letter(5), dead_letter(6)])
    with Dataset(str(tmp_path)) as dataset, dataset.lock():
        stage(dataset.staging("b"), [make_article(1)], [dead_letter(6)])
        dataset.commit("b", run_id="run", whole=["news.jsonl"])
        assert list(dataset.index.connection.execute("SELECT source_uri FROM dead_letters")) == [("news.jsonl#line=6",)]
