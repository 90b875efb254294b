"""The batch driver: inputs to work units, each through the graph and into the dataset, and an account of it all."""

import datetime as dt
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import apache_beam as beam

from models.ner import NerModel
from models.stance import StanceModel
from pipeline.dataset import Dataset
from pipeline.interrupts import Interrupts
from pipeline.manifest import RunReport, count_commits, make_manifest
from pipeline.options import EVERY_DAY, IN_PROCESS, RunOptions, StepOptions
from pipeline.runners import ReadInputs, run_elsewhere, runner_flags
from pipeline.tally import tally_staged
from pipeline.units import Unit, cut_units, fingerprint
from pipeline.work import Mark, Worker
from schemas.article import Document
from schemas.days import Days
from schemas.errors import DatelineError, UsageError
from transforms.classify import shared_stance_model
from transforms.inputs import InputFile, list_inputs
from transforms.path_dates import select_inputs
from transforms.recognize import shared_ner_model
from transforms.select import SelectDocuments, is_within


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `bytes_read` of `bytes_total` is what the time left is reckoned by."""

    articles: int = 0
    dead_letters: int = 0
    bytes_read: int = 0
    bytes_total: int = 0
    inputs_found: int = 0
    inputs_done_before: int = 0


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a run. Whoever holds them keeps them loaded for every unit in this process."""

    ner: NerModel
    stance: StanceModel

    @property
    def names(self) -> dict[str, str]:
        """Their names as records state them."""
        return {"ner": self.ner.name, "stance": self.stance.name}


Watcher = Callable[[Progress], None]
Accountant = Callable[[RunReport], None]


def load_models(options: StepOptions) -> Models:
    """Load and check the models; ModelError says why one cannot be had."""
    return Models(shared_ner_model(options.ner_model), shared_stance_model(options.stance_model))


def run_batch(
    options: RunOptions, *, watch: Watcher, interrupts: Interrupts, account: Accountant | None = None
) -> RunReport:
    """Bring every article of the inputs that is not there yet into the dataset.

    `watch` is called once before the first article is read and after every unit, `account` with the report, however the
    run ends. A run that is interrupted or fails leaves a whole dataset, and says how far it came in its manifest; run
    again, it does the rest.

    Raises:
        UsageError: an input or an option that cannot be; nothing was touched.
        ModelError: a model that cannot be had; nothing was touched.
        DatasetError: the dataset cannot be written, or another run is writing it.
    """
    tell = account or (lambda report: None)
    flags = [] if options.runner == IN_PROCESS else runner_flags(options.runner, options.runner_options)
    inputs = find_inputs(options)
    models = load_models(options.steps)
    with Dataset(options.output, part_files=options.part_files) as dataset, dataset.lock():
        run = BatchRun(options, flags, dataset, inputs, models, watch, interrupts)
        try:
            run.go()
        except BaseException:
            with suppress(DatelineError):  # the first error is the one to tell
                tell(run.report("interrupted" if interrupts.seen else "failed"))
            interrupts.check()
            raise
        report = run.report("done")
    tell(report)
    return report


