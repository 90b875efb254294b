"""Native streaming: what a window of an unbounded source has staged goes into the dataset when the window fires.

`build` draws the same graph over a source without end, which brings its windows with it. `CommitWindows` follows its
two ends; each firing commits the very files that it names, so late ones come in commits of their own. A runner may do
anything twice here: staged files have names of their own and appear whole, committing is set union, and a file is
removed only after it was committed.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.transforms.trigger import AccumulationMode, AfterCount, AfterWatermark
from apache_beam.transforms.window import FixedWindows
from apache_beam.utils.timestamp import Duration

from pipeline.build import Written
from pipeline.dataset import STAGING, Dataset
from pipeline.units import digest
from transforms.read import ReadPayloads, ReadResults
from transforms.write import DEAD_LETTERS, RECORDS

LOCK_SECONDS = 1800.0  # how long a worker waits for another window's commit
_KEY = "window"


def stream_folder(output: str, name: str) -> str:
    """Where a stream of this name stages its files: the folder for `stage_into`."""
    return f"{output.rstrip('/')}/{STAGING}/{name}"


@dataclass(eq=False)
class ReadMessages(beam.PTransform):
    """An unbounded source for `build`: the articles of `messages`, a root that gives pairs of a URI and bytes.

    The URI names a message for good (topic, partition and offset). Windows go by the time when a message came, not by
    an article's date, so that only what the runner held up is late; runners drop what comes after `lateness_seconds`.
    """

    messages: beam.PTransform
    window_seconds: float = 60.0
    lateness_seconds: float = 7 * 86_400.0

    def expand(self, begin: beam.pvalue.PBegin) -> ReadResults:
        """Documents and dead letters, in windows that fire once in time and again for everything late."""
        windows = beam.WindowInto(
            FixedWindows(self.window_seconds),
            trigger=AfterWatermark(late=AfterCount(1)),
            accumulation_mode=AccumulationMode.DISCARDING,
            allowed_lateness=Duration(self.lateness_seconds),
        )
        found: ReadResults = begin | self.messages | windows | "ReadEach" >> ReadPayloads()
        return found


@dataclass(eq=False)
class CommitWindows(beam.PTransform):
    """Commit what each window has staged, every time that it fires. Workers must see `output` under its name."""

    output: str
    name: str  # of the stream: the run_id of its commits
    part_files: int | None = None

    def expand(self, written: Written) -> beam.PCollection[str]:
        """The unit_id of each commit."""
        return (
            tuple(written)
            | "Flatten" >> beam.Flatten()
            | "KeyTogether" >> beam.Map(_key_together)
            | "GroupByWindow" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(_Commit(self.output, self.name, self.part_files))
        )


def _key_together(path: str) -> tuple[str, str]:
    return _KEY, path


class _Commit(beam.DoFn):
    def __init__(self, output: str, name: str, part_files: int | None) -> None:
        self.output, self.name, self.part_files = output, name, part_files

    def process(self, group: tuple[str, Iterable[str]]) -> Iterator[str]:
        yield commit_window(self.output, self.name, group[1], part_files=self.part_files)


def commit_window(output: str, name: str, paths: Iterable[str], *, part_files: int | None = None) -> str:
    """Commit the staged files of one firing; done a second time, it changes no byte of the dataset.

    Files that are gone were committed by an earlier try. Returns the commit's unit_id, the same for the same files.
    """
    root = output.rstrip("/")
    staged = sorted({path.removeprefix(f"{root}/") for path in paths})
    unit_id = digest(*staged)
    with Dataset(output, part_files=part_files) as dataset, dataset.lock(LOCK_SECONDS):
        folder = dataset.staging(unit_id).removeprefix(f"{root}/")
        for number, path in enumerate(staged):
            with suppress(FileNotFoundError):
                kind = RECORDS if f"/{RECORDS}/" in path else DEAD_LETTERS
                dataset.files.write(f"{folder}/{kind}/{number}.parquet", dataset.files.read(path))
        dataset.commit(unit_id, run_id=name)
        for path in staged:
            dataset.files.remove(path)
    return unit_id
