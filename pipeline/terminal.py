"""What a run shows: a live bar and a closing table on a terminal, plain lines elsewhere, JSON lines when asked for.

Progress goes to stderr and the account of the run to stdout, so that either can be sent elsewhere.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TextIO

from rich.bar import Bar
from rich.columns import Columns
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as LiveProgress
from rich.table import Table
from rich.text import Text

from pipeline.driver import Progress
from pipeline.manifest import RunReport

Watcher = Callable[[Progress], None]
ATTITUDE_STYLES = {"favor": "green", "against": "red", "neutral": "dim"}
ROWS = 8
BAR_CELLS = 12


@contextmanager
def watching(*, quiet: bool, as_json: bool) -> Iterator[Watcher]:
    """How a run's progress is shown, for as long as it goes."""
    if as_json:
        yield _Lines(lambda progress, seconds: _log("progress", _values(progress, seconds)))
    elif quiet:
        yield lambda progress: None
    elif sys.stderr.isatty():
        with _Live() as live:
            yield live
    else:
        yield _Lines(_print_line)


def show_report(report: RunReport, *, quiet: bool, as_json: bool) -> None:
    """The account of a run at its end."""
    if as_json:
        _log("summary", report.summary())
    elif not quiet:
        print_report(report, Console())


class _Live:
    """A bar that stands still on the terminal, and goes when the run ends."""

    def __init__(self) -> None:
        self._bar = LiveProgress(
            SpinnerColumn(),
            BarColumn(30),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._started = time.monotonic()
        self._task = self._bar.add_task("loading the models", total=None)

    def __enter__(self) -> "_Live":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        if not progress.articles:
            self._started = time.monotonic()
        text = describe(progress, time.monotonic() - self._started)
        self._bar.update(self._task, total=progress.bytes_total, completed=progress.bytes_read, description=text)


class _Lines:
    """One line for each piece of news, at most one a second."""

    def __init__(self, write: Callable[[Progress, float], None]) -> None:
        self._write, self._started, self._last = write, time.monotonic(), 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if not progress.articles:
            self._started = now
        if now - self._last >= 1 or progress.bytes_read >= progress.bytes_total:
            self._write(progress, now - self._started)
            self._last = now


def describe(progress: Progress, seconds: float) -> str:
    """`512 articles, 14.2/s, 0:40 left, 3 dead letters`; before the first unit, what there is to do."""
    if not progress.articles:
        todo = progress.inputs_found - progress.inputs_done_before
        before = f", {progress.inputs_done_before:,} done before" if progress.inputs_done_before else ""
        return f"{todo:,} inputs to read{before}"
    parts = [f"{progress.articles:,} articles", f"{progress.articles / max(seconds, 0.001):.1f}/s"]
    if (left := seconds_left(progress, seconds)) is not None:
        parts.append(f"{str(timedelta(seconds=round(left))).removeprefix('0:')} left")
    if progress.dead_letters:
        parts.append(f"{progress.dead_letters:,} dead letters")
    return ", ".join(parts)


def seconds_left(progress: Progress, seconds: float) -> float | None:
    """The time left if the rest goes as what was read so far; None when there is nothing to reckon by."""
    if not progress.bytes_read or progress.bytes_read >= progress.bytes_total:
        return None
    return seconds * (progress.bytes_total - progress.bytes_read) / progress.bytes_read


def _print_line(progress: Progress, seconds: float) -> None:
    print(describe(progress, seconds), file=sys.stderr, flush=True)


def _values(progress: Progress, seconds: float) -> dict[str, Any]:
    left = seconds_left(progress, seconds)
    return {
        "articles": progress.articles,
        "dead_letters": progress.dead_letters,
        "bytes_read": progress.bytes_read,
        "bytes_total": progress.bytes_total,
        "seconds": round(seconds, 3),
        "seconds_left": None if left is None else round(left, 1),
    }


def _log(event: str, values: dict[str, Any], stream: TextIO | None = None) -> None:
    print(json.dumps({"event": event, **values}, ensure_ascii=False), file=stream or sys.stderr, flush=True)


# The account of a run


def print_report(report: RunReport, console: Console) -> None:
    """Counts that add up, then what was found, then where to go next."""
    console.print(_headline(report), soft_wrap=True)
    if not report.tally.records and not report.tally.dead_letters:
        return
    tally = report.tally
    tables = [
        _ranking("country", "records", tally.countries, str),
        _ranking("entity", "articles", tally.entities, _entity),
        _ranking("stance", "evidence", tally.pairs, _pair),
    ]
    if tally.reasons:
        tables.append(_ranking("dead letters", "articles", tally.reasons, ": ".join))
    console.print()
    console.print(Columns([table for table in tables if table.row_count], padding=(0, 4)))
    console.print(f"\nRead on: dateline show {report.output}", soft_wrap=True, highlight=False, markup=False)


def _headline(report: RunReport) -> Text:
    counts = report.counts
    outcomes = ("new", "corrected", "moved", "unchanged", "merged")
    parts = [f"{counts[name]:,} {name}" for name in outcomes if counts[name]]
    parts.append(f"{counts['dead_letters']:,} dead letters")
    seconds = f"{report.seconds:.1f} s"
    if not report.tally.records and not report.tally.dead_letters:
        return Text(f"Nothing new: {_nothing_new(report)} ({seconds}).")
    rate = (report.tally.records + report.tally.dead_letters) / report.seconds
    text = Text(f"{counts['read']:,} articles", "bold")
    text.append(f" = {' + '.join(parts)}, {seconds}, {rate:.1f}/s", "not bold")
    if report.inputs_done_before:
        text.append(f"; {report.inputs_done_before:,} inputs were done before", "not bold")
    if report.articles_outside:
        text.append(f"; {report.articles_outside:,} are of other days", "not bold")
    return text


def _nothing_new(report: RunReport) -> str:
    if not report.inputs_found:
        return "no input is of those days"
    if report.articles_outside:
        return f"{report.articles_outside:,} articles are of other days"
    return f"all {report.inputs_found:,} inputs were done before"


def _ranking(name: str, unit: str, counter: Counter[Any], to_text: Callable[[Any], str | Text]) -> Table:
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    most = ranked[0][1] if ranked else 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(name, no_wrap=True, max_width=40)
    table.add_column(unit, justify="right")
    table.add_column()
    for key, count in ranked[:ROWS]:
        table.add_row(to_text(key), f"{count:,}", Bar(most, 0, count, width=BAR_CELLS, color="cyan"))
    if len(ranked) > ROWS:
        rest = ranked[ROWS:]
        table.add_row(Text(f"{len(rest):,} more", "dim"), Text(f"{sum(count for _, count in rest):,}", "dim"), "")
    return table


def _entity(key: tuple[str, str]) -> Text:
    name, label = key
    return Text.assemble(name, " ", (label, "dim"))


def _pair(key: tuple[str, str, str]) -> Text:
    holder, stance, target = key
    return Text.assemble(holder or "(the article)", " ", (stance, ATTITUDE_STYLES[stance]), " ", target)
