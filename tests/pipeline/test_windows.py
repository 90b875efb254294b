"""A source without end on a runner that knows windows: Beam's streaming direct runner, driven by a TestStream."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow.parquet as pq
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.direct.direct_runner import BundleBasedDirectRunner
from apache_beam.testing import test_stream
from apache_beam.transforms.window import IntervalWindow, TimestampedValue
from apache_beam.utils.windowed_value import PANE_INFO_UNKNOWN

from pipeline.dataset import Dataset
from pipeline.windows import commit_window, stream_folder
from schemas.article import Article
from tests.conftest import EXAMPLES, FinishedRun, contents, dateline
from tests.pipeline.synthetic import make_news, stage
from transforms.staged import STAGED_SCHEMA, stage_articles
from transforms.write import _WriteFile

Message = tuple[str, bytes]
STREAM = "stream"
PAGE = (Path(__file__).parents[2] / "docs" / "follow.md").read_text(encoding="utf-8")


def at(second: int, messages: Sequence[Message]) -> list[TimestampedValue]:
    return [TimestampedValue(message, second) for message in messages]


def run_stream(stream: test_stream.TestStream, output: Path) -> None:
    """Run what docs/follow.md shows."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    scope: dict[str, Any] = {}
    exec(compile(code, "docs/follow.md", "exec"), scope)
    pipeline = beam.Pipeline(runner=BundleBasedDirectRunner(), options=PipelineOptions(["--streaming"]))
    scope["draw"](pipeline, stream, str(output))
    pipeline.run().wait_until_finish()


def test_windows_late_data_and_repeats_give_the_bytes_of_one_run(examples_run: FinishedRun, tmp_path: Path) -> None:
    messages = [(str(path), path.read_bytes()) for path in sorted(EXAMPLES.iterdir())]
    stream = (
        test_stream.TestStream()
        .advance_watermark_to(0)
        .add_elements(at(5, messages[:6]))
        .add_elements(at(70, messages[6:9]))  # of the next window, and before its time
        .advance_watermark_to(60)
        .add_elements(at(80, messages[9:14]))
        .add_elements(at(30, messages[14:16]))  # late
        .add_elements(at(90, messages[:2]))  # again: a source that starts over brings some twice
        .advance_watermark_to(120)
        .add_elements(at(30, messages[16:17]))  # later still
        .add_elements(at(200, messages[17:]))
        .advance_watermark_to_infinity()
    )
    output = tmp_path / "out"
    run_stream(stream, output)
    assert contents(output) == contents(examples_run.root)
    assert dateline("check", output).exit_code == 0
    with Dataset(str(output)) as dataset:
        commits = list(dataset.index.commits())
        assert len(commits) >= 5  # three windows in time, and two firings for what came late
        assert {run_id for _, run_id, _ in commits} == {STREAM}
        assert sum(counts["new"] for _, _, counts in commits) == 31
    assert not [path for path in (output / "_state" / "staging").rglob("*") if path.is_file()]


def test_poison_is_a_dead_letter_of_its_window(tmp_path: Path) -> None:
    stream = (
        test_stream.TestStream()
        .add_elements(at(5, [("kafka://news/0/7", b'{"title": broken')]))
        .advance_watermark_to(60)
        .add_elements(at(6, [("kafka://news/0/8", b"")]))
        .advance_watermark_to_infinity()
    )
    run_stream(stream, tmp_path / "out")
    found = dateline("query", "SELECT source_uri FROM dead_letters ORDER BY ALL", "--data", tmp_path / "out")
    assert [line for line in found.stdout.split() if line.startswith("kafka")] == ["kafka://news/0/7", "kafka://news/0/8"]


def test_firings_of_one_window_are_files_of_their_own_whether_or_not_they_are_numbered(tmp_path: Path) -> None:
    write = _WriteFile(str(tmp_path), STAGED_SCHEMA, stage_articles)
    window, one, *others = IntervalWindow(0, 60), *make_news(4)

    def fire(articles: Sequence[Article]) -> str:
        (path,) = write.process(("part-0", articles), window=window, pane=PANE_INFO_UNKNOWN)
        return path

    paths = {fire([one]), fire(others), fire(others[::-1]), fire([one])}
    assert len(paths) == 2  # one that is done again is the same file
    assert sum(pq.read_metadata(path).num_rows for path in paths) == 4


def test_a_firing_that_is_committed_again_changes_no_byte(tmp_path: Path) -> None:
    output = tmp_path / "out"
    staged = Path(stream_folder(str(output), STREAM))
    stage(str(staged), make_news(40))
    shutil.copytree(staged, tmp_path / "kept")
    paths = [str(path) for path in staged.rglob("*.parquet")]
    unit_id = commit_window(str(output), STREAM, paths)
    before = contents(output)
    assert before
    assert commit_window(str(output), STREAM, paths) == unit_id  # the files are gone: they were committed
    shutil.copytree(tmp_path / "kept", staged, dirs_exist_ok=True)
    assert commit_window(str(output), STREAM, reversed(paths)) == unit_id  # a bundle that ran twice wrote them again
    assert contents(output) == before
    assert not list(staged.rglob("*.parquet"))


def test_a_file_that_comes_while_others_are_committed_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "out"
    staged = Path(stream_folder(str(output), STREAM))
    stage(str(staged), make_news(40))
    early, *late = sorted(str(path) for path in staged.rglob("*.parquet"))
    commit_window(str(output), STREAM, [early])
    assert sorted(str(path) for path in staged.rglob("*.parquet")) == late
    commit_window(str(output), STREAM, late)
    with Dataset(str(output)) as dataset:
        assert dataset.index.count() == 40
