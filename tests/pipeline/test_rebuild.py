"""A dataset is made whole again from its own files, whatever was lost, and never shows an article twice on the way."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import rebuild as rebuilding
from pipeline.check import check_dataset
from pipeline.dataset import Dataset
from pipeline.index import INDEX
from pipeline.rebuild import rebuild
from schemas.errors import DatasetError
from schemas.record import RECORD_SCHEMA, SCHEMA_VERSION
from tests.pipeline.synthetic import commit, contents, dead_letter, make_news, rows, times
from tests.pipeline.test_dataset_crash import FailingFiles, Killed, look

NEWS = make_news(60)
LETTERS = [dead_letter(1000), dead_letter(1001)]
INPUTS = [{"fingerprint": "abc", "uri": "news.jsonl"}, {"fingerprint": "xyz", "uri": "elsewhere.jsonl"}]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset in four part files a partition, with a history."""
    root = tmp_path_factory.mktemp("whole") / "out"
    commit(root, "first", NEWS[:40], LETTERS, part_files=4)
    commit(root, "second", NEWS[40:], inputs=INPUTS)
    return root


@pytest.fixture
def out(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "out"))


def parts(root: Path) -> list[Path]:
    return sorted(root.glob("articles/*/*/*.parquet"), key=lambda path: (-pq.read_metadata(path).num_rows, str(path)))


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.ParquetFile(path).read()), path)


def run_again(root: Path) -> None:
    """What a run over the same inputs does: the units that are not known to be in."""
    with Dataset(str(root)) as dataset:
        done, known = dataset.is_done("abc"), dataset.committed_units()
    if not done:
        assert not known & {"first", "second"}
        commit(root, "first", NEWS[:40], LETTERS)
        commit(root, "second", NEWS[40:], inputs=INPUTS)


def assert_whole(root: Path, whole: Path) -> None:
    assert contents(root) == contents(whole)
    assert not check_dataset(str(root))


def test_a_lost_or_damaged_index_is_made_anew_and_no_file_is_touched(out: Path, whole: Path) -> None:
    stamps = times(out)
    for damage in (lambda path: path.unlink(), lambda path: path.write_bytes(b"no database" * 1000),
                   lambda path: path.write_bytes(path.read_bytes()[:8000])):
        damage(out / INDEX)
        with pytest.raises(DatasetError, match=f"dateline rebuild {out}"), Dataset(str(out)) as dataset, dataset.lock():
            dataset.index.count()
        found = rebuild(str(out))
        assert (found.articles, found.files_changed, found.had_index) == (len(NEWS), 0, False)
        assert "run again over all" in str(found)
        assert times(out) == stamps
        assert_whole(out, whole)
        assert commit(out, "again", NEWS, LETTERS).unchanged == len(NEWS)
        assert times(out) == stamps


def test_a_healthy_dataset_stays_as_it_is_with_its_history(out: Path, whole: Path) -> None:
    stamps = times(out)
    found = rebuild(str(out))
    assert (found.files_changed, found.inputs_forgotten, found.had_index) == (0, 0, True)
    assert times(out) == stamps
    with Dataset(str(out)) as dataset:
        assert dataset.committed_units() == {"first", "second"}
        assert dataset.is_done("abc")
    assert_whole(out, whole)


def test_damaged_and_lost_files_come_back_with_the_next_run(out: Path, whole: Path) -> None:
    torn, gone, letters = parts(out)[0], parts(out)[1], next(out.glob("dead_letters/*"))
    torn.write_bytes(torn.read_bytes()[:-100])
    gone.unlink()
    letters.write_bytes(b"PAR1")
    for path in (torn, gone, letters):
        assert any(str(path.relative_to(out)) in str(problem) or "dead_letters" in str(problem)
                   for problem in check_dataset(str(out)))
    lost = len(NEWS) - len(rows_that_read(out))
    found = rebuild(str(out))
    assert (found.lost_articles, found.articles) == (lost, len(NEWS) - lost)
    assert sorted(found.set_aside) == sorted(str(path.relative_to(out)) for path in (torn, letters))
    assert all((out / "_state/set_aside" / path).exists() for path in found.set_aside)
    assert not check_dataset(str(out))
    with Dataset(str(out)) as dataset:
        assert dataset.is_done("xyz")  # nothing of it was lost
    run_again(out)
    assert_whole(out, whole)


def rows_that_read(root: Path) -> list[dict[str, Any]]:
    found = []
    for path in parts_that_read(root):
        found += pq.ParquetFile(path).read().to_pylist()
    return found


def parts_that_read(root: Path) -> list[Path]:
    return [path for path in root.glob("articles/*/*/*.parquet") if is_whole(path)]


def is_whole(path: Path) -> bool:
    try:
        return pq.read_metadata(path).num_rows > 0
    except pa.ArrowException:
        return False


def test_rows_that_another_program_changed_come_back(out: Path, whole: Path) -> None:
    rewrite(parts(out)[0], lambda table: table.set_column(
        table.schema.get_field_index("publisher"), RECORD_SCHEMA.field("publisher"), pa.array(["me"] * len(table))
    ))
    rewrite(parts(out)[1], lambda table: pa.concat_tables([table, table.slice(0, 1)]))  # a row twice
    rewrite(parts(out)[2], lambda table: table.slice(1))  # a row lost
    found = rebuild(str(out))
    assert (found.changed_articles, found.lost_articles) == (pq.read_metadata(parts(whole)[0]).num_rows, 1)
    assert not check_dataset(str(out))
    run_again(out)
    assert_whole(out, whole)


