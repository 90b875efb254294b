"""A commit that is cut off, at each of its steps and at random moments, leaves a dataset that is right."""

import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.check import check_dataset
from pipeline.dataset import Dataset
from pipeline.files import LocalFiles
from tests.pipeline.synthetic import commit, contents, dead_letter, make_article, make_copy, make_news, rows, stage


class Killed(BaseException):
    """The process is gone; nothing catches this."""


class FailingFiles(LocalFiles):
    """Dies at its n-th change, half-way through where it is a write, and does nothing after that."""

    def __init__(self, root: str, *, last: int | None = None, after_each: Callable[[], None] | None = None) -> None:
        super().__init__(root)
        self.last, self.changes, self.after_each = last, 0, after_each

    def _step(self, dying: Callable[[], None], change: Callable[[], None]) -> None:
        self.changes += 1
        if self.last is not None and self.changes >= self.last:
            if self.changes == self.last:
                dying()
            raise Killed
        change()
        if self.after_each:
            self.after_each()

    def write(self, path: str, content: bytes) -> None:
        self._step(lambda: super(FailingFiles, self).write(path, content[: len(content) // 2]),
                   lambda: super(FailingFiles, self).write(path, content))

    def replace(self, source: str, target: str) -> None:
        self._step(lambda: None, lambda: super(FailingFiles, self).replace(source, target))

    def remove(self, path: str) -> None:
        self._step(lambda: None, lambda: super(FailingFiles, self).remove(path))

    def remove_folder(self, path: str) -> None:
        self._step(lambda: None, lambda: super(FailingFiles, self).remove_folder(path))

    def settle(self, paths: Iterable[str]) -> None:
        listed = list(paths)
        self._step(lambda: None, lambda: super(FailingFiles, self).settle(listed))


def place(number: int, country: str, day: int) -> Any:
    return replace(make_article(number), country=country, date=date(2019, 1, day), published_at=None)


PLACES = (("VE", 1), ("VE", 1), ("NO", 1), ("BR", 1), ("BR", 2), ("CL", 1))
FIRST = [place(number, *where) for number, where in enumerate(PLACES, 1)]
# 1 and 3 change places; BR's first day is left by 4 and entered by 5; 6 empties its folder; then a late original of 2.
SECOND = [
    replace(FIRST[0], country="NO"),
    replace(FIRST[2], country="VE"),
    replace(FIRST[3], country="CL", date=date(2019, 1, 2)),
    replace(FIRST[4], date=date(2019, 1, 1)),
    replace(FIRST[5], country="VE", text=FIRST[5].text + " corrected"),
    replace(make_copy(FIRST[1], 0), country="VE", date=date(2018, 12, 31), published_at=None, text=FIRST[1].text),
    place(7, "AR", 3),
]


def look(root: Path) -> None:
    """What a globbing reader must see at any moment: whole files, and no article twice."""
    seen = Counter(row["article_id"] for row in rows(root))
    assert not [article_id for article_id, times in seen.items() if times > 1]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("before") / "out"
    commit(root, "first", FIRST, [dead_letter(1), dead_letter(2)])
    return root


@pytest.fixture(scope="module")
def after(before: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("after") / "out"
    shutil.copytree(before, root)
    counts = commit(root, "second", SECOND, [dead_letter(2), dead_letter(3)])
    assert (counts.new, counts.moved, counts.dead_letters) == (2, 5, 2)
    return contents(root)


def test_no_step_of_a_commit_shows_an_article_twice(before: Path, after: dict[str, str], tmp_path: Path) -> None:
    root = tmp_path / "out"
    shutil.copytree(before, root)
    files = FailingFiles(str(root), after_each=lambda: look(root))
    commit(root, "second", SECOND, [dead_letter(2), dead_letter(3)], files=files)
    assert contents(root) == after


def test_killed_at_every_step_the_next_run_makes_it_whole(before: Path, after: dict[str, str], tmp_path: Path) -> None:
    died, last = 0, 0
    while True:
        last += 1
        root = tmp_path / str(last)
        shutil.copytree(before, root)
        try:
            files = FailingFiles(str(root), last=last)
            commit(root, "second", SECOND, [dead_letter(2), dead_letter(3)], files=files)
        except Killed:
            died += 1
            look(root)
        else:
            break
        with Dataset(str(root)) as dataset, dataset.lock():
            look(root)
            if "second" not in dataset.committed_units():
                stage(dataset.staging("second"), SECOND, [dead_letter(2), dead_letter(3)])
                dataset.commit("second", run_id="run")
        assert contents(root) == after, f"killed at change {last}"
        assert not check_dataset(str(root)), f"killed at change {last}"
        shutil.rmtree(root)
    assert died >= 25


def test_killed_again_while_recovering(before: Path, after: dict[str, str], tmp_path: Path) -> None:
    for first in range(10, 28, 4):
        root = tmp_path / str(first)
        for last in (first, 2, 4, 7, None):
            if not root.exists():
                shutil.copytree(before, root)
            files = FailingFiles(str(root), last=last)
            try:
                commit(root, "second", SECOND, [dead_letter(2), dead_letter(3)], files=files)
            except Killed:
                look(root)
        assert contents(root) == after
        assert not check_dataset(str(root))


# A process that is really killed

UNITS = [make_news(30, first=1 + 30 * unit) for unit in range(8)]
UNITS += [[replace(article, country="BR") for article in UNITS[unit][::3]] for unit in range(4)]  # moved


def commit_all(root: str, ready: Any = None) -> None:
    """Commit every unit that is not in yet."""
    with Dataset(root) as dataset, dataset.lock(wait_seconds=10):
        if ready:
            ready.send(True)
        for at, articles in enumerate(UNITS):
            if f"unit-{at}" not in dataset.committed_units():
                stage(dataset.staging(f"unit-{at}"), articles)
                dataset.commit(f"unit-{at}", run_id="run")


def read_while_it_lives(root: Path, process: Any, deadline: float) -> None:
    """No part file is ever torn; and no article is twice in what is there at a moment, which the writer is held for."""
    while process.is_alive() and time.monotonic() < deadline:
        read_ids(root)
        with held(process):
            ids = read_ids(root)
        assert not ids or max(ids.values()) == 1


def read_ids(root: Path) -> Counter[str]:
    """How often each article is there for a reader that globs."""
    found = Counter[str]()
    for path in root.glob("articles/*/*/*.parquet"):
        with suppress(FileNotFoundError):
            found.update(pq.ParquetFile(path).read(columns=["article_id"])["article_id"].to_pylist())
    return found


@contextmanager
def held(process: Any) -> Iterator[None]:
    """Stop a process for a while; one that has ended stands still anyway."""
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(process.pid, signal.SIGSTOP)
        while process.is_alive() and Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.001)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs SIGKILL and /proc")
def test_killed_thirty_times_at_random_moments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # the fork server imports by it
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.dataset", "tests.pipeline.synthetic", __name__])
    chance, kills, round_number = random.Random(30), 0, 0
    for at, articles in enumerate(UNITS):
        commit(tmp_path / "undisturbed", f"unit-{at}", articles)
    expected = contents(tmp_path / "undisturbed")
    while kills < 30:
        root = tmp_path / f"round-{round_number}"
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=commit_all, args=(str(root), sender))
        process.start()
        assert receiver.poll(30)
        read_while_it_lives(root, process, time.monotonic() + chance.uniform(0.0, 0.8))
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGKILL)
            kills += 1
        process.join()
        look(root)
        if process.exitcode == 0:
            assert contents(root) == expected
            assert not check_dataset(str(root))
            round_number += 1
    for at in range(round_number + 1):
        commit_all(str(tmp_path / f"round-{at}"))
        assert contents(tmp_path / f"round-{at}") == expected
        assert not check_dataset(str(tmp_path / f"round-{at}"))
