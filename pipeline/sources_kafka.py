"""A Kafka topic, read from the place that the dataset itself remembers.

The position of every partition is committed with the records, in one transaction; the consumer group's offsets follow
it and are for people and their tools only. So what was read and what is written never differ, whatever dies when. The
partitions are assigned here and not by the group: a dataset has one writer, and a process that was killed does not keep
the next one waiting for its session to end.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.follow_options import KafkaAddress
from pipeline.follow_unit import Arrival
from pipeline.index import Index
from pipeline.units import digest
from schemas.article import DeadLetter
from schemas.errors import DatelineError, UsageError
from transforms.read import read_payload

if TYPE_CHECKING:
    from confluent_kafka import Consumer

ANSWER_SECONDS = 10.0
NEW_PARTITIONS_SECONDS = 60.0
PREFETCHED_KILOBYTES = 16_384  # what the client reads ahead while a unit is worked on
_NONE_YET = 0


class KafkaSource:
    """The messages of one topic, each with one article or more in any format that `run` reads."""

    def __init__(self, address: KafkaAddress, index: Index, config: Mapping[str, str]) -> None:
        self.name = str(address)
        self._address, self._index = address, index
        self._problem: str | None = None
        self._lost: dict[int, str] = {}  # partition to what was not there any more; told for as long as this lives
        self._next: dict[int, int] = {}  # partition to the offset that comes next
        self._consumer = self._connect(config)
        self._next_look = 0.0
        try:
            self._take_partitions()
        except BaseException:
            self.close()
            raise

    def arrivals(self) -> Iterator[Arrival]:
        """See Source: one arrival a message."""
        if time.monotonic() >= self._next_look:
            self._look_for_partitions()
        while (message := self._consumer.poll(0)) is not None:
            if error := message.error():
                self._note(error)
            else:
                self._problem = None
                yield self._read(message)

    def acknowledge(self, marks: Mapping[str, str]) -> None:
        """See Source: the group's offsets follow the dataset's."""
        from confluent_kafka import KafkaException, TopicPartition

        positions = {partition: marks.get(self._fingerprint(partition)) for partition in self._next}
        read = {partition: offset_of(uri) for partition, uri in positions.items() if uri}
        offsets = [TopicPartition(self._address.topic, partition, offset) for partition, offset in read.items()]
        if offsets:
            try:
                self._consumer.commit(offsets=offsets, asynchronous=True)
            except KafkaException as error:  # the dataset has them; the group will with the next unit
                self._problem = f"the group's offsets were not stored: {error.args[0].str()}"

    def waiting(self) -> int:
        """See Source: messages, as of the last answer of the brokers."""
        return sum(max(0, self._end_of(partition) - offset) for partition, offset in self._next.items())

    def problem(self) -> str | None:
        """See Source."""
        problems = [*self._lost.values(), *([self._problem] if self._problem else [])]
        return "; ".join(problems) or None

    def close(self) -> None:
        """See Source."""
        self._consumer.close()

    def _connect(self, config: Mapping[str, str]) -> "Consumer":
        try:
            from confluent_kafka import Consumer, KafkaException
        except ImportError:
            raise UsageError(f"{self.name} needs the Kafka client: pip install 'dateline[kafka]'") from None
        settings: dict[str, Any] = {
            "queued.max.messages.kbytes": PREFETCHED_KILOBYTES,
            **config,
            "bootstrap.servers": self._address.brokers,
            "group.id": self._address.group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "error_cb": self._note,
        }
        try:
            return Consumer(settings, logger=logging.getLogger(__name__))
        except (KafkaException, TypeError) as error:
            raise UsageError(f"{self.name}: the client refuses its settings: {_said(error)}") from error

    # Partitions

    def _take_partitions(self) -> None:
        """Assign every partition, from where the dataset is."""
        from confluent_kafka import TopicPartition

        topic = self._address.topic
        self._next = {partition: self._start_of(partition) for partition in self._partitions()}
        self._consumer.assign([TopicPartition(topic, partition, offset) for partition, offset in self._next.items()])
        self._next_look = time.monotonic() + NEW_PARTITIONS_SECONDS

    def _partitions(self) -> list[int]:
        from confluent_kafka import KafkaException

        topic = self._address.topic
        try:
            found = self._consumer.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic]
        except KafkaException as error:
            raise DatelineError(
                f"{self.name}: no broker answers ({_said(error)}); are they up, and is --kafka-config right?"
            ) from error
        if found.error or not found.partitions:
            said = found.error.str() if found.error else "it has no partitions"
            raise UsageError(f"{self.name}: the topic {topic!r} cannot be read ({said}); make it first")
        return sorted(found.partitions)

    def _start_of(self, partition: int) -> int:
        """The offset to begin at: where the dataset is, or the earliest that is kept where it is nowhere or too far."""
        from confluent_kafka import KafkaException, TopicPartition

        try:
            low, high = self._consumer.get_watermark_offsets(
                TopicPartition(self._address.topic, partition), timeout=ANSWER_SECONDS
            )
        except KafkaException as error:
            raise DatelineError(f"{self.name}: partition {partition} does not answer ({_said(error)})") from error
        uri = self._index.uri_of(self._fingerprint(partition))
        if uri is None:
            return int(low)
        wanted = offset_of(uri)
        if not low <= wanted <= high:
            self._lost[partition] = (
                f"partition {partition}: the dataset is at offset {wanted}, the topic holds {low} to {high}; what was "
                f"in between is gone, or the topic was made anew. Going on at {low}"
            )
            return int(low)
        return wanted

    def _look_for_partitions(self) -> None:
        """A topic may be given more partitions while it is followed."""
        from confluent_kafka import TopicPartition

        self._next_look = time.monotonic() + NEW_PARTITIONS_SECONDS
        try:
            new = [partition for partition in self._partitions() if partition not in self._next]
            starts = {partition: self._start_of(partition) for partition in new}
        except DatelineError as error:
            self._problem = str(error)
            return
        self._problem = None  # the brokers answer
        if starts:
            self._next |= starts
            topic = self._address.topic
            self._consumer.incremental_assign([TopicPartition(topic, *start) for start in starts.items()])

    def _end_of(self, partition: int) -> int:
        from confluent_kafka import TopicPartition

        known = self._consumer.get_watermark_offsets(TopicPartition(self._address.topic, partition), cached=True)
        return int(known[1]) if known else _NONE_YET

    # Messages

    def _read(self, message: Any) -> Arrival:
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        uri = f"kafka://{topic}/{partition}/{offset}"  # without the brokers, which may be renamed
        self._next[partition] = offset + 1
        kind, milliseconds = message.timestamp()
        position = f"kafka://{topic}/{partition}?group={self._address.group}#offset={offset + 1}"
        came_at = milliseconds / 1000 if kind else time.time()
        return Arrival(_found(message.value(), uri), came_at, ((self._fingerprint(partition), position),))

    def _fingerprint(self, partition: int) -> str:
        return digest("kafka", self._address.group, self._address.topic, str(partition))

    def _note(self, error: Any) -> None:
        """Remember what the client says; it goes on by itself where it can."""
        from confluent_kafka import KafkaError

        if error.code() == KafkaError._PARTITION_EOF:
            return
        if error.fatal() or error.code() in (
            KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError._AUTHENTICATION
        ):  # fmt: skip
            raise DatelineError(f"{self.name}: {error.str()}; look at --kafka-config and the rights on the topic")
        self._problem = error.str()


def _found(value: bytes | None, uri: str) -> tuple[Any, ...]:
    if value is None:
        return (DeadLetter("read", "empty_input", "the message has no value, as one that deletes another", uri),)
    return tuple(read_payload(value, uri))


def offset_of(uri: str) -> int:
    """The offset that a position's URI ends with."""
    return int(uri.rpartition("#offset=")[2])


def _said(error: Exception) -> str:
    first = error.args[0] if error.args else error
    return str(first.str() if hasattr(first, "str") else first)
