"""Settings from a file and from the environment, for the options that the command line does not give.

    # dateline.toml
    ner-model = "models/mine"        # above the tables: for every command that has such an option
    [run]
    inputs = ["news/*.jsonl.gz"]
    output = "out"
    unit-articles = 100
    [run.field]                      # the same as field = ["text=story.body"]
    text = "story.body"

`DATELINE_RUN_UNIT_ARTICLES=100` says the same for one command; a list is written as a shell would take it. The command
line wins over the environment, that over the command's table, and that over what stands above the tables. A key is an
option's name without its dashes; one that is not known is refused.
"""

import difflib
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeGuard

from pipeline.options import nearest
from schemas.errors import UsageError

PREFIX = "DATELINE_"
Value: TypeAlias = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """An option as a file or the environment may give it."""

    key: str
    takes: Literal["one", "many", "yes or no"] = "one"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value, and where it comes from: `dateline.toml [run]` or `DATELINE_RUN_OUTPUT`."""

    value: Value
    source: str


Known: TypeAlias = Mapping[str, Sequence[Setting]]  # the settings of each command


def choose(command: str, known: Known, *, file: Path | None, environment: Mapping[str, str]) -> dict[str, Chosen]:
    """What a file and the environment say about a command's settings, by key.

    Raises:
        UsageError: a file that cannot be read, or a key, a variable or a value that cannot be; all of the file is
            checked, whatever the command.
    """
    chosen = _read_file(command, known, file) if file else {}
    return chosen | _read_environment(command, known, environment)


def variable(command: str, key: str) -> str:
    """The environment variable of a setting: `DATELINE_RUN_UNIT_ARTICLES`."""
    return f"{PREFIX}{command}_{key}".replace("-", "_").upper()


def _read_file(command: str, known: Known, file: Path) -> dict[str, Chosen]:
    content = _parse(file)
    shared = {setting.key: setting for settings in known.values() for setting in settings}
    above: dict[str, Chosen] = {}
    below: dict[str, Chosen] = {}
    for name, value in content.items():
        if name in known:
            if not isinstance(value, dict):
                raise UsageError(f"{file}: {name} = {value!r}: a table [{name}] is expected")
            table = dict(_read_table(value, {setting.key: setting for setting in known[name]}, f"{file} [{name}]"))
            below = table if name == command else below
        else:
            _check_name(name, value, known, file)
            above |= dict(_read_table({name: value}, shared, str(file)))
    mine = {setting.key for setting in known[command]}
    return {key: chosen for key, chosen in above.items() if key in mine} | below


def _parse(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        raise UsageError(f"--config {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {file} is not TOML: {error}") from error


def _check_name(name: str, value: object, known: Known, file: Path) -> None:
    """A table that is no command's is likelier a mistyped command than a mistyped option."""
    keys = {setting.key for settings in known.values() for setting in settings}
    if isinstance(value, dict) and name.replace("_", "-") not in keys:
        raise UsageError(f"{file}: no command is called [{name}]; {nearest(name, tuple(known))}")


def _read_table(table: Mapping[str, Any], settings: Mapping[str, Setting], source: str) -> Iterator[tuple[str, Chosen]]:
    for name, value in table.items():
        setting = settings.get(name.replace("_", "-"))
        if setting is None:
            raise UsageError(f"{source}: no option is called {name!r}; {nearest(name, tuple(settings))}")
        yield setting.key, Chosen(_check(setting, value, source), source)


def _check(setting: Setting, value: object, source: str) -> Value:
    """A value of TOML as one that the option takes; its range and words are the option's own to check."""
    if setting.takes == "many":
        if isinstance(value, dict):
            value = [f"{name}={inner}" if _is_one(inner) else inner for name, inner in value.items()]
        items = value if isinstance(value, list) else [value]
        if all(isinstance(item, str) for item in items):
            return tuple(items)
        expected = "a list of texts"
    elif setting.takes == "yes or no":
        if isinstance(value, bool):
            return value
        expected = "true or false"
    else:
        if _is_one(value):
            return value
        expected = "one text or number"
    raise UsageError(f"{source}: {setting.key} = {value!r}: {expected} is expected")


def _is_one(value: object) -> TypeGuard[str | int | float]:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _read_environment(command: str, known: Known, environment: Mapping[str, str]) -> dict[str, Chosen]:
    chosen: dict[str, Chosen] = {}
    _check_commands(known, environment)
    for owner, settings in known.items():
        variables = {variable(owner, setting.key): setting for setting in settings}
        for name, text in environment.items():
            if not name.startswith(variable(owner, "")) or not text:  # an empty one is one that is not set
                continue
            if name not in variables:
                raise _no_option(name, variables)
            if owner == command:
                setting = variables[name]
                chosen[setting.key] = Chosen(_split(name, text) if setting.takes == "many" else text, name)
    return chosen


def _check_commands(known: Known, environment: Mapping[str, str]) -> None:
    """Refuse a variable that forgets or mistypes its command; others may have variables of the same prefix."""
    variables = {variable(owner, setting.key): setting for owner, settings in known.items() for setting in settings}
    forgetful = {f"{PREFIX}{setting.key}".replace("-", "_").upper() for setting in variables.values()}
    for name, text in environment.items():
        if not text or not name.startswith(PREFIX) or any(name.startswith(variable(owner, "")) for owner in known):
            continue
        if name in forgetful or difflib.get_close_matches(name, variables, n=1, cutoff=0.9):
            raise _no_option(name, variables)


def _no_option(name: str, variables: Iterable[str]) -> UsageError:
    complete = [right for right in variables if right.endswith(name.removeprefix(PREFIX))]
    return UsageError(f"the environment variable {name} is no option's; {nearest(name, complete or list(variables))}")


def _split(name: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{name}={text!r}: {error}") from error
