"""Follow: units without end. What `run` does with inputs that are there, done with what comes in.

Every unit takes the path of a run's unit: through the graph into a staging folder, and from there into the dataset in
one commit, together with the marks of what it was made of (a file's fingerprint, a topic's offset, a feed's entry).
A process that dies at any moment has either committed a unit and its marks or neither.

The account of a follower is written as run manifests, one an hour and one at the end, from what the index has of it;
the manifest that a killed follower owes is written by the next one.
"""

import datetime as dt
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from itertools import takewhile

from pipeline.commit import CommitCounts
from pipeline.dataset import RUNS, STAGING, Dataset
from pipeline.driver import Models, load_models, salt_of
from pipeline.files import LocalFiles
from pipeline.follow_options import FollowOptions, is_kafka, parse_kafka, read_feed_list, read_kafka_config
from pipeline.follow_unit import UNIT_PREFIX, FollowUnit, Gatherer, Source
from pipeline.interrupts import StopSignals
from pipeline.manifest import RunReport, count_commits, make_manifest
from pipeline.metrics import OUTCOMES, Metrics
from pipeline.sources_feeds import FeedsSource
from pipeline.sources_folder import FolderSource
from pipeline.sources_kafka import KafkaSource
from pipeline.status import GATHERING, STOPPED, WAITING, WORKING, FollowStatus, Rate, write_status
from pipeline.tally import Tally
from pipeline.work import Worker
from schemas.errors import DatasetError

RUN_PREFIX = "follow-"
OWN_RUN = re.compile(rf"{RUN_PREFIX}\d{{8}}T\d{{6}}Z")
RUN_SECONDS = 3600.0  # a manifest lists what its run read, so a run ends before the list is long
HEARTBEAT_SECONDS, REMOTE_HEARTBEAT_SECONDS = 2.0, 15.0

Watcher = Callable[[FollowStatus], None]


def follow(options: FollowOptions, *, watch: Watcher, signals: StopSignals) -> FollowStatus:
    """Bring what the sources give into the dataset until `signals` says stop; returns the account at the end.

    `watch` is called at every turn with the same status object.

    Raises:
        UsageError: a source or an option that cannot be.
        ModelError: a model that cannot be had.
        DatasetError: the dataset cannot be written, or another process is writing it.
    """
    feeds, kafka = read_feed_list(options.feeds), read_kafka_config(options.kafka_config)
    models = load_models(options.steps)
    with Dataset(options.output, part_files=options.part_files) as dataset, dataset.lock(), ExitStack() as opened:
        salt = salt_of(options.as_run, models, "")
        sources: list[Source] = []
        for name in options.sources:
            source = (
                KafkaSource(parse_kafka(name), dataset.index, kafka)
                if is_kafka(name)
                else FolderSource(name, dataset.index, options, salt=salt)
            )
            opened.callback(source.close)
            sources.append(source)
        if feeds:
            sources.append(FeedsSource(feeds, dataset.index, salt=salt, interval=options.feed_seconds))
        return Follower(options, dataset, models, sources, watch, signals).go()


