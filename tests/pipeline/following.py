"""A follower in this process that goes on until a test has seen enough; sources in the hands of a test's own clock."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.follow import follow
from pipeline.follow_options import FollowOptions
from pipeline.follow_unit import Arrival, Source
from pipeline.index import Index
from pipeline.interrupts import StopSignals
from pipeline.status import FollowStatus

PATIENCE_SECONDS = 300.0  # for a busy machine; no test waits for it


def options(*sources: str | Path, output: Path, **more: Any) -> FollowOptions:
    """Units that close at once, and files that are whole as soon as they are seen."""
    values: dict[str, Any] = {"every_seconds": 0.0, "settle_seconds": 0.0} | more
    return FollowOptions(sources=tuple(str(source) for source in sources), output=str(output), **values)


def follow_until(
    given: FollowOptions, enough: Callable[[FollowStatus], bool], *, signals: StopSignals | None = None
) -> FollowStatus:
    """Follow until `enough`, which is asked at every turn and may act in between."""
    signals = signals or StopSignals()
    moments = {0: time.monotonic()}  # number of articles to when there were so many

    def watch(status: FollowStatus) -> None:
        if enough(status):
            signals.stopping = True
        since = time.monotonic() - moments.setdefault(status.articles, time.monotonic())
        assert since < PATIENCE_SECONDS, f"nothing came for {PATIENCE_SECONDS:g} s: {status}"

    return follow(given, watch=watch, signals=signals)


def articles(number: int) -> Callable[[FollowStatus], bool]:
    """Enough: so many articles are committed."""
    return lambda status: status.articles >= number


class InTurn:
    """Does one thing after the other, each once so many articles are committed; then it is enough."""

    def __init__(self, *acts: tuple[int, Callable[[], object]], end: int) -> None:
        self.acts, self.end = list(acts), end

    def __call__(self, status: FollowStatus) -> bool:
        while self.acts and status.articles >= self.acts[0][0]:
            self.acts.pop(0)[1]()
        return not self.acts and status.articles >= self.end


@dataclass(slots=True)
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def take(source: Source) -> list[Arrival]:
    """What a source gives now."""
    return list(source.arrivals())


def commit_marks(index: Index, arrivals: list[Arrival]) -> None:
    """Make the marks of arrivals those of a commit, without what they bring."""
    marks = [mark for arrival in arrivals for mark in arrival.marks]
    index.begin()
    index.record_commit("unit", "run", {}, marks)
    index.commit()


class Endless:
    """A source that always has one more article; it counts how often it was asked."""

    name = "endless"

    def __init__(self, arrival: Callable[[int], Arrival]) -> None:
        self.arrival, self.given = arrival, 0
        self.acknowledged: dict[str, str] = {}

    def arrivals(self) -> Iterator[Arrival]:
        while True:
            self.given += 1
            yield self.arrival(self.given)

    def acknowledge(self, marks: Mapping[str, str]) -> None:
        self.acknowledged |= marks

    def waiting(self) -> int:
        return 1

    def problem(self) -> str | None:
        return None

    def close(self) -> None:
        pass
