"""What goes wrong, told on stderr: a line for people, or with `--log-format json` an object like all else there."""

import json

import typer

from schemas.errors import UsageError

FORMATS = ("text", "json")
_chosen = ["text"]  # this process's: errors are told where the options of the command are no longer known


def log_as(log_format: str) -> str:
    """Tell what goes wrong in this format from now on; UsageError for one that is none."""
    if log_format not in FORMATS:
        raise UsageError(f"--log-format {log_format!r}: expected {', '.join(FORMATS)}")
    _chosen[0] = log_format
    return log_format


def complain(message: str, *, exit_code: int) -> None:
    """Tell why a command ends with this exit code."""
    typer.echo(line(message, event="error", exit_code=exit_code), err=True)


def line(message: str, *, event: str, **values: int) -> str:
    """A message as a line of the chosen format; the event and the values are for programs."""
    if _chosen[0] == "json":
        return json.dumps({"event": event, "message": message, **values}, ensure_ascii=False)
    return f"dateline: {message}"
