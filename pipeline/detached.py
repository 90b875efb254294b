"""A run whose launcher does not wait: the graph's last step, on a worker, commits what the others have staged.

Dataflow's templates are of this kind: the program that draws the graph must end before the job starts, so nobody is
left to commit. `dateline run --runner` waits, and needs none of this.
"""

import argparse
import datetime as dt
import secrets
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.build import build
from pipeline.dataset import Dataset
from pipeline.driver import article_days, find_inputs, load_models, salt_of
from pipeline.manifest import RunReport, count_commits, make_manifest
from pipeline.options import RunOptions, StepOptions, parse_allowance, parse_days, parse_fields, parse_path_date
from pipeline.runners import ReadInputs, stage_into
from pipeline.tally import tally_staged
from pipeline.units import digest, fingerprint
from pipeline.work import Mark, Worker
from schemas.errors import DatelineError
from transforms.select import SelectDocuments

LOCK_SECONDS = 1800.0  # how long a worker waits for another run to finish its commit


@dataclass(frozen=True, slots=True)
class Plan:
    """What the worker that commits needs to know of the run."""

    options: RunOptions
    run_id: str
    unit_id: str
    marks: tuple[Mark, ...]  # of the inputs that are new
    models: tuple[tuple[str, str], ...]
    started_at: dt.datetime
    inputs_found: int


def launch(options: RunOptions, flags: Sequence[str]) -> Any:
    """Draw the graph over the inputs that are new, hand it to the runner that `flags` name, and return its result."""
    inputs = find_inputs(options)
    models = load_models(options.steps)
    started_at = dt.datetime.now(dt.UTC)
    run_id = options.run_id or f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    salt = salt_of(options, models, run_id)
    with Dataset(options.output, part_files=options.part_files) as dataset, dataset.lock(LOCK_SECONDS):
        marks = [(fingerprint(file, salt), file.uri) for file in inputs]
        marks = [(mark, uri) for mark, uri in marks if not dataset.is_done(mark)]
        # its own even where a scheduler starts one run twice: neither may empty what the other stages
        unit_id = digest(run_id, secrets.token_hex(8), *(mark for mark, _ in marks))
        staging = dataset.staging(unit_id)
    plan = Plan(options, run_id, unit_id, tuple(marks), tuple(models.names.items()), started_at, len(inputs))
    pipeline = beam.Pipeline(options=PipelineOptions(list(flags)))
    source: beam.PTransform = ReadInputs([uri for _, uri in marks])
    if days := article_days(options):
        source = SelectDocuments(source, days, dict(options.steps.fields))
    written = build(pipeline, source, stage_into(staging), options.steps)
    begun = pipeline | "Begin" >> beam.Create([staging])  # a run that writes nothing has an account too
    (written.records, written.dead_letters, begun) | "CommitRun" >> CommitRun(plan, staging)
    return pipeline.run()


@dataclass(eq=False)
class CommitRun(beam.PTransform):
    """Commit the staged unit, once, when every file of it is written."""

    plan: Plan
    staging: str

    def expand(self, written: tuple[beam.PCollection[str], ...]) -> beam.PCollection[str]:
        """The path of the run's manifest."""
        return (
            written
            | "Flatten" >> beam.Flatten()
            | "KeyByUnit" >> beam.Map(_key_by_unit, self.plan.unit_id)
            | "GroupByUnit" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(_Commit(self.plan, self.staging))
        )


def _key_by_unit(path: str, unit_id: str) -> tuple[str, str]:
    return unit_id, path


class _Commit(beam.DoFn):
    def __init__(self, plan: Plan, staging: str) -> None:
        self.plan, self.staging = plan, staging

    def process(self, group: tuple[str, Iterable[str]]) -> Iterable[str]:
        yield commit_run(self.plan, self.staging)


def commit_run(plan: Plan, staging: str) -> str:
    """Commit and account for what is staged; a second time, as runners may, changes nothing.

    Raises:
        DatelineError: too many dead letters. The others are committed; the job fails, so that its scheduler hears.
    """
    options = plan.options
    with Dataset(options.output, part_files=options.part_files) as dataset, dataset.lock(LOCK_SECONDS):
        worker = Worker(dataset, options.steps, check=_go_on)
        if not dataset.index.has_unit(plan.unit_id):
            worker.commit(plan.run_id, plan.unit_id, tally_staged(staging), plan.marks, articles=None)
        counts = count_commits(dataset.index, plan.run_id)
        limit = options.max_dead_letters
        report = RunReport(
            run_id=plan.run_id,
            status="done",
            output=options.output,
            started_at=plan.started_at,
            seconds=(dt.datetime.now(dt.UTC) - plan.started_at).total_seconds(),
            timings={name: round(seconds, 3) for name, seconds in sorted(worker.timings.items())},
            inputs_found=plan.inputs_found,
            inputs_done_before=plan.inputs_found - len(plan.marks),
            articles_outside=None,
            counts=counts,
            tally=worker.tally,
            models=dict(plan.models),
            too_many_dead_letters=limit.is_exceeded(dead_letters=counts["dead_letters"], read=counts["read"]),
        )
        path = dataset.write_manifest(plan.run_id, make_manifest(report, options, dataset.index))
    if report.too_many_dead_letters:
        raise DatelineError(f"{counts['dead_letters']} of {counts['read']} articles are dead letters: {path} says why")
    return path


def _go_on() -> None:
    """Nobody interrupts a worker but its runner."""


# The launcher's command line: what deploy/dataflow/metadata.json names, and Beam's own options.


def main(arguments: Sequence[str] | None = None) -> Any:
    """Launch what the arguments say; whatever is not Dateline's is Beam's."""
    options, flags = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    return launch(options, flags)


def parse_arguments(arguments: Sequence[str]) -> tuple[RunOptions, list[str]]:
    """A run's options, and the options that are left for Beam."""
    given, flags = parser().parse_known_args(list(arguments))
    steps = StepOptions(
        fields=parse_fields(shlex.split(given.fields)),
        ner_model=given.ner_model or None,
        stance_model=given.stance_model or None,
    )
    options = RunOptions(
        inputs=tuple(shlex.split(given.inputs)),
        output=given.output,
        steps=steps,
        days=parse_days(given.since or None, given.until or None),
        path_date=parse_path_date(given.path_date or None),
        max_dead_letters=parse_allowance(given.max_dead_letters),
        run_id=given.run_id or None,
    )
    return options, flags


def parser() -> argparse.ArgumentParser:
    """Dateline's parameters of a template; an empty one is one that is not given."""
    found = argparse.ArgumentParser(prog="dateline template", allow_abbrev=False)
    found.add_argument("--inputs", required=True, help="files, folders, globs or URLs, with spaces between them")
    found.add_argument("--output", required=True, help="the dataset")
    found.add_argument("--fields", default="", help="FIELD=NAME pairs, with spaces between them")
    found.add_argument("--since", default="", help="only articles of this day and later")
    found.add_argument("--until", default="", help="only articles of this day and earlier")
    found.add_argument("--path_date", default="", help="the days are those of paths: date=%%Y-%%m-%%d")
    found.add_argument("--run_id", default="", help="the run's name; a retry of that name is the same run")
    found.add_argument("--max_dead_letters", default="5%", help="more than this fail the job")
    found.add_argument("--ner_model", default="", help="a folder of the image")
    found.add_argument("--stance_model", default="", help="a folder of the image")
    return found


if __name__ == "__main__":
    main()
