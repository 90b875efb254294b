"""The command line. Heavy imports are inside the commands: `dateline --help` answers at once."""

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from pipeline import commands_config, commands_data, commands_follow, commands_query, commands_run
from pipeline.complaints import complain, log_as
from schemas.errors import DatelineError, UsageError

FAILED, WRONG_USAGE = 1, 2

app = typer.Typer(
    name="dateline",
    help="News articles in, enriched Parquet by country and date out: entities, stances, places and dates.\n\n"
    "Start with:  dateline run examples/articles out/   then   dateline show out/",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from schemas.record import PIPELINE_VERSION, SCHEMA_VERSION  # brings pyarrow

        typer.echo(f"dateline {PIPELINE_VERSION}, record schema {SCHEMA_VERSION}")
        raise typer.Exit


@app.callback()
def _dateline(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


for commands in (commands_run, commands_follow, commands_config, commands_data, commands_query):
    commands.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; always ends in SystemExit with one of the documented exit codes."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    log_as("text")
    if not debug:
        silence_libraries()
    try:
        app(given)
    except DatelineError as error:
        raise _fail(str(error), debug, WRONG_USAGE if isinstance(error, UsageError) else FAILED) from None
    except Exception as error:
        hint = "" if debug else " (--debug shows where; please report it)"
        message = f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:500]}{hint}"
        raise _fail(message, debug, FAILED) from None


def silence_libraries() -> None:
    """Keep what Beam, absl and others say to developers from people; our own words go through `typer.echo`."""
    import logging
    import os
    import warnings

    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


def _fail(message: str, debug: bool, exit_code: int) -> SystemExit:
    if debug:
        traceback.print_exc()
    complain(message, exit_code=exit_code)
    return SystemExit(exit_code)


if __name__ == "__main__":
    main()