class BatchRun:
    """One try of a run over a locked dataset."""

    def __init__(
        self,
        options: RunOptions,
        flags: Sequence[str],
        dataset: Dataset,
        inputs: list[InputFile],
        models: Models,
        watch: Watcher,
        interrupts: Interrupts,
    ) -> None:
        self.options, self.flags, self.dataset, self.models = options, flags, dataset, models
        self.watch, self.interrupts = watch, interrupts
        self.started_at, self.clock = dt.datetime.now(dt.UTC), time.monotonic()
        self.run_id = options.run_id or f"{self.started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.salt = salt_of(options, models, self.run_id)
        marks = {file: fingerprint(file, self.salt) for file in inputs}
        self.inputs = [file for file in inputs if not dataset.is_done(marks[file])]
        self.worker = Worker(dataset, options.steps, check=interrupts.check)
        self.days = article_days(options)
        self.outside = 0
        self.progress = Progress(
            bytes_total=sum(file.size for file in self.inputs),
            inputs_found=len(inputs),
            inputs_done_before=len(inputs) - len(self.inputs),
        )

    def go(self) -> None:
        """Do what is not done yet."""
        self.watch(self.progress)
        if not self.inputs:
            return
        if self.options.runner == IN_PROCESS:
            self._go_in_process()
        else:
            self._go_elsewhere()

    def report(self, status: str) -> RunReport:
        """Account for the run so far, and write its manifest."""
        counts = count_commits(self.dataset.index, self.run_id)
        limit = self.options.max_dead_letters
        report = RunReport(
            run_id=self.run_id,
            status=status,
            output=self.options.output,
            started_at=self.started_at,
            seconds=time.monotonic() - self.clock,
            timings={name: round(seconds, 3) for name, seconds in sorted(self.worker.timings.items())},
            inputs_found=self.progress.inputs_found,
            inputs_done_before=self.progress.inputs_done_before,
            articles_outside=self.outside if self.days else None,
            counts=counts,
            tally=self.worker.tally,
            models=self.models.names,
            too_many_dead_letters=limit.is_exceeded(dead_letters=counts["dead_letters"], read=counts["read"]),
        )
        self.dataset.write_manifest(self.run_id, make_manifest(report, self.options, self.dataset.index))
        return report

    def _go_in_process(self) -> None:
        options = self.options
        committed = self.dataset.committed_units()
        units = cut_units(self.inputs, salt=self.salt, articles=options.unit_articles, size=options.unit_bytes)
        for unit in units:
            if unit.finished or unit.unit_id not in committed:  # an input that is not done could not be opened then
                documents = self._within(unit.documents)
                outside = len(unit.documents) - len(documents)
                staged = self.worker.stage(unit.unit_id, documents, unit.dead_letters)
                marks, articles = self._marks(unit.finished), unit.articles - outside
                self.worker.commit(self.run_id, unit.unit_id, staged, marks, articles=articles, whole=self._whole(unit))
                self.outside += outside
            self._advance(unit)

    def _go_elsewhere(self) -> None:
        staging = self.dataset.staging(self.run_id)
        source: beam.PTransform = ReadInputs([file.uri for file in self.inputs])
        if self.days:
            source = SelectDocuments(source, self.days, dict(self.options.steps.fields))
        with self.worker.timed("graph"):
            self.outside = run_elsewhere(source, staging, self.options.steps, self.flags)
        self.worker.commit(self.run_id, self.run_id, tally_staged(staging), self._marks(self.inputs), articles=None)

    def _within(self, documents: list[Document]) -> list[Document]:
        """The documents that the run is about: all of them, or those of its days."""
        fields = dict(self.options.steps.fields)
        return [item for item in documents if is_within(item, self.days, fields)] if self.days else documents

    def _whole(self, unit: Unit) -> list[str]:
        """The inputs of which every article is in the unit; none where a run takes the articles of some days alone."""
        return [] if self.days else [piece.input.uri for piece in unit.pieces if piece.first == 0 and piece.is_last]

    def _marks(self, finished: Iterable[InputFile]) -> list[Mark]:
        return [(fingerprint(file, self.salt), file.uri) for file in finished]

    def _advance(self, unit: Unit) -> None:
        self.progress = replace(
            self.progress,
            articles=self.progress.articles + unit.articles,
            dead_letters=self.worker.tally.dead_letters,
            bytes_read=self.progress.bytes_read + unit.bytes_read,
        )
        self.watch(self.progress)


def salt_of(options: RunOptions, models: Models, run_id: str) -> str:
    """What makes one input's work another work: fields, models, days, and with `--again` the run."""
    steps = options.steps
    parts = [*(f"{field}={path}" for field, path in steps.fields), *models.names.values(), str(steps.stance_threshold)]
    if days := article_days(options):
        parts.append(f"{days.since}..{days.until}")
    return "|".join([*parts, run_id] if options.again else parts)


def article_days(options: RunOptions) -> Days:
    """The days that articles must be of: none where the days are those of paths."""
    return EVERY_DAY if options.path_date else options.days


def find_inputs(options: RunOptions) -> list[InputFile]:
    """The inputs of a run, those of its days where paths say them; UsageError where there are none at all."""
    inputs = _outside(options.output, list_inputs(options.inputs))
    if options.path_date and options.days:
        return select_inputs(inputs, options.days, options.path_date)
    return inputs


def _outside(output: str, inputs: list[InputFile]) -> list[InputFile]:
    """The inputs that the dataset did not write itself; UsageError where there are none."""
    found = list(not_below(output, inputs))
    if not found:
        raise UsageError(f"all {len(inputs)} inputs lie in {output}, where the dataset is: name another output")
    return found


def not_below(output: str, inputs: Iterable[InputFile]) -> Iterator[InputFile]:
    """The inputs that do not lie where the dataset is."""
    root = Path(output).resolve()
    for file in inputs:
        if "://" in output or "://" in file.uri or not Path(file.uri).resolve().is_relative_to(root):
            yield file
