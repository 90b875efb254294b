"""The command `dateline run`."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands_config import ConfigOption, LogFormatOption, checked, show_usage
from pipeline.complaints import complain
from pipeline.interrupts import Interrupts
from pipeline.options import (
    IN_PROCESS,
    RUNNERS,
    RunOptions,
    StepOptions,
    check_run_id,
    parse_allowance,
    parse_day,
    parse_days,
    parse_fields,
    parse_path_date,
    parse_runner,
)
from schemas.errors import DatelineError, UsageError

if TYPE_CHECKING:
    from pipeline.manifest import RunReport

WRONG_USAGE, TOO_MANY_DEAD_LETTERS, INTERRUPTED = 2, 3, 130
EPILOG = """Examples:

  dateline run articles/ out/

  dateline run 'news/2019-*.jsonl.gz' out/ --field text=story.body --field date=stamp

  dateline run crawl.warc.gz out/ --max-dead-letters 1% --summary-json summary.json --quiet

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 too many dead letters, 130 interrupted (run again: it goes on)."""


def register(app: typer.Typer) -> None:
    """Add `run` to the command line."""
    app.command("run", epilog=EPILOG)(run)


def run(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT... OUTPUT",
            help="Files, folders, globs or URLs to read (text, HTML, JSON, JSON Lines, CSV, Parquet, WARC, RSS, Atom; "
            ".gz, .zst), and last the folder of the dataset, made where there is none.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    field: Annotated[
        list[str],
        typer.Option(
            metavar="FIELD=NAME",
            callback=checked(parse_fields),
            help="Where JSON or a table holds a field under a name of its own: text=articleBody. Repeatable; "
            "fields: text, headline, url, publisher, byline, dateline, date.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    ner_model: Annotated[
        str | None, typer.Option(help="A token-classification model: a folder or hub name.", show_default="bundled")
    ] = None,
    stance_model: Annotated[
        str | None, typer.Option(help="A sequence-classification model: a folder or hub name.", show_default="bundled")
    ] = None,
    stance_threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="A stance less sure than this is neutral.", show_default="what the model was tuned to"
        ),
    ] = None,
    max_dead_letters: Annotated[
        str,
        typer.Option(
            metavar="SHARE|NUMBER",
            callback=checked(parse_allowance),
            help="More articles than this that cannot be read make the run end with exit code 3. A share lets 10 pass.",
        ),
    ] = "5%",
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            callback=checked(partial(parse_day, "--since")),
            help="Only articles of this day (2019-01-11) and later; undated ones are kept.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            callback=checked(partial(parse_day, "--until")),
            help="Only articles of this day and earlier.",
        ),
    ] = None,
    path_date: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            callback=checked(parse_path_date),
            help="--since and --until go by the day, month or year in an input's path: %Y/%m/%d, date=%Y-%m-%d. "
            "Inputs of other days are not opened.",
            show_default="they go by each article's own date",
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Read inputs that were read before.")] = False,
    run_id: Annotated[
        str | None,
        typer.Option(
            callback=checked(check_run_id),
            help="The run's name in _runs/; a retry of that name is the same run.",
            show_default="made up",
        ),
    ] = None,
    part_files: Annotated[
        int | None, typer.Option(min=1, help="Part files a partition, of a new dataset.", show_default="1")
    ] = None,
    unit_articles: Annotated[int, typer.Option(min=1, help="Articles worked on and committed together.")] = 250,
    runner: Annotated[
        str,
        typer.Option(
            callback=checked(parse_runner), help=f"Where to run: {', '.join(RUNNERS)}. {IN_PROCESS} is this process."
        ),
    ] = IN_PROCESS,
    runner_option: Annotated[
        list[str],
        typer.Option(metavar="NAME=VALUE", help="An option of that runner: job_endpoint=HOST:8099. Repeatable."),
    ] = [],  # noqa: B006
    summary_json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the account of the run as JSON; - is the screen.")
    ] = None,
    log_format: LogFormatOption = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show what libraries log, and where an error came from.")
    ] = False,
) -> None:
    """Read articles and write what they say as Parquet, by country and date.

    Only what is not in the dataset yet is read, so the same command can run every hour. The last argument is the
    dataset; ask it with `dateline query`, look at one record with `dateline show`.
    """
    if not paths:
        show_usage(context)
        raise typer.Exit(WRONG_USAGE)
    if len(paths) < 2:
        raise UsageError(f"run needs INPUT... and OUTPUT, only {paths[0]!r} came: `dateline run articles/ out/`")
    if summary_json:
        _check_summary(summary_json)
    options = RunOptions(
        inputs=tuple(paths[:-1]),
        output=paths[-1],
        steps=StepOptions(
            fields=parse_fields(field),
            ner_model=ner_model,
            stance_model=stance_model,
            stance_threshold=stance_threshold,
        ),
        days=parse_days(since, until),
        path_date=parse_path_date(path_date),
        unit_articles=unit_articles,
        max_dead_letters=parse_allowance(max_dead_letters),
        part_files=part_files,
        runner=parse_runner(runner),
        runner_options=tuple(runner_option),
        run_id=run_id,
        again=again,
    )
    _run(options, quiet=quiet or summary_json == "-", as_json=log_format == "json", summary_json=summary_json)


def _run(options: RunOptions, *, quiet: bool, as_json: bool, summary_json: str | None) -> None:
    from pipeline.driver import run_batch  # Beam, onnxruntime and their like take a second
    from pipeline.terminal import show_report, watching

    account = partial(_write_summary, summary_json) if summary_json else None
    interrupts = Interrupts()
    interrupts.install()
    try:
        with watching(quiet=quiet, as_json=as_json) as watch:
            report = run_batch(options, watch=watch, interrupts=interrupts, account=account)
    except KeyboardInterrupt:
        message = "interrupted; what was committed is whole, the same command goes on from there"
        complain(message, exit_code=INTERRUPTED)
        raise typer.Exit(INTERRUPTED) from None
    show_report(report, quiet=quiet, as_json=as_json)
    if report.too_many_dead_letters:
        counts = report.counts
        complain(
            f"{counts['dead_letters']:,} of {counts['read']:,} articles are dead letters, more than "
            f"--max-dead-letters {options.max_dead_letters.text} allows; the others are in {options.output}. "
            f'Why: dateline query "SELECT step, reason, count(*) FROM dead_letters GROUP BY ALL" '
            f"--data {options.output}",
            exit_code=TOO_MANY_DEAD_LETTERS,
        )
        raise typer.Exit(TOO_MANY_DEAD_LETTERS)


def _check_summary(path: str) -> None:
    """Before the work, not after it."""
    if path != "-" and (Path(path).is_dir() or not Path(path).parent.is_dir()):
        raise UsageError(f"--summary-json {path!r}: expected is a file in a folder that is there, or - for the screen")


def _write_summary(path: str, report: "RunReport") -> None:
    text = json.dumps(report.summary(), indent=2, ensure_ascii=False)
    if path == "-":
        sys.stdout.write(f"{text}\n")
        return
    try:
        Path(path).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        what = f"--summary-json {path!r} cannot be written: {error.strerror}"
        raise DatelineError(f"{what}; the run is {report.status}, its account is in _runs too") from error
