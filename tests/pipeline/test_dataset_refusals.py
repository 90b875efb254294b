"""What a disk, another process or a damaged file can do to a commit: a clear word, nothing lost, and a way out."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.check import check_dataset, run_check
from pipeline.dataset import Dataset
from pipeline.query import ask, open_dataset
from pipeline.rebuild import rebuild
from schemas.errors import DatasetError
from tests.conftest import dateline
from tests.pipeline.synthetic import commit, contents, dead_letter, make_news, stage, times
from tests.pipeline.test_dataset_crash import FIRST, SECOND, FailingFiles, look

LETTERS = [dead_letter(2), dead_letter(3)]


class FullFiles(FailingFiles):
    """A disk that has no room at its n-th change, and some again later."""

    def _step(self, dying: Callable[[], None], change: Callable[[], None]) -> None:
        self.changes += 1
        if self.changes == self.last:
            dying()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        change()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", folder], check=True)


def test_no_room_at_any_step_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    commit(tmp_path / "before", "first", FIRST, [dead_letter(1), dead_letter(2)])
    shutil.copytree(tmp_path / "before", tmp_path / "after")
    commit(tmp_path / "after", "second", SECOND, LETTERS)
    before, after = contents(tmp_path / "before"), contents(tmp_path / "after")
    said, refused, last = set(), 0, 0
    while True:
        last += 1
        root = tmp_path / "out"
        shutil.copytree(tmp_path / "before", root)
        files = FullFiles(str(root), last=last)
        try:
            commit(root, "second", SECOND, LETTERS, files=files)
        except DatasetError as error:
            refused += 1
            said.add(str(error))
        look(root)
        with Dataset(str(root)) as dataset:
            committed = "second" in dataset.committed_units()
        assert committed or contents(root) == before
        commit(root, "second", SECOND, LETTERS)
        assert contents(root) == after, f"no room at change {last}"
        assert not check_dataset(str(root)), f"no room at change {last}"
        shutil.rmtree(root)
        if files.changes < last:
            break
    assert refused >= 25
    assert all("No space left on device. What was committed before is safe; make room" in error for error in said)


def test_a_full_disk_is_told_and_more_room_is_all_it_needs(small_disk: Path, tmp_path: Path) -> None:
    root, news = small_disk / "out", make_news(300)
    commit(tmp_path / "undisturbed", "first", news[:60])
    commit(tmp_path / "undisturbed", "second", news[60:])
    commit(root, "first", news[:60])
    before, stamps = contents(root), times(root)
    with Dataset(str(root)) as dataset, dataset.lock():
        stage(dataset.staging("second"), news[60:])
        (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - 60_000))
        with pytest.raises(DatasetError, match=r"(No space left|full).*What was committed before is safe; make room"):
            dataset.commit("second", run_id="run")
    assert (contents(root), times(root)) == (before, stamps)
    (small_disk / "filler").unlink()
    assert not check_dataset(str(root))
    commit(root, "second", news[60:])
    assert contents(root) == contents(tmp_path / "undisturbed")
    assert not check_dataset(str(root))


def test_a_disk_that_fills_while_a_run_stages_is_told_too(small_disk: Path, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Oslo, 11 January 2019. The minister met the union on Friday. " * 50)
    commit(small_disk / "out", "first", FIRST)
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - 12_000))
    finished = dateline("run", tmp_path / "in.txt", small_disk / "out")
    assert finished.exit_code == 1
    assert "cannot be written: No space left on device. What was committed before is safe" in finished.stderr
    (small_disk / "filler").unlink()
    assert dateline("run", tmp_path / "in.txt", small_disk / "out").exit_code == 0
    assert dateline("check", small_disk / "out").stdout.endswith(f": {len(FIRST) + 1} articles, nothing wrong\n")


def test_a_read_only_dataset_is_read_and_not_written(small_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = small_disk / "out"
    commit(root, "first", FIRST)
    remount(small_disk, "ro")
    before = contents(root)
    for write in (lambda: commit(root, "second", SECOND), lambda: rebuild(str(root))):
        with pytest.raises(DatasetError, match=r"(?i)read-?only.*give the right to write, and run again"):
            write()
    assert run_check(str(root)) == 0
    assert f"{len(FIRST)} articles, nothing wrong" in capsys.readouterr().out
    with open_dataset(str(root)) as connection:
        assert ask(connection, "SELECT count(*) AS n FROM articles", {}).read_all().to_pylist() == [{"n": len(FIRST)}]
    assert contents(root) == before


def test_a_corrupt_part_file_stops_the_commit_that_needs_it(tmp_path: Path) -> None:
    root = tmp_path / "out"
    commit(tmp_path / "undisturbed", "first", FIRST)
    commit(tmp_path / "undisturbed", "second", SECOND)
    commit(root, "first", FIRST)
    damaged = root / "articles/country=VE/date=2019-01-01/part-0.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-40])
    before = contents(root)
    with pytest.raises(DatasetError, match=r"country=VE/.*part-0\.parquet is damaged .*Run `dateline rebuild OUT`"):
        commit(root, "second", SECOND)
    assert contents(root) == before
    finished = dateline("check", root)
    assert (finished.exit_code, finished.stdout.count("cannot be read")) == (1, 1)
    finished = dateline("rebuild", root)
    assert finished.exit_code == 0
    assert "could not be read: articles/country=VE/date=2019-01-01/part-0.parquet" in finished.stdout
    assert dateline("check", root).exit_code == 0
    commit(root, "first-again", FIRST)
    commit(root, "second", SECOND)
    assert contents(root) == contents(tmp_path / "undisturbed")


# Two processes

HOLD = """
import sys, time
from pipeline.dataset import Dataset
with Dataset(sys.argv[1]) as dataset, dataset.lock():
    print("ready", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the dataset until a line comes."""
    commit(tmp_path / "out", "first", FIRST)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "out")], text=True, env=environment,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_refuses_at_once_and_names_the_first(tmp_path: Path, writer: subprocess.Popen[str]) -> None:
    with pytest.raises(DatasetError, match=f"is being written by process {writer.pid} on .*, since 20"):
        commit(tmp_path / "out", "second", SECOND)
    finished = dateline("check", tmp_path / "out")
    assert finished.exit_code == 1
    assert f"process {writer.pid}" in finished.stderr


def test_a_second_process_may_wait(tmp_path: Path, writer: subprocess.Popen[str]) -> None:
    with Dataset(str(tmp_path / "out")) as dataset:
        assert writer.stdin
        with pytest.raises(DatasetError, match="is being written"), dataset.lock(wait_seconds=0.3):
            pass
        writer.stdin.write("\n")
        writer.stdin.flush()
        with dataset.lock(wait_seconds=60):
            assert dataset.committed_units() == {"first"}


def test_the_lock_of_a_dead_process_is_no_lock(tmp_path: Path, writer: subprocess.Popen[str]) -> None:
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    assert (tmp_path / "out/_state/writer.json").exists()  # its name is left, and holds nobody up
    assert commit(tmp_path / "out", "second", SECOND).new == 2  # which waits for nobody
    assert not (tmp_path / "out/_state/writer.json").exists()
