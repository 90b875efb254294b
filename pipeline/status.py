"""How a follower is doing: kept beside the data for `dateline status`, and put into one line for people."""

import json
import os
import socket
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline.files import Files, LocalFiles, files_at

STATUS = "_state/follow.json"
RATE_SECONDS = 60.0  # what the rate is taken over
QUIET_SECONDS = 300.0  # on another machine, whoever has not been heard of for so long is taken for dead

STARTING, WAITING, GATHERING, WORKING, STOPPED = "starting", "waiting", "gathering", "working", "stopped"


@dataclass(slots=True)
class FollowStatus:
    """A follower's account of itself; times are seconds since 1970. What is counted is committed, but for `open`."""

    sources: tuple[str, ...]
    run_id: str = ""
    state: str = STARTING
    host: str = field(default_factory=socket.gethostname)
    process: int = field(default_factory=os.getpid)
    started_at: float = field(default_factory=time.time)
    updated_at: float = field(default_factory=time.time)
    committed_at: float | None = None  # the last commit
    open: int = 0  # articles in the unit that is gathered or worked on
    open_since: float | None = None  # when the first of them could be had
    waiting: int = 0  # files or messages that are known to be there and were not taken yet
    units: int = 0
    articles: int = 0
    dead_letters: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)  # of the records: new, merged, corrected, moved, unchanged
    unit_seconds: float = 0.0  # of the last one, graph and commit
    rate: float = 0.0  # articles a second, over the last minute
    problems: dict[str, str] = field(default_factory=dict)  # source to what keeps it from giving more

    def lag(self, now: float) -> float:
        """How long the oldest article that is not committed has been there, in seconds; 0 where there is none."""
        return max(0.0, now - self.open_since) if self.open_since else 0.0


class Rate:
    """Articles a second over the last minute."""

    def __init__(self, started: float) -> None:
        self._started, self._commits = started, deque[tuple[float, int]]()

    def add(self, now: float, articles: int) -> None:
        """A commit."""
        self._commits.append((now, articles))

    def at(self, now: float) -> float:
        """The rate now."""
        while self._commits and self._commits[0][0] < now - RATE_SECONDS:
            self._commits.popleft()
        seconds = min(RATE_SECONDS, max(now - self._started, 1.0))
        return sum(articles for _, articles in self._commits) / seconds


def write_status(files: Files, status: FollowStatus) -> None:
    """Put the status beside the data, whole or not at all. It is news, not state: a loss of power may take it."""
    status.updated_at = time.time()
    content = json.dumps(asdict(status), ensure_ascii=False).encode("utf-8", "replace")
    if isinstance(files, LocalFiles):
        files.write(f"{STATUS}.tmp", content)
        files.replace(f"{STATUS}.tmp", STATUS)
    else:
        files.write(STATUS, content)  # an object appears whole


def read_status(root: str) -> FollowStatus | None:
    """What the last follower of a dataset said; None where there never was one."""
    try:
        values: dict[str, Any] = json.loads(files_at(root).read(STATUS))
    except (OSError, ValueError):
        return None
    known = {name: value for name, value in values.items() if name in FollowStatus.__dataclass_fields__}
    return FollowStatus(**known | {"sources": tuple(values["sources"])})


def is_alive(status: FollowStatus) -> bool:
    """Whether the follower is still there: its process, or on another machine, its last word."""
    if status.state == STOPPED:
        return False
    if status.host != socket.gethostname():
        return time.time() - status.updated_at < QUIET_SECONDS
    try:
        os.kill(status.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, and alive
    return True


def describe(status: FollowStatus, now: float) -> str:
    """`waiting: 1,234 in, 1,229 out, 5 dead letters, 12 open, lag 3 s, 2.1/s`."""
    out = status.articles - status.dead_letters
    parts = [f"{status.articles + status.open:,} in", f"{out:,} out", f"{status.dead_letters:,} dead letters"]
    if status.open:
        parts.append(f"{status.open:,} open")
    if status.waiting:
        parts.append(f"{status.waiting:,} waiting")
    parts += [f"lag {status.lag(now):.0f} s", f"{status.rate:.1f}/s"]
    if status.problems:
        parts.append(f"{len(status.problems)} sources with problems")
    return f"{status.state}: {', '.join(parts)}"


def status_lines(status: FollowStatus, *, alive: bool) -> list[str]:
    """The whole account, for `dateline status`."""
    now = time.time()
    who = f"process {status.process} on {status.host}"
    head = f"{who} follows" if alive else f"{who} followed, and has stopped" if status.state == STOPPED else (
        f"{who} followed, and is no longer there: start it again, nothing is lost"
    )  # fmt: skip
    lines = [f"{head} (since {_time(status.started_at)}, last word {_time(status.updated_at)})"]
    lines += [f"  source {source}" for source in status.sources]
    lines.append(f"  {describe(status, now if alive else status.updated_at)}")
    outcomes = ", ".join(f"{count:,} {name}" for name, count in status.outcomes.items() if count)
    lines.append(f"  {status.units:,} units; {outcomes or 'no records yet'}")
    if status.committed_at:
        lines.append(f"  last commit {_time(status.committed_at)}, the unit took {status.unit_seconds:.1f} s")
    return [*lines, *(f"  problem with {source}: {problem}" for source, problem in status.problems.items())]


def as_json(status: FollowStatus, *, alive: bool) -> str:
    """The same for programs."""
    lag = status.lag(time.time() if alive else status.updated_at)
    return json.dumps(asdict(status) | {"alive": alive, "lag_seconds": round(lag, 3)}, indent=2, ensure_ascii=False)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
