"""A folder that fills: new and changed files, each once it is whole.

The folder is looked through again and again, which works on every file system, a network's and an object store's too;
notifications of the kernel do not. A file is whole when its size and time of change have stood still for a while, and
when they are still the same after it was read. Files under the names that writers give to unfinished ones are left.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from pipeline.driver import not_below
from pipeline.follow_options import FollowOptions
from pipeline.follow_unit import Arrival
from pipeline.index import Index
from pipeline.tally import UNREADABLE
from pipeline.units import cut_pieces, fingerprint, make_unit
from schemas.article import DeadLetter
from schemas.errors import UsageError
from transforms.inputs import InputFile, find_inputs
from transforms.streams import is_remote, local_path

SCAN_SECONDS = 0.5  # between two looks, or ten times what a look takes where that is longer
SCAN_SHARE = 10
READY_FILES = 10_000  # files that are taken from one look; the others wait for the next one
RETRY_SECONDS, RETRY_LIMIT_SECONDS = 60.0, 3600.0
GLOB = "*?["
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", "~")


@dataclass(frozen=True, slots=True)
class _Sighting:
    """When a file was first seen as it is now, on the clock of waiting and on that of the wall."""

    seen: float
    came_at: float


@dataclass(frozen=True, slots=True)
class _Retry:
    due: float
    delay: float


class FolderSource:
    """The files that a folder, a glob or one of these on a Beam file system holds now and later."""

    def __init__(
        self,
        pattern: str,
        index: Index,
        options: FollowOptions,
        *,
        salt: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = pattern
        self._pattern, self._index, self._options, self._salt, self._clock = pattern, index, options, salt, clock
        self._holds_output = _overlap(pattern, options.output)
        self._settle = 0.0 if is_remote(pattern) else options.settle_seconds  # an object appears whole
        self._done: set[bytes] = set()  # of the files that are there now: memory follows the folder, not the time
        self._sightings: dict[bytes, _Sighting] = {}
        self._retries: dict[bytes, _Retry] = {}
        self._ready: list[InputFile] = []
        self._next_scan = 0.0
        self._problem: str | None = None
        _check(pattern)

    def arrivals(self) -> Iterator[Arrival]:
        """See Source: the whole files that are not in the dataset."""
        if not self._ready and self._clock() >= self._next_scan:
            self._scan()
        while self._ready:
            yield from self._read(self._ready.pop())

    def acknowledge(self, marks: Mapping[str, str]) -> None:
        """See Source: the commit itself is the acknowledgement."""

    def waiting(self) -> int:
        """See Source: files that were seen, whole or not."""
        return len(self._sightings)

    def problem(self) -> str | None:
        """See Source."""
        return self._problem

    def close(self) -> None:
        """See Source."""

    def _scan(self) -> None:
        started = self._clock()
        try:
            self._look(started)
            self._problem = None
        except (OSError, UsageError) as error:  # a network's folder comes back
            self._problem = f"{self._pattern} cannot be listed: {error}"
        self._next_scan = self._clock() + max(SCAN_SECONDS, SCAN_SHARE * (self._clock() - started))

    def _look(self, now: float) -> None:
        done: set[bytes] = set()
        sightings: dict[bytes, _Sighting] = {}
        retries: dict[bytes, _Retry] = {}
        ready: list[InputFile] = []
        found = find_inputs(self._pattern)
        for file in not_below(self._options.output, found) if self._holds_output else found:
            mark = fingerprint(file, self._salt)
            key = bytes.fromhex(mark)
            if file.uri.endswith(UNFINISHED) or key in sightings:  # a `**` finds a file by each folder above it
                continue
            if key in self._done or self._index.has_input(mark):
                done.add(key)
                continue
            if retry := self._retries.get(key):
                retries[key] = retry
            sightings[key] = self._sightings.get(key) or _Sighting(now, time.time())
            is_due = now - sightings[key].seen >= self._settle and (retry is None or now >= retry.due)
            if is_due and len(ready) < READY_FILES:
                ready.append(file)
        self._done, self._sightings, self._retries = done, sightings, retries
        self._ready = sorted(ready, key=lambda file: file.uri, reverse=True)  # taken from the end

    def _read(self, file: InputFile) -> Iterator[Arrival]:
        mark = fingerprint(file, self._salt)
        key = bytes.fromhex(mark)
        came_at = self._sightings.pop(key).came_at
        for piece in cut_pieces(file, articles=self._options.max_articles, size=self._options.unit_bytes):
            if not piece.is_last:
                unit_id = make_unit([piece], self._salt).unit_id
                if not self._index.has_unit(unit_id):
                    yield Arrival(piece.found, came_at, unit_id=unit_id)
            elif not _is_still(file):
                return  # it goes on being written, or was moved away: what it is then is another sighting
            else:
                self._keep(key, piece.found)
                yield Arrival(piece.found, came_at, ((mark, file.uri),))

    def _keep(self, key: bytes, found: tuple[object, ...]) -> None:
        """Remember that the file was given; one that could not be opened is tried again, ever more rarely."""
        if any(isinstance(item, DeadLetter) and item.reason == UNREADABLE for item in found):
            delay = min(2 * self._retries[key].delay, RETRY_LIMIT_SECONDS) if key in self._retries else RETRY_SECONDS
            self._retries[key] = _Retry(self._clock() + delay, delay)
        else:
            self._retries.pop(key, None)
            self._done.add(key)


def _check(pattern: str) -> None:
    """UsageError for a folder that is not there, which would wait for ever; a glob may match nothing yet."""
    if is_remote(pattern) or any(character in pattern for character in GLOB):
        return
    if not local_path(pattern).exists():
        raise UsageError(f"no folder at {pattern!r}: make it, or name the one that the articles come into")


def _overlap(pattern: str, output: str) -> bool:
    """Whether the dataset lies where the articles come into, or the other way round."""
    if is_remote(pattern) or is_remote(output):
        return False
    parts = local_path(pattern).parts
    fixed = Path(*takewhile(lambda part: not any(character in part for character in GLOB), parts)).resolve()
    root = Path(output).resolve()
    return root.is_relative_to(fixed) or fixed.is_relative_to(root)


def _is_still(file: InputFile) -> bool:
    """Whether a local file is what it was when it was listed."""
    if is_remote(file.uri):
        return True
    return Path(local_path(file.uri)).exists() and any(found == file for found in find_inputs(file.uri))