class Follower:
    """One process that follows sources into a locked dataset."""

    def __init__(
        self,
        options: FollowOptions,
        dataset: Dataset,
        models: Models,
        sources: Sequence[Source],
        watch: Watcher,
        signals: StopSignals,
    ) -> None:
        self.options, self.dataset, self.models, self.sources = options, dataset, models, sources
        self.watch, self.signals = watch, signals
        self.status = FollowStatus(tuple(source.name for source in sources), outcomes=dict.fromkeys(OUTCOMES, 0))
        self.metrics = Metrics(self.status)
        self.rate = Rate(time.monotonic())
        local = isinstance(dataset.files, LocalFiles)
        self._heartbeat = HEARTBEAT_SECONDS if local else REMOTE_HEARTBEAT_SECONDS
        self._next_heartbeat = 0.0
        self._start_run()

    def go(self) -> FollowStatus:
        """Follow until told to stop; the unit that is open then is finished."""
        with ExitStack() as served:
            if self.options.metrics_port is not None:
                served.enter_context(self.metrics.serve(self.options.metrics_port, self.options.metrics_host))
            self._follow()
        return self.status

    def _follow(self) -> None:
        self._clear_staging()
        self._write_owed_manifests()
        gatherer = Gatherer(
            self.sources,
            every_seconds=self.options.every_seconds,
            max_articles=self.options.max_articles,
            max_bytes=self.options.unit_bytes,
            stopping=lambda: self.signals.stopping,
            idle=self._idle,
        )
        self.signals.wait_for_units()
        status = "failed"
        try:
            for unit in gatherer.units():
                self._work(unit)
            status = "done"
        except Exception:
            self.signals.check()  # Beam makes an error of its own of an interrupt
            raise
        finally:
            self.status.state = STOPPED
            with suppress(DatasetError, OSError):  # the first error is the one to tell
                self._end_run("interrupted" if self.signals.seen else status)
                self._say(at_once=True)

    def _work(self, unit: FollowUnit) -> None:
        self._set_open(unit.articles, unit.came_at, WORKING)
        self._say(at_once=True)
        started, before = time.monotonic(), dict(self.worker.step_seconds)
        committed_before = self.worker.timings["commit"]
        staged = self.worker.stage(unit.unit_id, unit.documents, unit.dead_letters)
        marks = unit.marks
        counts = self.worker.commit(self.status.run_id, unit.unit_id, staged, marks.items(), articles=unit.articles)
        for source in self.sources:
            source.acknowledge(marks)
        seconds = time.monotonic() - started
        self.metrics.add_unit(
            counts,
            staged,
            seconds=seconds,
            commit_seconds=self.worker.timings["commit"] - committed_before,
            steps={step: taken - before.get(step, 0.0) for step, taken in self.worker.step_seconds.items()},
        )
        self._count(unit, counts, seconds)
        self._say(at_once=True)
        if time.monotonic() - self._run_started >= RUN_SECONDS:
            self._end_run("done")
            self._start_run()

    # What is told

    def _idle(self, articles: int, came_at: float | None) -> None:
        self._set_open(articles, came_at, GATHERING if articles else WAITING)
        self._say()

    def _set_open(self, articles: int, came_at: float | None, state: str) -> None:
        self.status.open, self.status.open_since, self.status.state = articles, came_at, state

    def _ask_sources(self) -> None:
        status = self.status
        status.waiting = sum(source.waiting() for source in self.sources)
        problems = ((source.name, source.problem()) for source in self.sources)
        status.problems = {name: problem for name, problem in problems if problem}

    def _count(self, unit: FollowUnit, counts: CommitCounts, seconds: float) -> None:
        status = self.status
        status.units += 1
        status.articles += unit.articles
        status.dead_letters += counts.dead_letters
        for outcome in OUTCOMES:
            status.outcomes[outcome] += getattr(counts, outcome)
        status.committed_at, status.unit_seconds = time.time(), seconds
        self.rate.add(time.monotonic(), unit.articles)
        self._set_open(0, None, WAITING)

    def _say(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        self.status.rate = self.rate.at(now)
        if at_once or now >= self._next_heartbeat:
            self._next_heartbeat = now + self._heartbeat
            self._ask_sources()
            with suppress(OSError):  # a disk that is full, a network that is away: the next commit says so, or goes
                write_status(self.dataset.files, self.status)
        self.watch(self.status)

    # Runs

    def _start_run(self) -> None:
        self._run_started, moment = time.monotonic(), dt.datetime.now(dt.UTC)
        self.status.run_id = f"{RUN_PREFIX}{moment:%Y%m%dT%H%M%SZ}"
        self.worker = Worker(self.dataset, self.options.steps, check=self.signals.check)

    def _end_run(self, status: str) -> None:
        seconds = time.monotonic() - self._run_started
        timings = self.worker.timings
        self._write_manifest(self.status.run_id, status, self.worker.tally, seconds=seconds, timings=timings)

    def _clear_staging(self) -> None:
        """Remove what units of killed followers left: other articles come with theirs, so nobody takes them up."""
        files = self.dataset.files
        units = {path.split("/")[2] for path in files.walk(STAGING)}
        for unit_id in units:
            if unit_id.startswith(UNIT_PREFIX):
                files.remove_folder(f"{STAGING}/{unit_id}")

    def _write_owed_manifests(self) -> None:
        """The manifests of followers that were killed before they could write them."""
        exists = self.dataset.files.exists
        runs = [run for run in self.dataset.index.runs(RUN_PREFIX) if OWN_RUN.fullmatch(run)]  # not a run "follow-up"
        for owed in takewhile(lambda run: not exists(f"{RUNS}/{run}.json"), runs):
            self._write_manifest(owed, "interrupted", Tally(), seconds=0.0, timings={})

    def _write_manifest(
        self, run_id: str, status: str, tally: Tally, *, seconds: float, timings: dict[str, float]
    ) -> None:
        index = self.dataset.index
        counts = count_commits(index, run_id)
        if not counts["read"]:
            return  # an hour in which nothing came
        report = RunReport(
            run_id=run_id,
            status=status,
            output=self.options.output,
            started_at=_started_at(run_id),
            seconds=seconds,
            timings={name: round(taken, 3) for name, taken in sorted(timings.items())},
            inputs_found=len(index.inputs(run_id)),
            inputs_done_before=0,
            articles_outside=None,
            counts=counts,
            tally=tally,
            models=self.models.names,
        )
        self.dataset.write_manifest(run_id, make_manifest(report, self.options, index))


def _started_at(run_id: str) -> dt.datetime:
    return dt.datetime.strptime(run_id, f"{RUN_PREFIX}%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)


