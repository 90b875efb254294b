"""Micro-batches: what came from every source since the last one, closed by a clock or by a number of articles.

A source gives arrivals, each with the marks that the dataset will know it by. A unit is committed together with the
marks of all its arrivals; only then are the sources told. At most one unit is in memory, and one arrival that did not
fit into it: while a unit is worked on, no source is asked for more.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.units import digest
from pipeline.work import Mark
from schemas.article import DeadLetter, Document

TICK_SECONDS = 0.1
UNIT_PREFIX = "follow-"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Articles that are committed together, as a unit of their own where `unit_id` says so.

    `came_at` is when they could first be had, in seconds since 1970; `marks` are true once they are committed.
    """

    found: tuple[Document | DeadLetter, ...]
    came_at: float
    marks: tuple[Mark, ...] = ()
    unit_id: str | None = None

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(len(item.payload) for item in self.found)


class Source(Protocol):
    """Where articles come from."""

    name: str

    def arrivals(self) -> Iterator[Arrival]:
        """What can be had now, without waiting for more. It is left off in the middle and taken up again."""

    def acknowledge(self, marks: Mapping[str, str]) -> None:
        """These marks (fingerprint to URI; other sources' too) are committed."""

    def waiting(self) -> int:
        """How many articles or files are known to be there and were not given yet."""

    def problem(self) -> str | None:
        """What keeps the source from giving more at the moment, for people; it goes on trying."""

    def close(self) -> None:
        """Leave the source."""


@dataclass(frozen=True, slots=True)
class FollowUnit:
    """What one bounded pipeline works on."""

    arrivals: tuple[Arrival, ...]

    @property
    def unit_id(self) -> str:
        """The same for the same articles of the same sources."""
        if self.arrivals[0].unit_id:
            return self.arrivals[0].unit_id
        parts = sorted(f"{fingerprint}\0{uri}" for fingerprint, uri in self.marks.items())
        return UNIT_PREFIX + digest(*parts)

    @property
    def documents(self) -> list[Document]:
        """The articles that could be read."""
        return [item for arrival in self.arrivals for item in arrival.found if isinstance(item, Document)]

    @property
    def dead_letters(self) -> list[DeadLetter]:
        """Those that could not."""
        return [item for arrival in self.arrivals for item in arrival.found if isinstance(item, DeadLetter)]

    @property
    def articles(self) -> int:
        """How many articles it brings, dead letters included."""
        return sum(len(arrival.found) for arrival in self.arrivals)

    @property
    def marks(self) -> dict[str, str]:
        """Fingerprint to URI; of a source that has a position, the last one."""
        return {fingerprint: uri for arrival in self.arrivals for fingerprint, uri in arrival.marks}

    @property
    def came_at(self) -> float:
        """When its first article could be had."""
        return min(arrival.came_at for arrival in self.arrivals)


class Gatherer:
    """Takes arrivals from the sources in turn and closes units.

    `idle` is called at every turn in which nothing came, with the number of articles gathered so far and the time of
    the first of them; `stopping` says that the open unit is the last one.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        every_seconds: float,
        max_articles: int,
        max_bytes: int,
        stopping: Callable[[], bool],
        idle: Callable[[int, float | None], None],
    ) -> None:
        self.every_seconds, self.max_articles, self.max_bytes = every_seconds, max_articles, max_bytes
        self.stopping, self.idle = stopping, idle
        self._turns = [_Turn(source) for source in sources]
        self._held: Arrival | None = None

    def units(self) -> Iterator[FollowUnit]:
        """Units without end, or until it is told to stop."""
        while unit := self.next_unit():
            yield unit

    def next_unit(self) -> FollowUnit | None:
        """The next unit, once it is full or its time is up; None when it is to stop and nothing is open."""
        gathered: list[Arrival] = []
        deadline = 0.0
        while not self._is_over(gathered, deadline):
            arrival = self._next_arrival()
            if arrival is None:
                self.idle(sum(len(one.found) for one in gathered), gathered[0].came_at if gathered else None)
                time.sleep(TICK_SECONDS)
            elif self._fits(gathered, arrival):
                deadline = deadline or time.monotonic() + self.every_seconds
                gathered.append(arrival)
            else:
                self._held = arrival
                break
        return FollowUnit(tuple(gathered)) if gathered else None

    def _is_over(self, gathered: list[Arrival], deadline: float) -> bool:
        if self.stopping():
            return True
        return bool(gathered) and (
            time.monotonic() >= deadline
            or gathered[0].unit_id is not None
            or sum(len(arrival.found) for arrival in gathered) >= self.max_articles
        )

    def _next_arrival(self) -> Arrival | None:
        if self._held:
            held, self._held = self._held, None
            return held
        for _ in self._turns:
            turn = self._turns.pop(0)
            self._turns.append(turn)  # the one that gave comes last the next time
            if arrival := turn.next_arrival():
                return arrival
        return None

    def _fits(self, gathered: Iterable[Arrival], arrival: Arrival) -> bool:
        before = list(gathered)
        if not before:
            return True
        articles = sum(len(other.found) for other in before) + len(arrival.found)
        size = sum(other.size for other in before) + arrival.size
        return arrival.unit_id is None and articles <= self.max_articles and size <= self.max_bytes


class _Turn:
    """A source, and how far it was asked."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._arrivals = source.arrivals()

    def next_arrival(self) -> Arrival | None:
        """The next one that can be had now."""
        arrival = next(self._arrivals, None)
        if arrival is None:
            self._arrivals = self._source.arrivals()
        return arrival