def test_an_article_in_two_folders_stays_where_the_index_has_it(out: Path, whole: Path) -> None:
    stray = out / "articles/country=AA/date=2001-01-01/part-0.parquet"
    stray.parent.mkdir(parents=True)
    shutil.copy(parts(out)[0], stray)
    (out / "articles/notes.txt").write_text("what is this?")
    found = rebuild(str(out))
    assert (found.lost_articles, found.changed_articles, found.set_aside) == (0, 0, ["articles/notes.txt"])
    assert not stray.exists()
    assert_whole(out, whole)


def test_another_number_of_part_files(out: Path, tmp_path: Path) -> None:
    commit(tmp_path / "three", "unit", NEWS, LETTERS, part_files=3)
    commit(tmp_path / "one", "unit", NEWS, LETTERS)
    for count, name in ((3, "three"), (1, "one")):
        rebuild(str(out), part_files=count)
        assert_whole(out, tmp_path / name)
        with Dataset(str(out), part_files=count) as dataset:
            assert dataset.is_done("abc")


def test_an_older_major_version_is_migrated(out: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_old(table: pa.Table) -> pa.Table:  # as version 0.9 might have been: another name, another version
        names = ["body" if name == "text" else name for name in table.column_names]
        old = table.rename_columns(names).replace_schema_metadata({b"dateline.schema_version": b"0.9"})
        place = old.schema.get_field_index("schema_version")
        return old.set_column(place, "schema_version", pa.array(["0.9"] * len(old)))

    for path in parts(out):
        rewrite(path, make_old)
    with sqlite3.connect(out / INDEX) as connection:
        connection.execute("UPDATE about SET value = '0.9' WHERE name = 'schema_version'")
    before = contents(out)
    with pytest.raises(DatasetError, match=f"run `dateline rebuild {out}` first, which migrates it"):
        Dataset(str(out)).open()
    with pytest.raises(DatasetError, match=rf"schema version 0, from which nothing leads to {SCHEMA_VERSION}"):
        rebuild(str(out))
    assert contents(out) == before
    monkeypatch.setitem(rebuilding.UPGRADES, 0, lambda table: table.rename_columns(
        ["text" if name == "body" else name for name in table.column_names]))
    rebuild(str(out))
    assert {row["schema_version"] for row in rows(out)} == {SCHEMA_VERSION}
    assert_whole(out, whole)


def test_what_a_newer_version_wrote_is_left_alone(out: Path) -> None:
    rewrite(parts(out)[0], lambda table: table.replace_schema_metadata({b"dateline.schema_version": b"7.0"}))
    before = contents(out)
    with pytest.raises(DatasetError, match="newer Dateline: upgrade"):
        rebuild(str(out))
    assert contents(out) == before


def test_where_there_is_no_dataset_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no dataset at"):
        rebuild(str(tmp_path / "typo"))
    assert not os.listdir(tmp_path)


def test_killed_at_every_step_a_rebuild_shows_no_article_twice_and_loses_none(out: Path, tmp_path: Path) -> None:
    few = [replace(article, country="VE", date=date(2019, 1, 9 + at % 2)) for at, article in enumerate(NEWS[:9])]
    commit(tmp_path / "three", "unit", few, part_files=3)
    commit(tmp_path / "four", "unit", few, part_files=4)
    died, last = 0, 0
    while True:
        last += 1
        root = Path(shutil.copytree(tmp_path / "four", tmp_path / f"out-{last}"))
        try:
            rebuild(str(root), part_files=3, files=FailingFiles(str(root), last=last))
        except Killed:
            died += 1
            look(root)
        else:
            break
        rebuild(str(root), part_files=3)
        assert_whole(root, tmp_path / "three")
        shutil.rmtree(root)
    assert died >= 12


def test_no_step_of_a_rebuild_shows_an_article_twice(out: Path, tmp_path: Path) -> None:
    shutil.rmtree(out)
    commit(out, "unit", NEWS[:20], part_files=4)
    commit(tmp_path / "three", "unit", NEWS[:20], part_files=3)
    rebuild(str(out), part_files=3, files=FailingFiles(str(out), after_each=lambda: look(out)))
    assert_whole(out, tmp_path / "three")


def test_a_rebuild_is_a_writer(out: Path) -> None:
    with (Dataset(str(out)) as dataset, dataset.lock(),
          pytest.raises(DatasetError, match="is being written by process")):
        rebuild(str(out))


def test_a_writer_that_waited_for_a_rebuild_writes_to_the_new_index(out: Path, whole: Path) -> None:
    waiting = replace(NEWS[0], article_id="f" * 32, url=None)
    with Dataset(str(out)) as dataset:  # open, and not locked yet
        rebuild(str(out), part_files=2)
        with dataset.lock():
            assert dataset.part_files == 2
    assert commit(out, "third", [waiting]).new == 1
    assert not check_dataset(str(out))
