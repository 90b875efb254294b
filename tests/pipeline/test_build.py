"""The graph: one article alone and in company, against the same functions in a plain loop."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.driver import Models, load_models
from pipeline.options import StepOptions
from pipeline.runners import CreateDocuments, ReadInputs, run_elsewhere, run_in_process, runner_flags
from schemas.article import DeadLetter, Document
from schemas.errors import UsageError
from schemas.record import to_row
from tests.conftest import EXAMPLES
from transforms.classify import classify_stances
from transforms.clean import clean_article
from transforms.date import date_article
from transforms.inputs import list_inputs
from transforms.language import detect_language
from transforms.locate import locate_article
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.recognize import recognize_mentions
from transforms.resolve import resolve_entities

OPTIONS = StepOptions()


@pytest.fixture(scope="module")
def models() -> Models:
    """Held for the module, so that every pipeline below finds them loaded."""
    return load_models(OPTIONS)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    found = [item for file in list_inputs([str(EXAMPLES)]) for item in read_documents(file.uri)]
    return [item for item in found if isinstance(item, Document)]


@pytest.fixture(scope="module")
def together(documents: list[Document], models: Models, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The records of all examples in one pipeline, by source."""
    return records(documents, tmp_path_factory.mktemp("together"))


def records(documents: Sequence[Document], folder: Path) -> dict[str, dict[str, Any]]:
    """What the graph stages for documents, by source."""
    run_in_process(CreateDocuments(documents, ()), str(folder), OPTIONS)
    return staged(folder)


def staged(folder: Path) -> dict[str, dict[str, Any]]:
    rows = [row for path in (folder / "records").glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    return {row["source_uri"]: row for row in rows}


def test_one_article_alone_is_the_record_that_it_is_in_company(
    documents: list[Document], together: dict[str, Any], tmp_path: Path
) -> None:
    assert len(together) == len(documents) == 31
    for number in (0, 7, 18, 30):
        (alone,) = records([documents[number]], tmp_path / str(number)).values()
        assert alone == together[documents[number].source_uri]


def test_the_order_of_articles_makes_no_difference(
    documents: list[Document], together: dict[str, Any], tmp_path: Path
) -> None:
    shuffled = random.Random(7).sample(documents, len(documents))
    assert records(shuffled, tmp_path) == together


def test_the_graph_is_the_steps_in_a_plain_loop(
    documents: list[Document], together: dict[str, Any], models: Models
) -> None:
    for document in documents[::5]:
        article = detect_language(clean_article(parse_document(document)))
        (recognized,) = recognize_mentions([article], models.ner)
        (classified,) = classify_stances([resolve_entities(recognized)], models.stance)
        row = to_row(date_article(locate_article(classified)))
        record = together[document.source_uri]
        for name in ("article_id", "text", "language", "windows", "tokens", "content_hash", "date_evidence"):
            assert record[name] == row[name]
        assert spans_of(record) == spans_of(row)
        assert stances_of(record) == stances_of(row)


def spans_of(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(item[name] for name in ("start_char", "end_char", "label", "entity")) for item in row["mentions"]]


def stances_of(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(item[name] for name in ("holder", "target", "stance", "via")) for item in row["stances"]]


def test_what_a_step_cannot_do_is_staged_as_a_dead_letter_beside_what_was_unread(
    documents: list[Document], models: Models, tmp_path: Path
) -> None:
    broken = replace(documents[0], source_uri="broken", media_type="application/json", payload=b"{")
    unread = DeadLetter("read", "unreadable", "gone", "gone.txt")
    run_in_process(CreateDocuments([broken, documents[1]], [unread]), str(tmp_path), OPTIONS)
    assert list(staged(tmp_path)) == [documents[1].source_uri]
    letters = pq.read_table(tmp_path / "dead_letters").to_pylist()
    assert sorted((row["step"], row["reason"], row["source_uri"]) for row in letters) == [
        ("parse", "invalid_json", "broken"), ("read", "unreadable", "gone.txt")
    ]  # fmt: skip


def test_a_portable_runner_gives_the_same_records(
    documents: list[Document], together: dict[str, Any], tmp_path: Path
) -> None:
    flags = runner_flags("PortableRunner", ["job_endpoint=embed", "environment_type=LOOPBACK"])
    inputs = [str(EXAMPLES / name) for name in ("oas_maduro_term.txt", "wire_day.jsonl", "nile_monitor.csv")]
    run_elsewhere(ReadInputs(inputs), str(tmp_path), OPTIONS, flags)
    found = staged(tmp_path)
    assert len(found) == 6
    assert found == {source: together[source] for source in found}


def test_a_runners_mistyped_option_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean job_endpoint"):
        runner_flags("PortableRunner", ["job_endpont=embed"])
    flags = runner_flags("FlinkRunner", ["flink_master=host:8081"])
    assert flags == ["--runner=FlinkRunner", "--flink_master=host:8081"]
