"""`dateline run`: what comes out of good and bad inputs, again and again, and how it ends."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from pipeline.driver import Progress, run_batch
from pipeline.interrupts import Interrupts
from pipeline.manifest import RunReport
from pipeline.options import RunOptions, parse_allowance
from schemas.errors import UsageError
from schemas.record import PARTITION_SCHEMA
from tests.conftest import EXAMPLES, FinishedRun, contents, dateline

STORY = (
    "The government of Namibia announced in Windhoek on Tuesday that it will buy two ferries. "
    "President Hage Geingob criticized the opposition, which had rejected the plan."
)


def write_stories(folder: Path, count: int) -> Path:
    """A folder of small text files, each a story of its own."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number:02}.txt").write_text(f"{STORY} The ferries are numbered {number}.", encoding="utf-8")
    return folder


def manifest(root: Path) -> dict[str, Any]:
    """The one run manifest of a dataset."""
    (path,) = (root / "_runs").glob("*.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def dead_letters(root: Path) -> dict[str, dict[str, Any]]:
    """Each dead letter by the name of its file (and its place in it)."""
    rows = ds.dataset(root / "dead_letters").to_table().to_pylist()
    return {Path(row["source_uri"]).name: row for row in rows}


def articles(root: Path) -> list[dict[str, Any]]:
    """Every record of a dataset."""
    partitioning = ds.partitioning(PARTITION_SCHEMA, flavor="hive")
    return list(ds.dataset(root / "articles", partitioning=partitioning).to_table().to_pylist())


def test_every_article_of_the_examples_is_counted_once(examples_run: FinishedRun) -> None:
    assert examples_run.finished.exit_code == 0, examples_run.finished.stderr
    made = manifest(examples_run.root)
    counts = made["counts"]
    assert made["run_id"] == "examples"
    assert made["status"] == "done"
    assert counts["read"] == counts["records"] + counts["merged"] + counts["dead_letters"] == 31
    assert len(articles(examples_run.root)) == counts["new"] == 31
    assert len(made["read"]) == len(list(EXAMPLES.iterdir()))
    assert sorted(made["files_written"]) == sorted(contents(examples_run.root))
    assert made["models"] == {"ner": "ner-e5-small", "stance": "stance-mpnet-6"}


def test_a_second_run_does_nothing_and_again_changes_nothing(examples_run: FinishedRun, tmp_path: Path) -> None:
    root = tmp_path / "out"
    shutil.copytree(examples_run.root, root)
    before = contents(root)
    second = dateline("run", EXAMPLES, root)
    assert "Nothing new: all 22 inputs were done before" in second.stdout
    again = dateline("run", EXAMPLES, root, "--again", "--summary-json", "-")
    assert json.loads(again.stdout)["counts"]["unchanged"] == 31
    assert contents(root) == before


def test_bad_inputs_are_dead_letters_that_say_why_and_good_ones_come_out(tmp_path: Path) -> None:
    inbox = write_stories(tmp_path / "in", 2)
    (inbox / "empty.txt").touch()
    (inbox / "line.txt").write_text("word " * 4_000_000, encoding="utf-8")
    (inbox / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40)
    lines = [json.dumps({"title": "One", "text": STORY + " One."}), '{"title": broken', "[1, 2"]
    lines.append(json.dumps({"title": "Two", "text": STORY + " Two."}))
    (inbox / "lines.jsonl").write_text("\n".join(lines), encoding="utf-8")
    packed = gzip.compress("\n".join(f"{STORY} {number}" for number in range(500)).encode(), mtime=0)
    (inbox / "cut.txt.gz").write_bytes(packed[: len(packed) // 2])
    (inbox / "page.html").write_text("<html><head><title>No body</title></head><body></body></html>", encoding="utf-8")

    finished = dateline("run", inbox, tmp_path / "out")
    assert finished.exit_code == 0, finished.stderr
    letters = dead_letters(tmp_path / "out")
    assert sorted(letters) == [
        "cut.txt.gz", "empty.txt", "line.txt", "lines.jsonl#line=2", "lines.jsonl#line=3", "page.html", "picture.txt",
    ]  # fmt: skip
    assert all(letter["step"] in ("read", "parse") and letter["error"] for letter in letters.values())
    sources = sorted(Path(row["source_uri"]).name for row in articles(tmp_path / "out"))
    assert sources == ["00.txt", "01.txt", "lines.jsonl#line=1", "lines.jsonl#line=4"]
    counts = manifest(tmp_path / "out")["counts"]
    assert (counts["read"], counts["records"], counts["dead_letters"]) == (11, 4, 7)


def test_too_many_dead_letters_is_exit_code_3_and_the_rest_is_there(tmp_path: Path) -> None:
    inbox = write_stories(tmp_path / "in", 2)
    (inbox / "empty.txt").touch()
    summary = tmp_path / "summary.json"
    finished = dateline("run", inbox, tmp_path / "out", "--max-dead-letters", "0", "--summary-json", summary)
    assert finished.exit_code == 3
    assert "1 of 3 articles are dead letters" in finished.stderr
    assert len(articles(tmp_path / "out")) == 2
    assert json.loads(summary.read_text(encoding="utf-8"))["too_many_dead_letters"] is True


@pytest.mark.parametrize(
    ("text", "dead", "read", "exceeded"),
    [
        ("5%", 10, 20, False),
        ("5%", 11, 220, False),
        ("5%", 12, 220, True),
        ("5%", 3, 3, True),
        ("5%", 0, 0, False),
        ("100%", 30, 40, False),
        ("0", 1, 1000, True),
        ("20", 20, 21, False),
    ],
)
def test_allowances(text: str, dead: int, read: int, exceeded: bool) -> None:
    assert parse_allowance(text).is_exceeded(dead_letters=dead, read=read) is exceeded


@pytest.mark.parametrize("text", ["", "five", "-1", "101%", "5 per cent", "1.5", "nan%"])
def test_what_is_no_allowance(text: str) -> None:
    with pytest.raises(UsageError, match="--max-dead-letters"):
        parse_allowance(text)


def test_only_new_and_changed_files_are_read(tmp_path: Path) -> None:
    inbox = write_stories(tmp_path / "in", 2)
    dateline("run", inbox, tmp_path / "out")
    write_stories(inbox, 1)  # the same content at another time
    (inbox / "new.txt").write_text(f"{STORY} This one is new.", encoding="utf-8")
    summary = json.loads(dateline("run", inbox, tmp_path / "out", "--summary-json", "-").stdout)
    assert summary["inputs"] == {"found": 3, "done_before": 1}
    assert (summary["counts"]["new"], summary["counts"]["unchanged"]) == (1, 1)


def test_a_dataset_below_its_inputs_is_not_an_input(tmp_path: Path) -> None:
    inbox = write_stories(tmp_path / "in", 2)
    for _ in range(2):
        finished = dateline("run", inbox, inbox / "out")
        assert finished.exit_code == 0, finished.stderr
    assert len(articles(inbox / "out")) == 2
    assert dateline("run", inbox / "out", inbox / "out").exit_code == 2


def options(inbox: Path, output: Path, **more: Any) -> RunOptions:
    """Two articles a unit, so that a small run has several."""
    values = {"inputs": (str(inbox),), "output": str(output), "unit_articles": 2, "run_id": "r"}
    return RunOptions(**(values | more))


class StopAfter:
    """Interrupts a run after so many units, as Ctrl-C would."""

    def __init__(self, units: int, interrupts: Interrupts) -> None:
        self.left, self.interrupts = units, interrupts

    def __call__(self, progress: Progress) -> None:
        self.left -= bool(progress.articles)
        if self.left == 0:
            self.interrupts.seen = True
            raise KeyboardInterrupt


def test_an_interrupted_run_is_completed_by_the_next_one(tmp_path: Path) -> None:
    inbox = write_stories(tmp_path / "in", 5)
    (inbox / "many.jsonl").write_text(
        "\n".join(json.dumps({"text": f"{STORY} Line {number}."}) for number in range(7)), encoding="utf-8"
    )
    whole = run_batch(options(inbox, tmp_path / "whole"), watch=lambda progress: None, interrupts=Interrupts())
    assert whole.counts["new"] == 12
    cut = tmp_path / "cut"
    told: list[RunReport] = []
    for _ in range(3):
        interrupts = Interrupts()
        with pytest.raises(KeyboardInterrupt):
            run_batch(options(inbox, cut), watch=StopAfter(2, interrupts), interrupts=interrupts, account=told.append)
        assert manifest(cut)["status"] == "interrupted"
    last = run_batch(options(inbox, cut), watch=lambda progress: None, interrupts=Interrupts(), account=told.append)
    assert [report.status for report in told] == ["interrupted"] * 3 + ["done"]
    assert told[-1] == last
    assert last.counts == whole.counts  # of all tries; nothing was worked on twice
    assert contents(cut) == contents(tmp_path / "whole")


def test_an_unreadable_input_is_tried_again_the_next_time(tmp_path: Path) -> None:
    inbox = write_stories(tmp_path / "in", 1)
    stranger = inbox / "zz.txt"
    stranger.write_text(f"{STORY} Behind a door.", encoding="utf-8")

    def lose(progress: Progress) -> None:
        stranger.rename(tmp_path / "away") if stranger.exists() else None

    output = tmp_path / "out"
    lost = run_batch(options(inbox, output), watch=lose, interrupts=Interrupts())
    assert lost.tally.reasons == {("read", "unreadable"): 1}
    (tmp_path / "away").rename(stranger)
    found = run_batch(options(inbox, output, run_id="s"), watch=lambda progress: None, interrupts=Interrupts())
    assert found.counts["new"] == 1
    assert len(articles(output)) == 2
    assert not list((output / "dead_letters").rglob("*.parquet"))


def test_an_input_that_is_alone_and_unreadable_is_tried_again_too(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    stranger, output = inbox / "zz.txt", tmp_path / "out"
    stranger.write_text(f"{STORY} Behind a door.", encoding="utf-8")

    def lose(progress: Progress) -> None:
        stranger.rename(tmp_path / "away") if stranger.exists() else None

    lost = run_batch(options(inbox, output), watch=lose, interrupts=Interrupts())
    assert lost.tally.reasons == {("read", "unreadable"): 1}
    (tmp_path / "away").rename(stranger)
    found = run_batch(options(inbox, output, run_id="s"), watch=lambda progress: None, interrupts=Interrupts())
    assert found.counts["new"] == 1
    assert not list((output / "dead_letters").rglob("*.parquet"))


def test_a_corrected_file_takes_the_dead_letters_of_its_old_lines_along(tmp_path: Path) -> None:
    file, output = tmp_path / "news.jsonl", tmp_path / "out"
    line = json.dumps({"title": "A bridge closes", "text": STORY})
    file.write_text(f"{line}\n{{\n{{\n", encoding="utf-8")
    found = run_batch(options(file, output), watch=lambda progress: None, interrupts=Interrupts())
    assert found.counts["dead_letters"] == 2
    file.write_text(f"{line}\n", encoding="utf-8")
    run_batch(options(file, output, run_id="s"), watch=lambda progress: None, interrupts=Interrupts())
    assert not list((output / "dead_letters").rglob("*.parquet"))
