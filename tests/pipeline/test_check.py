"""`dateline check` finds what is wrong, names the file, and says what to run."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.check import check_dataset
from pipeline.dataset import Dataset
from pipeline.index import INDEX
from schemas.record import RECORD_SCHEMA
from tests.conftest import dateline
from tests.pipeline.synthetic import commit, dead_letter, make_news, stage, times

NEWS = make_news(40)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole") / "out"
    commit(root, "unit", NEWS, [dead_letter(1000)])
    with Dataset(str(root)) as dataset, dataset.lock():
        dataset.write_manifest("run", {"counts": manifest_counts()})
    return root


@pytest.fixture
def out(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "out"))


def manifest_counts(**changed: int) -> dict[str, int]:
    counts = {"read": 41, "new": 40, "merged": 0, "corrected": 0, "moved": 0, "unchanged": 0, "dead_letters": 1}
    return counts | changed


def largest(root: Path) -> Path:
    return max(sorted(root.glob("articles/*/*/*.parquet")), key=lambda path: pq.read_metadata(path).num_rows)


def rewrite(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    def damage(root: Path) -> None:
        path = largest(root)
        pq.write_table(change(pq.ParquetFile(path).read()), path)

    return damage


def put(table: pa.Table, name: str, values: list[str]) -> pa.Table:
    column = pa.array(values, pa.string())
    return table.set_column(table.schema.get_field_index(name), RECORD_SCHEMA.field(name), column)


def copy_to_another_partition(root: Path) -> None:
    stray = root / "articles/country=XX/date=2001-01-01/part-0.parquet"
    stray.parent.mkdir(parents=True)
    shutil.copy(largest(root), stray)


def execute(root: Path, statement: str) -> None:
    with sqlite3.connect(root / INDEX) as connection:
        connection.execute(statement)


def write_counts(root: Path, **changed: int) -> None:
    (root / "_runs/run.json").write_text(json.dumps({"counts": manifest_counts(**changed)}))


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "torn": (lambda root: largest(root).write_bytes(largest(root).read_bytes()[:-50]), "cannot be read .*rebuild"),
    "empty": (lambda root: largest(root).write_bytes(b""), "cannot be read .*rebuild"),
    "gone": (lambda root: largest(root).unlink(), "the file is gone.*rebuild"),
    "a row lost": (rewrite(lambda table: table.slice(1)), "1 articles of the index are not in it.*rebuild"),
    "a row changed": (rewrite(lambda table: put(table, "publisher", ["me"] * len(table))), "changed by another"),
    "a row twice": (rewrite(lambda table: pa.concat_tables([table, table])), "are in it twice.*rebuild"),
    "out of order": (rewrite(lambda table: table.take(list(range(len(table)))[::-1])), "out of order.*rebuild"),
    "story changed": (rewrite(lambda table: put(table, "story_id", ["x"] * len(table))), "story columns differ"),
    "a column of a newer version": (rewrite(lambda table: table.append_column("new", pa.nulls(len(table)))), "newer"),
    "two partitions": (copy_to_another_partition, "country=XX/.*the index has it in articles/.*rebuild"),
    "foreign file": (lambda root: (root / "articles/notes.txt").write_text("hello"), "notes.txt: this is no part file"),
    "dead letters gone": (lambda root: shutil.rmtree(root / "dead_letters"), "1 dead letters of the index are gone"),
    "manifest": (lambda root: (root / "_runs/run.json").write_text("{"), "run manifest cannot be read"),
    "manifest's sum": (lambda root: write_counts(root, read=50), "do not add up to the 50 articles read"),
    "manifest's counts": (lambda root: write_counts(root, new=39, merged=1), "not those of the commits of this run"),
    "index without a row": (
        lambda root: execute(root, "DELETE FROM articles WHERE article_id = (SELECT min(article_id) FROM articles)"),
        "the index does not know it.*rebuild",
    ),
    "index is gone": (lambda root: (root / INDEX).unlink(), "there is no index.*rebuild"),
    "index is no index": (lambda root: (root / INDEX).write_bytes(b"nothing" * 999), "cannot be read .*rebuild"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_found_and_named_with_a_way_out(out: Path, name: str) -> None:
    assert not check_dataset(str(out))
    damage, words = DAMAGES[name]
    damage(out)
    problems = [str(problem) for problem in check_dataset(str(out))]
    assert any(re.search(words, problem) for problem in problems), problems


def test_an_older_file_without_a_later_column_is_no_problem(out: Path) -> None:
    path = largest(out)
    table = pq.ParquetFile(path).read()
    assert not any(table["byline"].to_pylist())
    pq.write_table(table.drop_columns(["byline"]), path)
    assert not check_dataset(str(out))


def test_a_commit_that_was_cut_off_is_finished_by_the_check(out: Path) -> None:
    with Dataset(str(out)) as dataset, dataset.lock():
        stage(dataset.staging("later"), make_news(3, first=900))
        replace, dataset.files.replace = dataset.files.replace, fail  # type: ignore[method-assign, assignment]
        with pytest.raises(KeyboardInterrupt):
            dataset.commit("later", run_id="run-2")
        dataset.files.replace = replace  # type: ignore[method-assign]
    assert dateline("check", out).stdout == f"{out}: 43 articles, nothing wrong\n"


def fail(source: str, target: str) -> None:
    raise KeyboardInterrupt


def test_the_command_says_how_many_problems_and_changes_nothing(out: Path) -> None:
    largest(out).write_bytes(b"")
    stamps = times(out)
    finished = dateline("check", out)
    assert finished.exit_code == 1
    assert finished.stdout.endswith(f"{out}: 1 problems\n")
    assert times(out) == stamps


def test_where_there_is_no_dataset_none_is_made(tmp_path: Path) -> None:
    finished = dateline("check", tmp_path / "typo")
    assert finished.exit_code == 1
    assert "there is no dataset at" in finished.stderr
    assert not (tmp_path / "typo").exists()
