"""A dataset on an object store: the bytes of a local one, whatever was cut off; one writer, as far as can be told."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.check import check_dataset, run_check
from pipeline.dataset import Dataset
from pipeline.index import INDEX
from pipeline.lock import WRITER
from pipeline.rebuild import rebuild
from schemas.errors import DatasetError
from tests.conftest import dateline
from tests.pipeline.memory_files import MemoryFileSystem, StoreGone
from tests.pipeline.synthetic import commit, contents, dead_letter
from tests.pipeline.test_dataset_crash import FIRST, SECOND

ROOT = "objects://bucket/news/out"
FIRST_LETTERS, SECOND_LETTERS = [dead_letter(1), dead_letter(2)], [dead_letter(2), dead_letter(3)]


@pytest.fixture(autouse=True)
def store() -> Iterator[dict[str, bytes]]:
    MemoryFileSystem.empty()
    yield MemoryFileSystem.objects
    MemoryFileSystem.empty()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("local") / "out"
    commit(root, "first", FIRST, FIRST_LETTERS)
    commit(root, "second", SECOND, SECOND_LETTERS)
    return contents(root)


def seen(store: dict[str, bytes]) -> dict[str, str]:
    """What readers see, by path, as the digest of its bytes."""
    found = {path.removeprefix(f"{ROOT}/"): content for path, content in store.items()}
    return {path: sha256(content).hexdigest() for path, content in found.items()
            if path.startswith(("articles/", "dead_letters/"))}


def look(store: dict[str, bytes]) -> None:
    """Whole objects, and no article twice, for whoever lists the articles now."""
    ids: Counter[str] = Counter()
    for path, content in list(store.items()):
        if path.startswith(f"{ROOT}/articles/"):
            ids.update(pq.ParquetFile(io.BytesIO(content)).read(columns=["article_id"])["article_id"].to_pylist())
    assert not [article_id for article_id, times in ids.items() if times > 1]


def commit_both() -> None:
    commit(ROOT, "first", FIRST, FIRST_LETTERS)
    commit(ROOT, "second", SECOND, SECOND_LETTERS)


def test_the_bytes_are_those_of_a_local_dataset(store: dict[str, bytes], local: dict[str, str]) -> None:
    MemoryFileSystem.after_each = lambda: look(store)
    commit_both()
    assert seen(store) == local
    assert not check_dataset(ROOT)
    assert run_check(ROOT) == 0
    left = {path.removeprefix(f"{ROOT}/") for path in store} - set(local)
    assert left == {INDEX}


def test_cut_off_at_every_other_change_it_is_made_whole(store: dict[str, bytes], local: dict[str, str]) -> None:
    commit(ROOT, "first", FIRST, FIRST_LETTERS)
    before, last, died = dict(store), 0, 0
    while True:
        last += 2  # the walk over all changes is that of test_dataset_crash
        MemoryFileSystem.empty()
        store.update(before)
        MemoryFileSystem.last = last
        try:
            commit(ROOT, "second", SECOND, SECOND_LETTERS)
            break
        except StoreGone:
            died += 1
        MemoryFileSystem.last, MemoryFileSystem.after_each = None, lambda: look(store)
        look(store)
        store.pop(f"{ROOT}/{WRITER}", None)  # as the refusal says
        commit(ROOT, "second", SECOND, SECOND_LETTERS)
        assert seen(store) == local, f"cut off at change {last}"
        assert not check_dataset(ROOT), f"cut off at change {last}"
    assert died >= 15


def test_a_second_writer_is_refused_with_the_way_out(store: dict[str, bytes]) -> None:
    with (Dataset(ROOT) as dataset, dataset.lock(), Dataset(ROOT) as other,
          pytest.raises(DatasetError, match=f"by process .* remove {ROOT}/{WRITER}"), other.lock()):
        pass
    commit_both()  # the lock has gone with its writer


def test_a_writer_that_waited_works_on_what_the_other_left(store: dict[str, bytes], local: dict[str, str]) -> None:
    with Dataset(ROOT) as waiting:  # opened, and so its index copied, before the other one commits
        commit_both()
        with waiting.lock():
            assert waiting.committed_units() == {"first", "second"}
    assert commit(ROOT, "third", SECOND, SECOND_LETTERS).unchanged == len(SECOND)
    assert seen(store) == local


def test_a_rebuild_works_there_too(store: dict[str, bytes], local: dict[str, str]) -> None:
    commit_both()
    del store[f"{ROOT}/{INDEX}"]
    with pytest.raises(DatasetError, match=f"dateline rebuild {ROOT}"):
        Dataset(ROOT).open()
    assert rebuild(ROOT).files_changed == 0
    assert seen(store) == local
    damaged = min(path for path in store if path.startswith(f"{ROOT}/articles/"))
    store[damaged] = store[damaged][:-30]
    assert rebuild(ROOT).lost_articles >= 1
    look(store)
    commit(ROOT, "first-again", FIRST, FIRST_LETTERS)
    commit(ROOT, "second-again", SECOND, SECOND_LETTERS)
    assert seen(store) == local
    assert not check_dataset(ROOT)


def test_the_commands_work_there(store: dict[str, bytes], tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("OSLO, Jan. 11, 2019 - Norway's minister met the union of teachers on Friday. " * 10)
    for output in (ROOT, tmp_path / "out"):
        assert dateline("run", source, output, "--run-id", "one").exit_code == 0
    assert seen(store) == contents(tmp_path / "out")
    assert json.loads(store[f"{ROOT}/_runs/one.json"])["counts"]["new"] == 1
    assert dateline("run", source, ROOT).stderr.count("1 done before") == 1
    checked = dateline("check", ROOT)
    assert (checked.exit_code, checked.stdout) == (0, f"{ROOT}: 1 articles, nothing wrong\n")
    rebuilt = dateline("rebuild", ROOT)
    assert (rebuilt.exit_code, rebuilt.stdout) == (0, "1 articles, 0 files put right\n")


def test_pyarrow_reads_what_lies_there(store: dict[str, bytes], tmp_path: Path) -> None:
    commit_both()
    for path, content in store.items():
        file = tmp_path / path.removeprefix("objects://")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    table = pq.read_table(tmp_path / "bucket/news/out/articles")
    assert isinstance(table, pa.Table)
    assert len(table) == len({article.article_id for article in FIRST + SECOND})
