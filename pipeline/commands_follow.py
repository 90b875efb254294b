"""The commands `dateline follow` and `dateline status`."""

from functools import partial
from typing import Annotated

import typer

from pipeline.commands_config import ConfigOption, LogFormatOption, checked, show_usage
from pipeline.complaints import complain
from pipeline.follow_options import FollowOptions, parse_seconds
from pipeline.options import StepOptions, parse_fields

NOT_FOLLOWED, INTERRUPTED = 1, 130
EPILOG = """Examples:

  dateline follow incoming/ out/

  dateline follow 'kafka://broker:9092/news?group=dateline' out/ --every 10s --metrics-port 9464

  dateline follow out/ --feeds feeds.txt

Ctrl-C or SIGTERM finishes the open unit; a second one leaves at once. Either way nothing is lost: start it again."""


def register(app: typer.Typer) -> None:
    """Add `follow` and `status` to the command line."""
    app.command("follow", epilog=EPILOG)(follow)
    app.command("status", no_args_is_help=True)(status)


def follow(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE... OUTPUT",
            help="Folders or globs that fill, Kafka topics (kafka://HOST:9092/TOPIC?group=NAME), and last the folder "
            "of the dataset. The formats are those of `dateline run`.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    every: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            callback=checked(partial(parse_seconds, "--every")),
            help="A unit is closed and committed so long after its first article.",
        ),
    ] = "30s",
    max_articles: Annotated[int, typer.Option(min=1, help="A unit of so many articles is closed at once.")] = 250,
    settle: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            callback=checked(partial(parse_seconds, "--settle")),
            help="A file that has not changed for so long is whole.",
        ),
    ] = "2s",
    feeds: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Ask RSS and Atom feeds too: one address a line.", show_default="ask none"),
    ] = None,
    feed_every: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            callback=checked(partial(parse_seconds, "--feed-every")),
            help="How often a feed is asked, at most.",
        ),
    ] = "15m",
    kafka_config: Annotated[
        str | None, typer.Option(metavar="FILE", help="Settings of the Kafka client, name=value lines: security, …")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Answer Prometheus at this port.", show_default="do not")
    ] = None,
    metrics_host: Annotated[str, typer.Option(help="The address to answer at; 0.0.0.0 is all.")] = "127.0.0.1",
    field: Annotated[
        list[str],
        typer.Option(
            metavar="FIELD=NAME",
            callback=checked(parse_fields),
            help="Where JSON or a table holds a field under a name of its own.",
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
    part_files: Annotated[
        int | None, typer.Option(min=1, help="Part files a partition, of a new dataset.", show_default="1")
    ] = None,
    log_format: LogFormatOption = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show what libraries log, and where an error came from.")
    ] = False,
) -> None:
    """Do what `run` does, without end: articles are read as they come, and committed in small units.

    Every article is in the dataset exactly once, whatever stops this command, and whenever. `dateline status OUTPUT`
    shows from another terminal how it is doing.
    """
    if not paths:
        show_usage(context)
        raise typer.Exit(2)
    options = FollowOptions(
        sources=tuple(paths[:-1]),
        output=paths[-1],
        steps=StepOptions(
            fields=parse_fields(field),
            ner_model=ner_model,
            stance_model=stance_model,
            stance_threshold=stance_threshold,
        ),
        every_seconds=parse_seconds("--every", every),
        max_articles=max_articles,
        settle_seconds=parse_seconds("--settle", settle),
        feeds=feeds,
        feed_seconds=parse_seconds("--feed-every", feed_every),
        kafka_config=kafka_config,
        part_files=part_files,
        metrics_port=metrics_port,
        metrics_host=metrics_host,
    )
    _follow(options, quiet=quiet, as_json=log_format == "json")


def _follow(options: FollowOptions, *, quiet: bool, as_json: bool) -> None:
    from pipeline.interrupts import StopSignals

    signals = StopSignals()
    signals.install()
    try:
        from pipeline.follow import follow as follow_sources  # Beam, onnxruntime and their like take a second
        from pipeline.follow_terminal import show_end, watching_follow

        with watching_follow(quiet=quiet, as_json=as_json) as watch:
            status = follow_sources(options, watch=watch, signals=signals)
    except KeyboardInterrupt:
        message = "left at once; what was committed is whole, the same command goes on from there"
        complain(message, exit_code=INTERRUPTED)
        raise typer.Exit(INTERRUPTED) from None
    show_end(status, quiet=quiet, as_json=as_json)


def status(
    data: Annotated[str, typer.Argument(metavar="OUTPUT", help="The dataset that is followed into.")],
    as_json: Annotated[bool, typer.Option("--json", help="The same for programs.")] = False,
) -> None:
    """Show how `dateline follow` is doing on a dataset; exit code 1 when nobody follows into it at the moment."""
    from pipeline.status import as_json as to_json
    from pipeline.status import is_alive, read_status, status_lines

    found = read_status(data)
    if found is None:
        typer.echo(f"dateline: nobody has followed anything into {data} yet", err=True)
        raise typer.Exit(NOT_FOLLOWED)
    alive = is_alive(found)
    typer.echo(to_json(found, alive=alive) if as_json else "\n".join(status_lines(found, alive=alive)))
    raise typer.Exit(0 if alive else NOT_FOLLOWED)
