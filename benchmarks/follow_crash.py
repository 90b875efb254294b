"""Does a follower that is killed again and again lose or double an article? Over a folder, and over Kafka.

    python -m benchmarks.follow_crash folder|kafka [--articles 2000] [--kills 10] [--seconds 240] [--json FILE]

Another process drops articles (benchmarks.follow_news) while `dateline follow` is killed with SIGKILL at random moments
and started again. In the end the dataset is compared with that of one `dateline run` over the same files: byte for byte
for the folder; for Kafka, whose records name their message and no file, byte for byte with a follower that nobody
disturbed, and row for row but for `source_uri` with the run. Kafka is librdkafka's mock cluster.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from benchmarks.follow_news import drop, make_message
from pipeline.status import STARTING, read_status

TOPIC = "news"
PATIENCE_SECONDS = 3600.0
UNIT_ARTICLES = "40"  # small units: many commits to be killed in
KILLED_AT_START = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial; `same` is the answer."""

    articles: int
    kills: int
    killed_while: dict[str, int]  # what the followers were doing when they were killed
    seconds: float
    records: int
    dead_letters: int
    files: int
    same: bool


def crash_folder(work: Path, *, articles: int, kills: int, seconds: float, every: str = "2s") -> Outcome:
    """Kill a follower of a folder, and compare with one run."""
    began = time.monotonic()
    inbox, out, expected = work / "in", work / "out", work / "expected"
    inbox.mkdir(parents=True)
    command = [sys.executable, "-m", "benchmarks.follow_news", str(inbox), str(articles), str(seconds)]
    dropper = subprocess.Popen(command)
    done = kill_again_and_again(
        [str(inbox)],
        out,
        every=every,
        kills=kills,
        seconds=seconds,
        enough=lambda: inputs_in(out) >= articles,
    )
    dropper.wait()
    dateline("run", str(inbox), str(expected), "--quiet", "--max-dead-letters", "100%")
    return outcome(out, articles, done, began, same=contents(out) == contents(expected))


def crash_kafka(work: Path, *, articles: int, kills: int, seconds: float, every: str = "2s") -> Outcome:
    """Kill a follower of a topic, and compare with one that nobody killed and with one run over the same payloads."""
    began = time.monotonic()
    out, undisturbed, expected = work / "out", work / "undisturbed", work / "expected"
    with mock_cluster() as (brokers, producer):
        producing = _producing(producer, articles, seconds)
        address = f"kafka://{brokers}/{TOPIC}?group=crash"
        done = kill_again_and_again(
            [address],
            out,
            every=every,
            kills=kills,
            seconds=seconds,
            enough=lambda: offsets_in(out) >= articles,
            meanwhile=lambda: next(producing, None),
        )
        follower = start([address, str(undisturbed), "--every", "5s"])
        wait_until(lambda: offsets_in(undisturbed) >= articles)
        stop(follower)
    drop(work / "in", articles, 0)
    dateline("run", str(work / "in"), str(expected), "--quiet", "--max-dead-letters", "100%")
    same = contents(out) == contents(undisturbed) and rows(out) == rows(expected)
    return outcome(out, articles, done, began, same=same)


def kill_again_and_again(
    sources: list[str],
    out: Path,
    *,
    every: str,
    kills: int,
    seconds: float,
    enough: Callable[[], bool],
    meanwhile: Callable[[], Any] = lambda: None,
) -> Counter[str]:
    """Kill a follower at random moments, and stop the last one kindly when it has enough; returns what each was at."""
    chance, states = random.Random(20190111), Counter[str]()
    arguments = [*sources, str(out), "--every", every, "--max-articles", UNIT_ARTICLES]
    follower = start(arguments)
    for _ in range(kills):
        if chance.random() > KILLED_AT_START:  # most live to do something, however busy the machine is
            wait_until(partial(has_begun, follower.pid, out), meanwhile)
        deadline = time.monotonic() + chance.uniform(0.1, 2 * seconds / kills)
        while time.monotonic() < deadline:
            meanwhile()
            time.sleep(0.01)
        follower.send_signal(signal.SIGKILL)
        follower.wait()
        states[state_of(follower.pid, out)] += 1
        follower = start(arguments)
    wait_until(enough, meanwhile)
    stop(follower)
    return states


