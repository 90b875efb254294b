"""The ready-made questions: SQL files of pipeline/queries, each documented by its leading comment."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from schemas.errors import UsageError

Value = str | int | date | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value of a question: `type` is text, date or integer; `choices` are all it may be, if there are any."""

    name: str
    type: str
    required: bool
    default: str | None
    choices: tuple[str, ...]
    help: str

    def parse(self, value: str) -> Value:
        """A value from the command line in this parameter's type; UsageError says what was expected."""
        if self.choices and value not in self.choices:
            raise UsageError(f"--{self.name} {value!r}: expected one of {', '.join(self.choices)}")
        if self.type == "text":
            return value
        try:
            return date.fromisoformat(value) if self.type == "date" else _count(value)
        except ValueError:
            wanted = "a day such as 2019-01-11" if self.type == "date" else "a whole number from 0"
            raise UsageError(f"--{self.name} {value!r}: expected {wanted}") from None


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError(value)
    return int(value)


@dataclass(frozen=True, slots=True)
class Question:
    """A ready-made question: what it answers, what it takes, and its SQL with the comment that documents it."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    sql: str

    def bind(self, given: Mapping[str, str]) -> dict[str, Value]:
        """The values of all parameters: what the command line gave, else the default, else None."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                takes = ", ".join(f"--{parameter}" for parameter in known)
                raise UsageError(f"{self.name} has no --{name}{nearest(name, known)}; it takes {takes}")
        for parameter in self.parameters:
            if parameter.required and parameter.name not in given:
                raise UsageError(f"{self.name} needs --{parameter.name}: {parameter.help}")
        raw = {name: given.get(name, parameter.default) for name, parameter in known.items()}
        return {name: None if value is None else known[name].parse(value) for name, value in raw.items()}


@cache
def load_questions() -> dict[str, Question]:
    """The ready-made questions by name, in alphabetical order."""
    paths = [path for path in files("pipeline").joinpath("queries").iterdir() if path.name.endswith(".sql")]
    named = sorted((path.name.removesuffix(".sql"), path) for path in paths if not path.name.startswith("_"))
    return {name: read_question(name, path.read_text(encoding="utf-8")) for name, path in named}


def read_question(name: str, sql: str) -> Question:
    """A question from its file: a comment of title, description and `Parameters:`, one a line, before the SQL."""
    comment = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    place = comment.index("Parameters:")
    description = " ".join(line for line in comment[1:place] if line)
    return Question(name, comment[0], description, tuple(map(_read_parameter, comment[place + 1 :])), sql)


def _read_parameter(line: str) -> Parameter:
    """`$by text, default month, of day|week|month: help` as a parameter."""
    head, _, help_text = line.removeprefix("$").partition(": ")
    declared, *details = head.split(", ")
    name, kind = declared.split()
    said = dict(detail.partition(" ")[::2] for detail in details)
    choices = tuple(said["of"].split("|")) if "of" in said else ()
    return Parameter(name, kind, "required" in said, said.get("default"), choices, help_text)


def find_question(name: str) -> Question:
    """The ready-made question of this name; UsageError names the nearest one."""
    questions = load_questions()
    if name not in questions:
        raise UsageError(f"no question is called {name!r}{nearest(name, questions)}; `dateline query --list` shows all")
    return questions[name]


def nearest(name: str, names: Iterable[str]) -> str:
    """The most similar of `names` as a hint for an error message, or nothing."""
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""
