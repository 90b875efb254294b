"""Writing an answer: a table for the eye, or CSV, JSON and Parquet for the next program."""

import os
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.query import explain_error
from schemas.errors import DatasetError, UsageError

TABLE_ROWS = 100
CELL_CHARACTERS = 300
COLUMN_WIDTH = 14  # below this on average a table is not readable: rows are shown one under the other


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def write_answer(answer: pa.RecordBatchReader, form: Format, output: Path | None) -> None:
    """Write an answer to `output`, whole or not at all, or to standard output."""
    if form is Format.TABLE and output is None:
        print_table(answer, Console())
    elif form is Format.TABLE:
        raise UsageError("a table is for the screen: give --format csv, json or parquet with --output")
    elif output is None and form is Format.PARQUET:
        raise UsageError("--format parquet needs --output FILE")
    else:
        _write_file(answer, form, output)


def print_table(answer: pa.RecordBatchReader, console: Console) -> None:
    """Print the first TABLE_ROWS rows, side by side where the columns fit and one under the other where they do not."""
    rows = list(islice(_read_rows(answer), TABLE_ROWS + 1))
    shown = rows[:TABLE_ROWS]
    if [field.name for field in answer.schema] == ["explain_key", "explain_value"]:
        console.print(Text(shown[0][1]), soft_wrap=True)
    elif len(answer.schema) * COLUMN_WIDTH <= console.width:
        console.print(_side_by_side(answer.schema.names, shown))
    else:
        _print_records(answer.schema.names, shown, console)
    more = f"; only the first {TABLE_ROWS} are shown, --format csv writes all" if len(rows) > TABLE_ROWS else ""
    count = f"more than {TABLE_ROWS} rows" if more else "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    Console(stderr=True).print(f"{count}{more}", highlight=False)


def _read_rows(answer: pa.RecordBatchReader) -> Iterator[tuple[Any, ...]]:
    try:
        for batch in answer:
            columns = [column.to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)
    except (duckdb.Error, pa.ArrowException) as error:
        raise _reading_failed(error) from error


def _reading_failed(error: Exception) -> Exception:
    return explain_error(error) if isinstance(error, duckdb.Error) else DatasetError(" ".join(str(error).split()))


def _side_by_side(names: list[str], rows: list[tuple[Any, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text(to_cell(value)) for value in row))
    return table


def _print_records(names: list[str], rows: list[tuple[Any, ...]], console: Console) -> None:
    for number, row in enumerate(rows, start=1):
        console.print(Text(f"─ row {number} ", style="dim"))
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            table.add_row(Text(name), Text(to_cell(value)))
        console.print(table)


def to_cell(value: Any) -> str:
    """A value as a cell's text: short, in one line, and without the control characters that a terminal would obey."""
    if value is None:
        text = ""
    elif isinstance(value, float):
        text = f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    elif isinstance(value, list):
        text = "; ".join(to_cell(item) for item in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{name}={to_cell(item)}" for name, item in value.items())
    else:
        text = str(value)
    cut = text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"
    return "".join(" " if character in "\n\t\r" else character for character in cut if _is_printable(character))


def _is_printable(character: str) -> bool:
    return character in "\n\t\r" or unicodedata.category(character) != "Cc"


def _write_file(answer: pa.RecordBatchReader, form: Format, output: Path | None) -> None:
    """Let DuckDB write a file beside its place (so that a failure leaves what was there), then move or print it."""
    folder = output.absolute().parent if output else None
    if folder is not None and not folder.is_dir():
        raise UsageError(f"--output {output}: there is no folder {folder}")
    handle, name = tempfile.mkstemp(prefix=".dateline-answer-", dir=folder)
    os.close(handle)
    try:
        _copy(answer, form, name)
        if output:
            os.replace(name, output)
        else:
            with open(name, "rb") as written:
                shutil.copyfileobj(written, sys.stdout.buffer)
    finally:
        Path(name).unlink(missing_ok=True)


def _copy(answer: pa.RecordBatchReader, form: Format, path: str) -> None:
    """COPY through a second DuckDB, which may write; nested columns go into CSV as JSON."""
    options = {Format.CSV: "FORMAT csv, HEADER", Format.JSON: "FORMAT json, ARRAY", Format.PARQUET: "FORMAT parquet"}
    columns = ", ".join(
        f"to_json({quoted}) AS {quoted}" if form is Format.CSV and pa.types.is_nested(field.type) else quoted
        for field, quoted in ((field, '"' + field.name.replace('"', '""') + '"') for field in answer.schema)
    )
    writer = duckdb.connect()
    writer.execute("SET TimeZone = 'UTC'")
    writer.register("answer", answer)
    literal = "'" + path.replace("'", "''") + "'"
    try:
        writer.execute(f"COPY (SELECT {columns} FROM answer) TO {literal} ({options[form]})")
    except duckdb.Error as error:
        raise explain_error(error) from error
    finally:
        writer.close()
