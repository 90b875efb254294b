"""`dateline show`: one record for the eye."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.show import find_record, highlight, show_article
from schemas.errors import DatasetError, UsageError
from schemas.record import rows_to_table, to_row
from tests.conftest import FinishedRun, dateline
from tests.sample_dataset import SAMPLE, write_part, write_sample


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"))


def shown(root: Path, article: str | None = None) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    show_article(str(root), article, console)
    return console.export_text()


def test_the_record_of_an_id_is_shown_with_entities_and_evidence(sample: Path) -> None:
    text = shown(sample, SAMPLE[0].article_id)
    for expected in ("Headline 1", "Example Post", "VE", "2019-01-10", "Nicolás Maduro", "Lima Group", "against",
                     "The Lima Group rejected Maduro."):
        assert expected in text


def test_without_an_id_the_first_record_is_shown(sample: Path) -> None:
    assert find_record(str(sample), None)["country"] == "NA"
    assert "Headline 5" in shown(sample)


def test_the_first_letters_of_an_id_are_enough_when_they_are_one_articles(sample: Path) -> None:
    assert find_record(str(sample), SAMPLE[0].article_id[:32])["headline"] == "Headline 1"
    with pytest.raises(UsageError, match="more than one"):
        find_record(str(sample), "0000")
    with pytest.raises(UsageError, match="no article's id starts so"):
        find_record(str(sample), "ffff")


def test_mentions_are_highlighted_where_they_are_and_terminal_codes_do_nothing(tmp_path: Path) -> None:
    root = write_sample(tmp_path / "out")
    row = to_row(SAMPLE[0]) | {"text": "\x1b[2J" + SAMPLE[0].text[4:], "article_id": "f" * 32}
    write_part(root, SAMPLE[0].partition, rows_to_table([row]), "part-9.parquet")
    record = find_record(str(root), "f" * 32)
    text = highlight(record)
    assert "\x1b" not in text.plain
    (span,) = [span for span in text.spans if "magenta" in str(span.style)]
    assert text.plain[span.start : span.end] == "Maduro"


def test_an_empty_dataset_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    with pytest.raises(DatasetError, match="holds no articles yet"):
        find_record(str(tmp_path), None)


def test_the_command_shows_a_record_of_a_real_run(examples_run: FinishedRun) -> None:
    question = "SELECT article_id FROM articles WHERE source_uri LIKE '%oas_maduro_term.txt'"
    answer = dateline("query", question, "--data", examples_run.root, "--format", "json")
    (row,) = json.loads(answer.stdout)
    page = dateline("show", examples_run.root, "--article", row["article_id"])
    assert page.exit_code == 0
    for expected in ("Removed", "RELATED", "Entities", "Stances", "Organization of American States"):
        assert expected in page.stdout
    assert dateline("show", examples_run.root, "--article", "zzz").exit_code == 2
    assert dateline("show", examples_run.root / "nothing").exit_code == 1


def test_a_headline_is_shown_as_it_stands(tmp_path: Path) -> None:
    root = write_sample(tmp_path / "out")
    row = to_row(SAMPLE[0]) | {"headline": "Maduro [/video] speaks :smile:", "article_id": "f" * 32}
    write_part(root, SAMPLE[0].partition, rows_to_table([row]), "part-9.parquet")
    assert "Maduro [/video] speaks :smile:" in shown(root, "f" * 32)
