"""The dates that paths say: which inputs are of a range of days, without opening any."""

import calendar
import re
from collections.abc import Sequence
from datetime import date

from schemas.days import Days
from schemas.errors import UsageError
from transforms.inputs import InputFile

DIRECTIVES = {"%Y": r"(?P<year>\d{4})", "%m": r"(?P<month>\d{2})", "%d": r"(?P<day>\d{2})"}
EXPECTED = "%Y, %Y and %m, or all of %Y, %m and %d are expected, once each: date=%Y-%m-%d"


def select_inputs(inputs: Sequence[InputFile], days: Days, pattern: str) -> list[InputFile]:
    """The inputs whose path says a day, month or year in the range; one that says none is kept.

    Raises:
        UsageError: no path at all says one, so the pattern must be wrong.
    """
    finder = compile_path_date(pattern)
    periods = [period_of(file.uri, finder) for file in inputs]
    if inputs and not any(periods):
        raise UsageError(f"--path-date {pattern!r}: no input has such a date in its path, not even {inputs[0].uri}")
    return [file for file, period in zip(inputs, periods, strict=True) if period is None or days.overlap(*period)]


def compile_path_date(pattern: str) -> re.Pattern[str]:
    """The expression that finds a pattern such as `%Y/%m/%d`; UsageError says what is wrong with it."""
    parts = re.split(r"(%.?)", pattern)
    counts = [parts.count(directive) for directive in DIRECTIVES]
    others = [part for part in parts if part.startswith("%") and part not in DIRECTIVES]
    if others or counts not in ([1, 0, 0], [1, 1, 0], [1, 1, 1]):
        raise UsageError(f"--path-date {pattern!r}: {EXPECTED}")
    return re.compile(r"(?<!\d)" + "".join(DIRECTIVES.get(part) or re.escape(part) for part in parts) + r"(?!\d)")


def period_of(path: str, finder: re.Pattern[str]) -> tuple[date, date] | None:
    """The first and the last day of the last date in a path; None where there is none."""
    for found in reversed(list(finder.finditer(path))):
        named = {name: int(text) for name, text in found.groupdict().items()}
        first_month, last_month = named.get("month", 1), named.get("month", 12)
        try:
            first = date(named["year"], first_month, named.get("day", 1))
        except ValueError:
            continue
        if "day" in named:
            return first, first
        return first, date(first.year, last_month, calendar.monthrange(first.year, last_month)[1])
    return None
