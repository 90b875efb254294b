"""Running the graph: a work unit in this process, or all inputs as one pipeline on a runner of Beam's."""

import contextlib
import difflib
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from pipeline.build import Sink, build
from pipeline.options import StepOptions
from schemas.article import DeadLetter, Document
from schemas.errors import DatelineError, UsageError
from transforms.read import ReadDocuments, ReadResults
from transforms.select import OUTSIDE
from transforms.write import StageDeadLetters, StageRecords

STAGING_STEPS = (StageRecords.__name__, StageDeadLetters.__name__)
STEP_TIME = "metric:pardo_execution_time:process_bundle_msecs:v1"


@dataclass(eq=False)
class CreateDocuments(beam.PTransform):
    """A source of documents, and of dead letters, that have been read already."""

    documents: Sequence[Document]
    dead_letters: Sequence[DeadLetter]

    def expand(self, begin: beam.pvalue.PBegin) -> ReadResults:
        """What it was given."""
        documents = beam.Create(self.documents, reshuffle=False).with_output_types(Document)
        dead_letters = beam.Create(self.dead_letters, reshuffle=False).with_output_types(DeadLetter)
        return ReadResults(begin | "CreateDocuments" >> documents, begin | "CreateDeadLetters" >> dead_letters)


@dataclass(eq=False)
class ReadInputs(beam.PTransform):
    """A source that reads inputs on the workers."""

    uris: Sequence[str]

    def expand(self, begin: beam.pvalue.PBegin) -> ReadResults:
        """Their documents and dead letters."""
        found: ReadResults = begin | "CreateUris" >> beam.Create(self.uris) | "ReadEach" >> ReadDocuments()
        return found


def stage_into(folder: str) -> Sink:
    """The sink that stages a unit, for `Dataset.commit`."""
    return Sink(StageRecords(folder), StageDeadLetters(folder))


def run_in_process(source: beam.PTransform, folder: str, options: StepOptions) -> dict[str, float]:
    """Run the graph in this process and return when all is staged in `folder`, with the seconds each step took.

    The seconds are those of Beam's sampling, by the labels of `pipeline/build.py`. This is the engine behind Beam's
    DirectRunner; asking for that one by name makes Beam 2.77 look for another engine to download first.

    Raises:
        OSError: what the disk said when a file was to be staged.
    """
    pipeline = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([]))
    build(pipeline, source, stage_into(folder), options)
    try:
        result = pipeline.run()
    except RuntimeError as error:  # Beam's, around what a step raised
        if isinstance(error.__context__, OSError) and any(step in str(error) for step in STAGING_STEPS):
            raise error.__context__ from error
        raise
    result.wait_until_finish()
    return _step_seconds(result)


def _step_seconds(result: Any) -> dict[str, float]:
    seconds: dict[str, float] = defaultdict(float)
    for counter in result.monitoring_metrics().query(MetricsFilter().with_name(STEP_TIME))["counters"]:
        seconds[counter.key.step.partition("/")[0]] += counter.result / 1000
    return dict(seconds)


def run_elsewhere(source: beam.PTransform, folder: str, options: StepOptions, flags: Sequence[str]) -> int:
    """Run the graph on the runner that `flags` name; the workers must see the inputs and `folder` under their names.

    Returns the number of articles that `SelectDocuments` left out, as the runner counted it.
    """
    try:
        pipeline = beam.Pipeline(options=PipelineOptions(list(flags)))
        build(pipeline, source, stage_into(folder), options)
        result = pipeline.run()
        state = result.wait_until_finish() or result.state
    except Exception as error:  # of whatever kind the runner's are: no jar, no cluster, a job that failed
        said = f"{type(error).__name__} {' '.join(str(error).split())[:500]}".strip()
        raise DatelineError(f"the runner failed, nothing was committed: {said} (--debug shows more)") from error
    if state != "DONE":
        raise DatelineError(f"the runner ended in state {state}: its own log says why; nothing was committed")
    counters = result.metrics().query(MetricsFilter().with_name(OUTSIDE))["counters"]
    return sum(int(counter.result) for counter in counters)


def runner_flags(runner: str, options: Sequence[str]) -> list[str]:
    """Beam's flags for a runner and its `name=value` options; UsageError for one that Beam would drop with a warning.

    Options that only a job server knows go through: it is asked when the pipeline is submitted.
    """
    flags = [f"--{option.removeprefix('--')}" for option in options]
    known = PipelineOptions([]).get_all_options()
    for flag in flags:
        if "=" not in flag and flag[2:] not in known:
            raise UsageError(f"--runner-option {flag[2:]!r}: expected NAME=VALUE, such as job_endpoint=HOST:8099")
        for name in _parsed_by_beam(flag):
            if name not in known and (close := difflib.get_close_matches(name, known, n=1, cutoff=0.8)):
                raise UsageError(f"--runner-option {name}: Beam has no option of that name; did you mean {close[0]}?")
    return [f"--runner={runner}", *flags]


def _parsed_by_beam(flag: str) -> dict[str, Any]:
    """What Beam understands by a flag; UsageError for a value that it does not take."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return dict(PipelineOptions([flag]).get_all_options(retain_unknown_options=True))
    except SystemExit:
        raise UsageError(f"--runner-option {flag[2:]}: {said.getvalue().strip().rpartition('error: ')[2]}") from None
