"""What a run can be told, checked before anything is read. Where it was told is `pipeline.config`'s business."""

import datetime as dt
import difflib
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.days import Days
from schemas.errors import UsageError

MEGABYTE = 1_000_000
IN_PROCESS = "DirectRunner"
RUNNERS = (IN_PROCESS, "PortableRunner", "FlinkRunner", "SparkRunner", "DataflowRunner", "PrismRunner")


EVERY_DAY = Days()
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=:@-]{0,199}")  # it names a file


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many dead letters a run may leave: a number, or a share of the articles that lets `at_least` pass."""

    text: str
    number: int | None
    share: float
    at_least: int = 10

    def is_exceeded(self, *, dead_letters: int, read: int) -> bool:
        """Whether that is too many. Under a share, a run that leaves nothing but dead letters is always too bad."""
        if self.number is not None:
            return dead_letters > self.number
        return dead_letters > max(self.at_least, self.share * read) or dead_letters == read > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """What the steps on one article need to know: the same for every runner, source and sink.

    `fields` are (field of an article, name or dotted path in the input) pairs; a model is a folder, a name on the
    Hugging Face hub, or None for the bundled one; `stance_threshold` None is the model's own.
    """

    fields: tuple[tuple[str, str], ...] = ()
    ner_model: str | None = None
    stance_model: str | None = None
    stance_threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Everything that `dateline run` can be told.

    `days` are those of the articles, or, where `path_date` says how, those that the paths of the inputs name.
    """

    inputs: tuple[str, ...]
    output: str
    steps: StepOptions = StepOptions()
    days: Days = EVERY_DAY
    path_date: str | None = None
    unit_articles: int = 250
    unit_bytes: int = 32 * MEGABYTE
    max_dead_letters: Allowance = Allowance("5%", None, 0.05)
    part_files: int | None = None
    runner: str = IN_PROCESS
    runner_options: tuple[str, ...] = ()
    run_id: str | None = None
    again: bool = False

    def __post_init__(self) -> None:
        if self.unit_articles < 1:
            raise UsageError(f"--unit-articles {self.unit_articles}: at least 1 is expected")
        if self.runner_options and self.runner == IN_PROCESS:
            raise UsageError(f"--runner-option {self.runner_options[0]}: the {IN_PROCESS} takes none; name a --runner")
        if self.run_id is not None:
            check_run_id(self.run_id)


def check_run_id(text: str) -> None:
    """UsageError for what cannot name a run; nothing at all is as good as no --run-id."""
    if text and not _RUN_ID.fullmatch(text):
        raise UsageError(f"--run-id {text!r}: expected are 1 to 200 letters, digits and ._+=:@-, no sign first")


def parse_allowance(text: str) -> Allowance:
    """`5%` or `20`; UsageError for anything else."""
    digits = text.removesuffix("%").strip()
    try:
        number = float(digits) if text.endswith("%") else int(digits)
    except ValueError:
        number = -1
    if not 0 <= number <= (100 if text.endswith("%") else sys.maxsize):
        raise UsageError(f"--max-dead-letters {text!r}: expected a share such as 5% or a number such as 20")
    return Allowance(text, None, number / 100) if text.endswith("%") else Allowance(text, int(number), 0.0)


def parse_days(since: str | None, until: str | None) -> Days:
    """The range of two days such as `2019-01-11`; UsageError for what is no day, and for an end before the start."""
    try:
        return Days(parse_day("--since", since), parse_day("--until", until))
    except ValueError as error:
        raise UsageError(f"--until: {error}") from None


def parse_day(option: str, text: str | None) -> dt.date | None:
    """`2019-01-11`; UsageError for anything else."""
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date() if text else None
    except ValueError:
        raise UsageError(f"{option} {text!r}: a day such as 2019-01-11 is expected") from None


def parse_path_date(pattern: str | None) -> str | None:
    """The pattern, once it is known to be one; UsageError says what is wrong with it."""
    from transforms.path_dates import compile_path_date

    if pattern is not None:
        compile_path_date(pattern)
    return pattern


def parse_fields(pairs: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`text=articleBody` pairs, sorted; UsageError names the pair that is wrong."""
    from transforms.fields import NAMES

    fields: dict[str, str] = {}
    for pair in pairs:
        field, found, path = pair.partition("=")
        if not found or not path:
            raise UsageError(f"--field {pair!r}: expected FIELD=NAME, such as text=articleBody")
        if field not in NAMES:
            raise UsageError(f"--field {pair!r}: no field is called {field!r}; {nearest(field, tuple(NAMES))}")
        if field in fields:
            raise UsageError(f"--field {field} is given twice")
        fields[field] = path
    return tuple(sorted(fields.items()))


def parse_runner(name: str) -> str:
    """A runner's full name, whatever its case and with or without `Runner`; UsageError for one that is not offered."""
    if "." in name:
        return name  # the path of somebody's own runner
    full = {runner.lower(): runner for runner in RUNNERS}
    wanted = name.lower()
    found = full.get(wanted) or full.get(f"{wanted}runner")
    if wanted.startswith("dask"):
        raise UsageError("--runner DaskRunner: Beam's Dask runner reports success with wrong results, so it is refused")
    if found is None:
        raise UsageError(f"--runner {name!r}: there is no such runner; {nearest(name, RUNNERS)}")
    return found


def nearest(name: str, known: Sequence[str]) -> str:
    """The way out of a mistyped name: the nearest right one, or all of them."""
    folded = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), list(folded), n=1, cutoff=0.5)
    return f"did you mean {folded[close[0]]}?" if close else f"expected one of {', '.join(known)}"