def has_begun(process: int, out: Path) -> bool:
    """Whether a follower has come to where it waits for articles."""
    return state_of(process, out) != STARTING


def state_of(process: int, out: Path) -> str:
    """What a follower was doing when it last said so."""
    status = read_status(str(out))
    return status.state if status and status.process == process else STARTING


def start(arguments: list[str]) -> "subprocess.Popen[bytes]":
    """A follower in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", "pipeline.cli", "follow", *arguments, "--quiet"])


def stop(follower: "subprocess.Popen[bytes]") -> None:
    """Ask a follower to end."""
    follower.send_signal(signal.SIGTERM)
    if code := follower.wait(timeout=300):
        raise RuntimeError(f"the follower ended with exit code {code}")


def dateline(*arguments: str) -> None:
    """The command line, in a process of its own."""
    subprocess.run([sys.executable, "-m", "pipeline.cli", *arguments], check=True)


def wait_until(true: Callable[[], bool], meanwhile: Callable[[], Any] = lambda: None) -> None:
    """Return when it is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not done after {PATIENCE_SECONDS:g} s")
        for _ in range(20):
            meanwhile()
            time.sleep(0.01)


@contextmanager
def mock_cluster() -> Iterator[tuple[str, Any]]:
    """librdkafka's own cluster in this process: its address, and a producer."""
    from confluent_kafka import Producer

    producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    producer.list_topics(TOPIC, timeout=10)
    brokers = producer.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers), producer
    producer.flush(10)


def _producing(producer: Any, articles: int, seconds: float) -> Iterator[None]:
    began = time.monotonic()
    for number in range(articles):
        while time.monotonic() < began + number * seconds / articles:
            yield
        producer.produce(TOPIC, make_message(number)[1], key=str(number))
        producer.poll(0)
    producer.flush(10)


def inputs_in(root: Path) -> int:
    """How many inputs are in a dataset."""
    return sum(count for (count,) in ask(root, "SELECT count(*) FROM inputs"))


def offsets_in(root: Path) -> int:
    """How many messages of all partitions are in a dataset."""
    return sum(int(uri.rpartition("=")[2]) for (uri,) in ask(root, "SELECT uri FROM inputs"))


def ask(root: Path, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Ask the index of a dataset; nothing where there is none yet."""
    index = root / "_state" / "index.sqlite"
    try:
        connection = sqlite3.connect(f"file:{index}?mode=ro", uri=True, timeout=10)
    except sqlite3.OperationalError:
        return []
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def contents(root: Path) -> dict[str, str]:
    """Every file that readers see, with a hash of its bytes."""
    files = [path for part in ("articles", "dead_letters") for path in (root / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def rows(root: Path) -> list[str]:
    """Every record and dead letter but for where it was read, and for what names that place."""
    found = []
    for path in contents(root):
        for row in ds.dataset(root / path).to_table().to_pylist():
            kept = {name: value for name, value in row.items() if name not in ("source_uri", "error")}
            found.append(json.dumps([path.partition("/part-")[0], kept], default=str, sort_keys=True))
    return sorted(found)


def outcome(root: Path, articles: int, kills: Counter[str], began: float, *, same: bool) -> Outcome:
    """What a dataset holds after a trial."""
    counted = {part: _count(root / part) for part in ("articles", "dead_letters")}
    seconds = round(time.monotonic() - began, 1)
    return Outcome(
        articles=articles,
        kills=kills.total(),
        killed_while=dict(kills),
        seconds=seconds,
        records=counted["articles"],
        dead_letters=counted["dead_letters"],
        files=len(contents(root)),
        same=same,
    )


def _count(folder: Path) -> int:
    return int(ds.dataset(folder).count_rows()) if folder.exists() else 0


def main() -> None:
    """Run a trial and print what came of it; exit code 1 when the datasets differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", choices=("folder", "kafka"))
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    trial = crash_folder if given.source == "folder" else crash_kafka
    with tempfile.TemporaryDirectory() as work:
        found = trial(Path(work), articles=given.articles, kills=given.kills, seconds=given.seconds)
    text = json.dumps({"source": given.source, **asdict(found), "processors": os.cpu_count()}, indent=2)
    print(text)
    if given.json:
        given.json.write_text(f"{text}\n", encoding="utf-8")
    sys.exit(not found.same)


if __name__ == "__main__":
    main()
