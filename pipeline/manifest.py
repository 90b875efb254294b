"""The run manifest, `_runs/<run_id>.json`: what a run read, counted and wrote, with what versions, in what time.

Only here does the clock appear. `counts`, `inputs`, `units` and `files_written` cover every try of a run, because they
come from the commits that bear its id; `seconds` and what was found are of the last try.
"""

import datetime as dt
import platform
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipeline.index import Index
from pipeline.tally import Tally
from schemas.record import PIPELINE_VERSION, SCHEMA_VERSION

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

OUTCOMES = ("new", "merged", "corrected", "moved", "unchanged", "dead_letters")
LIBRARIES = (
    "apache-beam", "onnxruntime", "tokenizers", "pyarrow", "trafilatura", "dateparser", "lingua-language-detector"
)  # fmt: skip
TOP = 10


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run at its end: `status` is done, failed or interrupted, `counts` add up to `counts["read"]`."""

    run_id: str
    status: str
    output: str
    started_at: dt.datetime
    seconds: float
    inputs_found: int
    inputs_done_before: int
    articles_outside: int | None  # left out by --since and --until; None where no such range was given
    counts: dict[str, int]
    tally: Tally
    models: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)  # seconds in the graph and in commits
    too_many_dead_letters: bool = False

    @property
    def records(self) -> int:
        """Articles that are in the dataset as rows of their own because of this run."""
        return self.counts["read"] - self.counts["merged"] - self.counts["dead_letters"]

    def summary(self) -> dict[str, Any]:
        """The report as JSON values, for schedulers and people."""
        tally = self.tally
        return {
            "run_id": self.run_id,
            "status": self.status,
            "output": self.output,
            "started_at": self.started_at.isoformat(timespec="milliseconds"),
            "seconds": round(self.seconds, 3),
            "timings": self.timings,
            "inputs": {"found": self.inputs_found, "done_before": self.inputs_done_before},
            "articles_outside": self.articles_outside,
            "counts": self.counts | {"records": self.records},
            "too_many_dead_letters": self.too_many_dead_letters,
            "found": {
                "countries": dict(_ranked(tally.countries)),
                "languages": dict(_ranked(tally.languages)),
                "entities": [
                    {"name": name, "label": label, "articles": articles}
                    for (name, label), articles in _ranked(tally.entities)[:TOP]
                ],
                "stances": dict(_ranked(tally.stances)),
                "dead_letters": [
                    {"step": step, "reason": reason, "articles": articles}
                    for (step, reason), articles in _ranked(tally.reasons)
                ],
            },
        }


def _ranked(counter: Counter[Any]) -> list[tuple[Any, int]]:
    """The most frequent first; the order of equals is that of their names."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def count_commits(index: Index, run_id: str) -> dict[str, int]:
    """What became of every article that the run has read, over all its tries."""
    total = Counter[str]()
    for counts in _commits(index, run_id).values():
        total.update({name: counts[name] for name in OUTCOMES})
    return {"read": total.total(), **{name: total[name] for name in OUTCOMES}}


def make_manifest(report: RunReport, options: "DataclassInstance", index: Index) -> dict[str, Any]:
    """The manifest of a run with the options of its command, as JSON values."""
    commits = _commits(index, report.run_id)
    return report.summary() | {
        "options": asdict(options),
        "models": report.models,
        "versions": _versions(),
        "read": [
            {"uri": uri, "fingerprint": mark}
            for mark, uri, _, _ in sorted(index.inputs(report.run_id), key=lambda row: row[1])
        ],
        "units": [
            {"unit_id": unit_id, **{name: counts[name] for name in OUTCOMES}}
            for (_, unit_id), counts in commits.items()
        ],
        "files_written": sorted({path for counts in commits.values() for path in counts["files_written"]}),
    }


def _commits(index: Index, run_id: str) -> dict[tuple[int, str], dict[str, Any]]:
    """The commits of a run by (number, unit_id), in order."""
    return {(number, unit_id): counts for number, (unit_id, _, counts) in enumerate(index.commits(run_id))}


def _versions() -> dict[str, str]:
    return {
        "dateline": PIPELINE_VERSION,
        "schema": SCHEMA_VERSION,
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
        **{name: version(name) for name in LIBRARIES},
    }
