"""The option `--config` of the commands that can be configured, and the command `dateline config`, which shows it all.

A command is configurable when it has a parameter `config: ConfigOption`; every other parameter is then a setting.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.complaints import log_as
from pipeline.config import PREFIX, Chosen, Setting, choose
from pipeline.options import nearest
from schemas.errors import UsageError

SOURCES = "dateline.sources"  # where the context keeps what each setting of the file and the environment comes from
NOT_SETTINGS = ("config", "debug", "help")
INPUTS, OUTPUT = "inputs", "output"  # how the arguments INPUT... OUTPUT are called in a file


def take_settings(context: typer.Context, file: Path | None) -> Path | None:
    """Make what a file and the environment say the command's defaults; called before any other option is read."""
    command = str(context.info_name)
    known = {name: settings_of(found) for name, found in configurable(context).items()}
    chosen = choose(command, known, file=file, environment=os.environ)
    context.meta[SOURCES] = {key: value.source for key, value in chosen.items()}
    context.default_map = dict(_defaults(context, chosen))
    return file


def checked(parse: Callable[[Any], object]) -> Callable[[Any], Any]:
    """A callback that parses an option's value when it is read, so that `dateline config` refuses what `run` would."""

    def check(value: Any) -> Any:
        if value is not None:
            parse(value)
        return value

    return check


LogFormatOption = Annotated[
    str,
    typer.Option(
        "--log-format",
        is_eager=True,  # before any other option is refused
        callback=checked(log_as),
        help="text, or json: one object a line on stderr.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        envvar=f"{PREFIX}CONFIG",
        is_eager=True,
        callback=take_settings,
        help="Options from a TOML file; `dateline config` shows what is in force. Flags win.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add `config` to the command line."""
    loose = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
    app.command("config", context_settings=loose)(config)


def config(
    context: typer.Context,
    command: Annotated[str | None, typer.Argument(help="run, follow, …", show_default="all of them")] = None,
    file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", envvar=f"{PREFIX}CONFIG", show_default=False)
    ] = None,
) -> None:
    """Show what is in force for a command, as a TOML file, and where each value comes from.

    What follows COMMAND is taken as that command would: `dateline config run --unit-articles 100 articles/ out/`.
    Environment variables are called DATELINE_COMMAND_OPTION: DATELINE_RUN_UNIT_ARTICLES.
    """
    commands = configurable(context)
    if command is not None and command not in commands:
        raise UsageError(f"config {command!r}: no such command can be configured; {nearest(command, tuple(commands))}")
    given = ["--config", str(file)] if file else []
    lines = [
        line
        for name, found in commands.items()
        if command in (None, name)
        for line in (*_in_force(name, found, [*given, *context.args], context), "")
    ]
    typer.echo("\n".join(lines[:-1]))


def show_usage(context: typer.Context) -> None:
    """The help of a command that was given no paths; UsageError where a file or the environment gives inputs alone."""
    if INPUTS in context.meta[SOURCES]:
        raise UsageError(f"{context.info_name} needs {INPUTS} and {OUTPUT}, only {INPUTS} came: `dateline config`")
    typer.echo(context.get_help())


def configurable(context: typer.Context) -> dict[str, Any]:
    """The commands that have a `--config`, by name."""
    group: Any = context.find_root().command
    return {name: found for name, found in group.commands.items() if _has_config(found)}


def _has_config(command: Any) -> bool:
    return command.name != "config" and any(parameter.name == "config" for parameter in command.params)


def settings_of(command: Any) -> list[Setting]:
    """A command's settings, in its own order."""
    return [setting for parameter in _parameters(command) for setting in _settings(parameter)]


def _parameters(command: Any) -> list[Any]:
    return [parameter for parameter in command.params if parameter.name not in NOT_SETTINGS]


def _settings(parameter: Any) -> list[Setting]:
    if parameter.nargs == -1:
        return [Setting(INPUTS, "many"), Setting(OUTPUT)]
    if getattr(parameter, "multiple", False):
        return [Setting(_key(parameter), "many")]
    return [Setting(_key(parameter), "yes or no" if getattr(parameter, "is_flag", False) else "one")]


def _key(parameter: Any) -> str:
    """An option's key: its long name without the dashes."""
    return str(max(parameter.opts, key=len)).lstrip("-").replace("_", "-")


def _defaults(context: typer.Context, chosen: Mapping[str, Chosen]) -> Iterator[tuple[str, Any]]:
    """The parameters that a file or the environment sets, converted as the command line would be."""
    command: Any = context.command
    for parameter in _parameters(command):
        if parameter.nargs == -1:
            if OUTPUT in chosen:  # feeds alone are followed without inputs
                inputs: Any = chosen[INPUTS].value if INPUTS in chosen else ()
                yield parameter.name, [*inputs, str(chosen[OUTPUT].value)]
        elif found := chosen.get(_key(parameter)):
            if context.get_parameter_source(parameter.name):
                continue  # an eager option, which the command line has given
            value = list(found.value) if isinstance(found.value, tuple) else found.value
            try:
                parameter.process_value(context, value)
            except (typer.BadParameter, UsageError) as error:
                said = error.message if isinstance(error, typer.BadParameter) else str(error)
                raise UsageError(f"{found.source}: {_key(parameter)} = {value!r}: {said}") from None
            yield parameter.name, value


def _in_force(name: str, command: Any, arguments: list[str], context: typer.Context) -> Iterator[str]:
    """A command's table, a line a setting."""
    yield f"[{name}]"
    with command.make_context(name, arguments, parent=context.parent) as inner:
        rows = [row for parameter in _parameters(command) for row in _rows(parameter, inner)]
    width = max(len(line) for line, _ in rows)
    for line, source in rows:
        yield f"{line:{min(width, 60)}}  # {source}"


def _rows(parameter: Any, inner: Any) -> Iterator[tuple[str, str]]:
    """A parameter's lines and their sources; one that is not set is a comment, so that the whole can be read again."""
    given = inner.get_parameter_source(parameter.name).name == "COMMANDLINE"
    sources = inner.meta[SOURCES]
    value = inner.params[parameter.name]
    values = zip((INPUTS, OUTPUT), _paths(value), strict=True) if parameter.nargs == -1 else [(_key(parameter), value)]
    for key, inner_value in values:
        source = "the command line" if given else sources.get(key) or _default(parameter)
        yield (f"# {key} =" if inner_value is None else f"{key} = {_to_toml(inner_value)}"), source


def _paths(paths: list[str] | None) -> tuple[list[str] | None, str | None]:
    return (paths[:-1], paths[-1]) if paths else (None, None)


def _default(parameter: Any) -> str:
    said = getattr(parameter, "show_default", None)
    return f"default: {said}" if isinstance(said, str) else "default"


def _to_toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_to_toml, value))}]"
    return str(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False, default=str)
