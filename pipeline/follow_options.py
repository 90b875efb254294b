"""What `dateline follow` can be told, checked before a source is opened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from pipeline.options import MEGABYTE, RunOptions, StepOptions, nearest
from schemas.errors import UsageError

BUNDLED = StepOptions()
DEFAULT_GROUP = "dateline"
MIN_FEED_SECONDS = 60.0
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions:
    """Everything that `dateline follow` can be told. A source is a folder, a glob, or a `kafka://` address."""

    sources: tuple[str, ...]
    output: str
    steps: StepOptions = BUNDLED
    every_seconds: float = 30.0
    max_articles: int = 250
    unit_bytes: int = 32 * MEGABYTE
    settle_seconds: float = 2.0  # a file that has not changed for so long is whole
    feeds: str | None = None  # a file with a feed's URL on each line
    feed_seconds: float = 900.0
    kafka_config: str | None = None  # a properties file, so that secrets are in no command line and no manifest
    part_files: int | None = None
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        if not self.sources and not self.feeds:
            raise UsageError("follow needs SOURCE... or --feeds, and OUTPUT: `dateline follow incoming/ out/`")
        if self.max_articles < 1:
            raise UsageError(f"--max-articles {self.max_articles}: at least 1 is expected")
        topics = [parse_kafka(source).topic for source in self.sources if is_kafka(source)]
        if twice := sorted({topic for topic in topics if topics.count(topic) > 1}):
            raise UsageError(
                f"the topic {twice[0]!r} is named twice: a message is known by topic, partition and offset, so a topic "
                "of that name on other brokers needs a dataset of its own"
            )
        if self.feeds and self.feed_seconds < MIN_FEED_SECONDS:
            raise UsageError(f"--feed-every {self.feed_seconds:g}s: no feed is asked more often than once a minute")

    @property
    def as_run(self) -> RunOptions:
        """The same as a run's options: what makes one input's work another work is the same for both."""
        return RunOptions(
            inputs=self.sources, output=self.output, steps=self.steps, unit_articles=self.max_articles,
            unit_bytes=self.unit_bytes, part_files=self.part_files,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """A topic, and the name under which the dataset's place in it is kept."""

    brokers: str
    topic: str
    group: str = DEFAULT_GROUP

    def __str__(self) -> str:
        return f"kafka://{self.brokers}/{self.topic}?group={self.group}"


def parse_seconds(option: str, text: str) -> float:
    """`30s`, `1.5m`, `2h`, `500ms` or `30` as seconds; UsageError for anything else."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise UsageError(f"{option} {text!r}: expected a time such as 30s, 5m or 1h")
    return float(found[1]) * _SECONDS[found[2]]


def is_kafka(source: str) -> bool:
    """Whether a source is a Kafka topic."""
    return source.lower().startswith("kafka://")


def parse_kafka(source: str) -> KafkaAddress:
    """`kafka://host:9092,other:9092/topic?group=name`; UsageError says what is wrong with another one."""
    parts = urlsplit(source)
    topic = parts.path.strip("/")
    expected = "expected kafka://HOST:9092[,HOST:9092]/TOPIC[?group=NAME]"
    if "@" in parts.netloc:
        raise UsageError("a kafka:// address holds no password, it would stand in logs: put it into --kafka-config")
    if not parts.netloc or not topic or "/" in topic:
        raise UsageError(f"{source!r}: {expected}")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(given.keys() - {"group"}):
        hint = nearest(unknown[0], ("group",))
        raise UsageError(f"{source!r}: {unknown[0]!r} is unknown; {hint} Settings of the client go into --kafka-config")
    group = given.get("group", DEFAULT_GROUP)
    if not group:
        raise UsageError(f"{source!r}: the group is empty; {expected}")
    return KafkaAddress(parts.netloc, topic, group)


def read_kafka_config(path: str | None) -> Mapping[str, str]:
    """The `name=value` lines of a properties file, as Kafka's own tools take them; UsageError names the wrong line."""
    config: dict[str, str] = {}
    for number, line in _lines("--kafka-config", path):
        name, found, value = line.partition("=")
        if not found or not name.strip():
            raise UsageError(f"--kafka-config {path}, line {number}: expected name=value")
        config[name.strip()] = value.strip()
    return config


def read_feed_list(path: str | None) -> list[str]:
    """The feeds' URLs, one a line; UsageError for a line that is none."""
    urls: dict[str, None] = {}
    for number, line in _lines("--feeds", path):
        parts = urlsplit(line)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"--feeds {path}, line {number}: expected a feed's http or https address, not {line!r}")
        urls[line] = None
    if path and not urls:
        raise UsageError(f"--feeds {path}: there is no address in it; one a line is expected")
    return list(urls)


def _lines(option: str, path: str | None) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers; `#` starts a comment line."""
    if path is None:
        return []
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{option} {path}: cannot be read: {error}") from error
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, line) for number, line in lines if line and not line.startswith("#")]
