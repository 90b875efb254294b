"""How long does an article take from its file to Parquet, and does a follower's memory stay where it is?

    python -m benchmarks.follow_soak [--rate 2] [--seconds 3600] [--every 5s] [--articles-a-day 400] [--json FILE]

Another process drops made-up articles (benchmarks.follow_news) at an even rate; their dates move on, as the world's do,
so that a partition stops growing once its day is over. An article's latency is the time from the last change of its
file to the moment when its part file is in place, looked for ten times a second. Memory is what the kernel counts as
resident, once a second; its slope is that of a straight line through the samples after the first fifth, when all is
loaded.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.follow_crash import ask, start, stop

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 600.0  # what the last article may take after it was dropped
WARM_SHARE = 0.2
KIB_A_MB = 1000 / 1.024


@dataclass(slots=True)
class Watch:
    """What was seen of a follower: latency of each article, and resident memory (second, megabytes)."""

    latencies: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    commits: int = 0


@dataclass(frozen=True, slots=True)
class Soak:
    """What came of a soak; times in seconds, memory in megabytes."""

    articles: int
    seconds: float
    every: str
    units: int
    latency_median: float
    latency_p95: float
    latency_max: float
    memory_fifths: list[float]  # the median of each fifth of the time
    memory_slope_an_hour: float
    load: float  # mean number of processes that ran or waited, on all processors


def soak(work: Path, *, rate: float, seconds: float, every: str, articles_a_day: int) -> Soak:
    """Follow a folder that fills at `rate` articles a second."""
    inbox, out = work / "in", work / "out"
    inbox.mkdir(parents=True)
    articles = round(rate * seconds)
    follower = start([str(inbox), str(out), "--every", every])
    try:
        wait_for_models(out)
        began, loads = time.monotonic(), []
        news = map(str, (inbox, articles, seconds, articles_a_day))
        dropper = subprocess.Popen([sys.executable, "-m", "benchmarks.follow_news", *news])
        seen, next_sample = Watch(), 0.0
        while len(seen.latencies) < articles:
            now = time.monotonic() - began
            if now > seconds + PATIENCE_SECONDS:
                raise RuntimeError(f"{articles - len(seen.latencies)} articles did not come through")
            look(out, seen)
            if now >= next_sample:
                seen.memory.append((now, resident_megabytes(follower.pid)))
                loads.append(os.getloadavg()[0])
                next_sample = now + 1
            time.sleep(LOOK_SECONDS)
        taken = time.monotonic() - began
        dropper.wait()
    finally:
        stop(follower)
    return account(seen, every=every, seconds=taken, load=statistics.mean(loads))


def wait_for_models(out: Path) -> None:
    """Return when the follower waits for articles."""
    status = out / "_state" / "follow.json"
    while not status.exists():
        time.sleep(LOOK_SECONDS)


def look(out: Path, seen: Watch) -> None:
    """Note the latency of the articles whose commit is over since the last look."""
    rows = ask(
        out,
        "SELECT c.number, i.uri FROM commits c JOIN inputs i ON i.unit_id = c.unit_id WHERE c.number > ? "
        "AND NOT EXISTS (SELECT 1 FROM pending)",
        (seen.commits,),
    )
    now = time.time()
    seen.latencies += [now - Path(uri).stat().st_mtime for _, uri in rows]
    seen.commits = max([seen.commits, *(number for number, _ in rows)])


def resident_megabytes(process: int | str) -> float:
    """What a process holds in memory."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes / KIB_A_MB


def account(seen: Watch, *, every: str, seconds: float, load: float) -> Soak:
    """The figures."""
    fifth = max(1, len(seen.memory) // 5)
    parts = [seen.memory[at : at + fifth] for at in range(0, fifth * 5, fifth)]
    warm = seen.memory[int(WARM_SHARE * len(seen.memory)) :]
    slope = statistics.linear_regression(*zip(*warm, strict=True)).slope * 3600
    latencies = sorted(seen.latencies)
    return Soak(
        articles=len(latencies),
        seconds=round(seconds, 1),
        every=every,
        units=seen.commits,
        latency_median=round(statistics.median(latencies), 2),
        latency_p95=round(latencies[int(0.95 * len(latencies))], 2),
        latency_max=round(latencies[-1], 2),
        memory_fifths=[round(statistics.median(megabytes for _, megabytes in part), 1) for part in parts if part],
        memory_slope_an_hour=round(slope, 2),
        load=round(load, 2),
    )


def main() -> None:
    """Soak and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--every", default="5s")
    parser.add_argument("--articles-a-day", type=int, default=400)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        found = soak(
            Path(work), rate=given.rate, seconds=given.seconds, every=given.every, articles_a_day=given.articles_a_day
        )
    values: dict[str, Any] = asdict(found) | {"processors": os.cpu_count()}
    print(text := json.dumps(values, indent=2))
    if given.json:
        given.json.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
