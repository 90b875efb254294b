"""What a follower shows: one live line on a terminal, a line a unit elsewhere, JSON lines when asked for."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console

from pipeline.status import FollowStatus, describe

Watcher = Callable[[FollowStatus], None]


@contextmanager
def watching_follow(*, quiet: bool, as_json: bool) -> Iterator[Watcher]:
    """How a follower's status is shown, for as long as it goes. What keeps a source from giving more is always told."""
    if as_json:
        yield _News(_log_unit, _log_problem)
    elif quiet:
        yield _News(_say_nothing, _print_problem)
    elif sys.stderr.isatty():
        console = Console(stderr=True)
        with console.status("loading the models") as line:
            yield _Live(line, _News(_say_nothing, lambda *problem: console.print(_problem(*problem), markup=False)))
    else:
        yield _News(_print_line, _print_problem)


def show_end(status: FollowStatus, *, quiet: bool, as_json: bool) -> None:
    """The account of a follower at its end."""
    if as_json:
        _log("stopped", asdict(status))
    elif not quiet:
        outcomes = [f"{count:,} {name}" for name, count in status.outcomes.items() if count]
        parts = " + ".join([*outcomes, f"{status.dead_letters:,} dead letters"])
        print(f"Stopped: {status.articles:,} articles = {parts}, in {status.units:,} units")


class _Live:
    """One line that stands still on the terminal. It is drawn anew while a unit is worked on: the lag grows."""

    def __init__(self, line: Any, news: "_News") -> None:
        self._line, self._news = line, news
        self._status: FollowStatus | None = None

    def __call__(self, status: FollowStatus) -> None:
        self._news(status)
        if self._status is None:
            self._status = status
            self._line.update(self)

    def __rich__(self) -> str:
        return describe(self._status, time.time()) if self._status else ""


class _News:
    """Says what is new since the last time: a unit that was committed, a source that fails."""

    def __init__(self, tell_unit: Callable[[FollowStatus], None], tell_problem: Callable[[str, str], None]) -> None:
        self._tell_unit, self._tell_problem = tell_unit, tell_problem
        self._units = 0
        self._problems: dict[str, str] = {}

    def __call__(self, status: FollowStatus) -> None:
        for source, problem in status.problems.items():
            if self._problems.get(source) != problem:
                self._tell_problem(source, problem)
        self._problems = dict(status.problems)
        if status.units != self._units:
            self._units = status.units
            self._tell_unit(status)


def _say_nothing(status: FollowStatus) -> None:
    pass


def _print_line(status: FollowStatus) -> None:
    print(describe(status, time.time()), file=sys.stderr, flush=True)


def _problem(source: str, problem: str) -> str:
    return f"dateline: {source}: {problem}"


def _print_problem(source: str, problem: str) -> None:
    print(_problem(source, problem), file=sys.stderr, flush=True)


def _log_unit(status: FollowStatus) -> None:
    _log("unit", asdict(status))


def _log_problem(source: str, problem: str) -> None:
    _log("problem", {"source": source, "problem": problem})


def _log(event: str, values: dict[str, Any]) -> None:
    print(json.dumps({"event": event, **values}, ensure_ascii=False), file=sys.stderr, flush=True)
