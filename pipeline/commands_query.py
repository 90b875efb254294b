"""The commands `dateline query` and `dateline tables`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.errors import UsageError

EPILOG = (
    "Examples:  dateline query who-is-against --target 'Nicolás Maduro' --since 2019-01-01 --data out   |   "
    "dateline query \"SELECT country, count(*) FROM articles GROUP BY ALL\" --data out   |   "
    "dateline query country-day --list   (its SQL)"
)


def register(app: typer.Typer) -> None:
    """Add `query` and `tables` to the command line."""
    extra = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command("query", context_settings=extra, epilog=EPILOG)(query)
    app.command("tables")(tables)


def query(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="SQL, or the name of a ready-made question.")] = None,
    data: Annotated[str | None, typer.Option(help="The dataset: the folder that a run wrote to.")] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or parquet.")] = "table",
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of the screen.")] = None,
    list_questions: Annotated[bool, typer.Option("--list", help="Show the ready-made questions; one's SQL.")] = False,
) -> None:
    """Ask the dataset, in SQL or by the name of a ready-made question; its parameters are options (--target …).

    Views: articles, mentions, entities, stances, stance_pairs, countries, duplicates, dead_letters. In SQL of your own,
    $name is filled by --name VALUE. Conditions on country and date open only the folders that they name.
    """
    given = parse_values(context.args)
    if list_questions:
        _show_questions(question)
        return
    if question is None:
        raise UsageError("query needs SQL or the name of a question; `dateline query --list` shows the names")
    if data is None:
        raise UsageError("query needs --data OUT, the folder that a run wrote to")
    _answer(question, data, form, output, given)


def _answer(question: str, data: str, form: str, output: Path | None, given: dict[str, str]) -> None:
    from pipeline.answer import Format, write_answer  # DuckDB and pyarrow take a quarter of a second
    from pipeline.query import ask, open_dataset
    from pipeline.questions import find_question

    if form not in tuple(Format):
        raise UsageError(f"--format {form!r}: expected {', '.join(Format)}")
    found = find_question(question) if is_name(question) else None
    sql, values = (found.sql, found.bind(given)) if found else (question, given)
    with open_dataset(data) as connection:
        write_answer(ask(connection, sql, values), Format(form), output)


def is_name(question: str) -> bool:
    """Whether this is a question's name rather than SQL: one word of small letters and hyphens."""
    return bool(question) and all(part.isalnum() and part.islower() for part in question.split("-"))


def parse_values(arguments: list[str]) -> dict[str, str]:
    """`--name VALUE` and `--name=VALUE` pairs; UsageError for anything else, and for a name given twice."""
    values: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, joined, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or not name:
            raise UsageError(f"did not expect {argument!r}: a question takes --name VALUE (quote SQL as one argument)")
        if not joined:
            value = next(rest, "--")
            if value.startswith("--"):
                raise UsageError(f"--{name} needs a value")
        if name in values:
            raise UsageError(f"--{name} is given twice")
        values[name.replace("-", "_")] = value
    return values


def _show_questions(name: str | None) -> None:
    from pipeline.questions import find_question, load_questions

    if name is not None:
        typer.echo(find_question(name).sql, nl=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    for heading in ("question", "what it answers", "parameters"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "question")
    for question in load_questions().values():
        options = [f"--{item.name}" if item.required else f"[--{item.name}]" for item in question.parameters]
        table.add_row(question.name, Text(question.title), Text(" ".join(options)))
    Console().print(table)


def tables(
    data: Annotated[str, typer.Argument(help="The dataset: the folder that a run wrote to.")],
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Show what a dataset holds: rows, files, bytes, countries, days, and how full each column is."""
    from pipeline.tables import measure_dataset, print_statistics

    if form not in ("table", "json"):
        raise UsageError(f"--format {form!r}: expected table, json")
    print_statistics(measure_dataset(data), as_json=form == "json")
