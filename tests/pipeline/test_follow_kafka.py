"""`dateline follow` over Kafka: librdkafka's own mock cluster, which speaks the protocol over a socket."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from pipeline.dataset import Dataset
from pipeline.driver import Models, load_models
from pipeline.follow_options import KafkaAddress, parse_kafka, read_kafka_config
from pipeline.options import StepOptions
from pipeline.sources_kafka import KafkaSource, offset_of
from schemas.errors import DatelineError, UsageError
from tests.conftest import dateline
from tests.pipeline.following import articles, follow_until, options
from tests.pipeline.synthetic import rows
from tests.pipeline.test_follow_folder import STORY, Dies, die_at

TOPIC = "news"


@pytest.fixture(scope="module", autouse=True)
def models() -> Models:
    return load_models(StepOptions())


class Cluster:
    """A mock cluster that lives in a producer of this process, and what the tests ask of one."""

    def __init__(self) -> None:
        self.producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        self.producer.list_topics(TOPIC, timeout=30)  # which makes it
        brokers = self.producer.list_topics(timeout=30).brokers.values()
        self.brokers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        self.address = f"kafka://{self.brokers}/{TOPIC}?group=test"

    def produce(self, *payloads: bytes | None, partition: int = 0) -> None:
        for payload in payloads:
            self.producer.produce(TOPIC, payload, partition=partition)
        assert self.producer.flush(30) == 0

    def stored_offsets(self) -> dict[int, int]:
        """What the group has acknowledged."""
        consumer = Consumer({"bootstrap.servers": self.brokers, "group.id": "test"})
        found = consumer.committed([TopicPartition(TOPIC, partition) for partition in range(4)], timeout=30)
        consumer.close()
        return {position.partition: position.offset for position in found if position.offset >= 0}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    found = Cluster()
    yield found
    found.producer.flush(5)


def message(number: int) -> bytes:
    fields = {"title": f"Ferry {number}", "text": f"{STORY} This is ferry number {number}.", "date": "2019-01-11"}
    return json.dumps(fields | {"url": f"https://news.test/{number}"}).encode()


LINES = b"\n".join(message(number) for number in (20, 21, 22))
PAGE = f"<html><head><title>A page</title></head><body><article><p>{STORY}</p></article></body></html>".encode()
POISON = b'{"title": broken'


def read_rows(root: Path) -> list[str]:
    """Every record and dead letter but for where it was read."""
    letters = ds.dataset(root / "dead_letters").to_table().to_pylist()
    found = [row | {"source_uri": ""} for row in [*rows(root), *letters]]
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in found)


def read_articles(root: Path) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows(root))


def test_a_topic_gives_the_records_of_one_run_over_the_same_payloads(cluster: Cluster, tmp_path: Path) -> None:
    payloads = [message(1), PAGE, LINES, POISON, message(2)]
    cluster.produce(*payloads[:2], partition=0)
    cluster.produce(*payloads[2:], partition=3)
    root, inbox = tmp_path / "out", tmp_path / "in"
    status = follow_until(options(cluster.address, output=root), articles(7))
    assert (status.articles, status.dead_letters) == (7, 1)

    inbox.mkdir()
    for number, payload in enumerate(payloads):
        (inbox / f"{number}.json").write_bytes(payload)
    dateline("run", inbox, tmp_path / "expected", "--max-dead-letters", "100%")
    assert read_rows(root) == read_rows(tmp_path / "expected")
    (letter,) = ds.dataset(root / "dead_letters").to_table().to_pylist()
    assert (letter["source_uri"], letter["payload"]) == ("kafka://news/3/1", POISON)
    assert cluster.stored_offsets() == {0: 2, 3: 3}  # only what is in the dataset, and all of it
    (manifest,) = (json.loads(path.read_text(encoding="utf-8")) for path in (root / "_runs").glob("*.json"))
    assert {read["uri"].partition("?")[0]: offset_of(read["uri"]) for read in manifest["read"]} == {
        "kafka://news/0": 2,
        "kafka://news/3": 3,
    }


def test_a_message_without_a_value_is_a_dead_letter(cluster: Cluster, tmp_path: Path) -> None:
    cluster.produce(None)
    follow_until(options(cluster.address, output=tmp_path / "out"), articles(1))
    (letter,) = ds.dataset(tmp_path / "out" / "dead_letters").to_table().to_pylist()
    assert (letter["source_uri"], letter["reason"]) == ("kafka://news/0/0", "empty_input")


def test_a_follower_that_dies_neither_loses_nor_doubles_a_message(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.produce(*(message(number) for number in range(6)))
    given = options(cluster.address, output=tmp_path / "out", max_articles=2, every_seconds=600.0)
    with pytest.raises(Dies):
        follow_until(given, die_at(1))  # before a commit

    def die(*_: object) -> None:
        raise Dies

    with monkeypatch.context() as killed:
        killed.setattr(KafkaSource, "acknowledge", die)  # after one
        with pytest.raises(Dies):
            follow_until(given, articles(99))
    assert cluster.stored_offsets() == {0: 2}  # the group is behind; the dataset knows better
    last = follow_until(given, articles(2))
    assert (last.articles, last.outcomes["new"]) == (2, 2)
    assert len(rows(tmp_path / "out")) == 6
    assert cluster.stored_offsets() == {0: 6}


def test_what_the_topic_does_not_hold_any_more_is_told_and_the_rest_is_read(cluster: Cluster, tmp_path: Path) -> None:
    cluster.produce(message(1))
    address = parse_kafka(cluster.address)
    with Dataset(str(tmp_path / "out")) as dataset:
        source = KafkaSource(address, dataset.index, {})
        mark = source._fingerprint(0)
        source.close()
        dataset.index.begin()
        dataset.index.record_commit("unit", "run", {}, [(mark, "kafka://news/0?group=test#offset=999")])
        dataset.index.commit()
    said: list[dict[str, str]] = []

    def enough(status: Any) -> bool:
        said.append(dict(status.problems))
        return bool(status.articles)

    follow_until(options(cluster.address, output=tmp_path / "out"), enough)
    assert "the dataset is at offset 999, the topic holds 0 to 1" in said[-1][str(address)]
    assert len(rows(tmp_path / "out")) == 1


def test_articles_that_a_disk_lost_come_again_after_a_rebuild(cluster: Cluster, tmp_path: Path) -> None:
    root = tmp_path / "out"
    cluster.produce(message(1), message(2))
    given = options(cluster.address, output=root, max_articles=2, every_seconds=600.0)
    follow_until(given, articles(2))
    before = read_articles(root)
    for path in (root / "articles").rglob("*.parquet"):
        path.unlink()
    assert dateline("rebuild", root).exit_code == 0
    follow_until(given, articles(2))
    assert read_articles(root) == before


def test_waiting_is_what_the_brokers_have(cluster: Cluster, tmp_path: Path) -> None:
    cluster.produce(*(message(number) for number in range(5)))
    with Dataset(str(tmp_path / "out")) as dataset:
        source = KafkaSource(parse_kafka(cluster.address), dataset.index, {})
        arrivals = source.arrivals()
        first = next(arrivals, None)
        while first is None:  # the client has not fetched yet
            arrivals = source.arrivals()
            first = next(arrivals, None)
        assert source.waiting() == 4
        assert [offset_of(uri) for _, uri in first.marks] == [1]
        source.close()


def test_a_topic_that_is_not_there(cluster: Cluster, tmp_path: Path) -> None:
    config = {"allow.auto.create.topics": "false"}
    address = KafkaAddress(cluster.brokers, "no such topic!")
    with Dataset(str(tmp_path / "out")) as dataset, pytest.raises(UsageError, match="cannot be read"):
        KafkaSource(address, dataset.index, config)


def test_brokers_that_do_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sources_kafka.ANSWER_SECONDS", 0.5)
    address = KafkaAddress("127.0.0.1:1", TOPIC)
    with Dataset(str(tmp_path / "out")) as dataset, pytest.raises(DatelineError, match="no broker answers"):
        KafkaSource(address, dataset.index, {})


@pytest.mark.parametrize(
    "address",
    ["kafka://host:9092", "kafka:///news", "kafka://host/a/b", "kafka://host/news?grop=x", "kafka://u:p@host/news",
     "kafka://host/news?group="],
)  # fmt: skip
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(UsageError):
        parse_kafka(address)


def test_an_address_and_the_clients_settings(tmp_path: Path) -> None:
    address = parse_kafka("kafka://one:9092,two:9092/news?group=wire")
    assert address == KafkaAddress("one:9092,two:9092", "news", "wire")
    assert parse_kafka("kafka://one/news").group == "dateline"
    config = tmp_path / "client.properties"
    config.write_text("# secrets\nsecurity.protocol = SASL_SSL\nsasl.password=a=b\n", encoding="utf-8")
    assert read_kafka_config(str(config)) == {"security.protocol": "SASL_SSL", "sasl.password": "a=b"}
    config.write_text("security.protocol\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 1: expected name=value"):
        read_kafka_config(os.fspath(config))
