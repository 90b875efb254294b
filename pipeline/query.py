"""Asking a dataset: an in-memory DuckDB with views over the part files.

What a question may do: read. Only a SELECT that writes nothing is run (or EXPLAIN of one); the connection opens files
below `articles/` and `dead_letters/` of this dataset and no others, loads no extension, sees no Python variable, and
its settings are locked. Values are bound as parameters, never pasted into SQL. What is not bounded is work: a question
may take the machine's memory and time. It is a guard rail, not a wall: for questions from strangers, run it as a user
who cannot write to the dataset.
"""

import glob
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.parts import major_of
from pipeline.questions import Value, nearest
from schemas.errors import DatasetError, UsageError
from schemas.record import DEAD_LETTER_SCHEMA, PARTITION_SCHEMA, RECORD_SCHEMA, SCHEMA_VERSION

VIEWS = ("articles", "mentions", "entities", "stances", "stance_pairs", "countries", "duplicates", "dead_letters")
READABLE = ("articles", "dead_letters")
PARTITIONED = "hive_partitioning = true, hive_types = {'country': VARCHAR, 'date': DATE}"
READING_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
RUNS_TEXT = {"query", "json_execute_serialized_sql"}  # functions that run SQL which the check below does not see
EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+|\([^()]*\)\s*)?", re.IGNORECASE)


def open_dataset(root: str) -> duckdb.DuckDBPyConnection:
    """A connection with all VIEWS over the dataset at `root`, able to read it and nothing else.

    Raises DatasetError where there is no dataset. An empty dataset has all views, with their columns and no rows.
    """
    parts = find_parts(root)
    folder = os.path.abspath(root)
    connection = duckdb.connect(config={"python_enable_replacements": False})
    connection.execute("SET TimeZone = 'UTC'")
    schema = merged_schema(parts)
    if parts:
        pattern = os.path.join(glob.escape(folder), "articles", "*", "*", "*.parquet")
        _create_view(connection, "articles", pattern, schema, partitioned=True)
    else:
        _create_table(connection, "articles", pa.schema([*schema, *PARTITION_SCHEMA]))
    letters = os.path.join(glob.escape(folder), "dead_letters", "**", "*.parquet")
    if glob.glob(letters, recursive=True):
        _create_view(connection, "dead_letters", letters, DEAD_LETTER_SCHEMA, partitioned=False)
    else:
        _create_table(connection, "dead_letters", DEAD_LETTER_SCHEMA)
    connection.execute(files("pipeline").joinpath("queries", "_views.sql").read_text(encoding="utf-8"))
    _lock_up(connection, folder)
    return connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Value]) -> pa.RecordBatchReader:
    """The answer to one SELECT with named parameters (`$name`), batch by batch.

    Raises UsageError for SQL that is wrong or would write, and DatasetError when the files cannot be read.
    """
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise UsageError(f"one question at a time: {len(statements)} statements came, expected one SELECT")
        _check_reads_only(connection, sql)
        _check_values(statements[0].named_parameters, values)
        return connection.sql(sql, params=dict(values)).to_arrow_reader(10_000)
    except duckdb.Error as error:
        raise explain_error(error) from error


def explain_error(error: duckdb.Error) -> UsageError | DatasetError:
    """A DuckDB error as one of ours, in one line."""
    message = one_line(error)
    if isinstance(error, duckdb.PermissionException):
        return UsageError(f"a question may read this dataset only: {message}")
    if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
        return DatasetError(f"{message}; if a part file is damaged, `dateline check` names it")
    return UsageError(message)


def one_line(error: Exception) -> str:
    """An error's message without DuckDB's picture of the place, in one line."""
    return " ".join(str(error).partition("\n\nLINE ")[0].split())


def find_parts(root: str) -> list[Path]:
    """The finished part files of a local dataset, sorted; DatasetError when `root` holds no dataset."""
    if "://" in root:
        raise DatasetError(f"{root} is not a local folder: copy the dataset here, or read it as docs/recipes.md shows")
    folder = Path(os.path.abspath(root))
    if not folder.is_dir():
        raise DatasetError(f"there is no dataset at {root}: no such folder; `dateline run ARTICLES {root}` makes one")
    if not any((folder / part).is_dir() for part in ("articles", "dead_letters", "_runs")):
        raise DatasetError(f"{root} is no dataset: it has no folder `articles`; name the folder that a run wrote to")
    above = [part for part in folder.parts if part.startswith(("country=", "date="))]
    if above:
        raise DatasetError(f"{root} lies below {above[0]}, which every reader takes for a partition: move the dataset")
    return sorted(folder.glob("articles/country=*/date=*/*.parquet"))


def merged_schema(parts: Sequence[Path]) -> pa.Schema:
    """The record's columns, and any that a newer version added, without opening every file.

    Columns are only ever added, so the file written last has them all; the first and last by name are looked at too, in
    case a copy of the dataset lost its times. What a file does not have reads as null.
    """
    samples = {parts[0], parts[-1], max(parts, key=lambda part: part.stat().st_mtime_ns)} if parts else set()
    try:
        schemas = [RECORD_SCHEMA, *(_read_schema(part) for part in sorted(samples))]
        return pa.unify_schemas(schemas, promote_options="permissive").remove_metadata()
    except pa.ArrowException as error:
        raise DatasetError(f"the part files do not fit schema {SCHEMA_VERSION}: {one_line(error)}") from error


def _read_schema(part: Path) -> pa.Schema:
    try:
        schema = pq.read_schema(part)
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{part} cannot be read ({one_line(error)}): `dateline check` says what to do") from error
    version = (schema.metadata or {}).get(b"dateline.schema_version", SCHEMA_VERSION.encode()).decode()
    theirs, ours = major_of(schema), int(SCHEMA_VERSION.partition(".")[0])
    if theirs != ours:
        way_out = "run `dateline rebuild OUT`, which migrates it" if theirs < ours else "upgrade Dateline"
        raise DatasetError(f"{part} has schema {version}, this Dateline reads {SCHEMA_VERSION}: {way_out}")
    return schema


def _create_view(
    connection: duckdb.DuckDBPyConnection, name: str, pattern: str, schema: pa.Schema, *, partitioned: bool
) -> None:
    """A view over files whose columns are told beforehand: `union_by_name` would open every file for each question."""
    _create_table(connection, "_columns", schema)
    rows = connection.execute("SELECT column_name, column_type FROM (DESCRIBE _columns)").fetchall()
    connection.execute("DROP TABLE _columns")
    columns = ", ".join(
        f"{_text(column)}: {{'name': {_text(column)}, 'type': {_text(kind)}, 'default_value': NULL}}"
        for column, kind in rows
    )
    names = [column for column, _ in rows] + (PARTITION_SCHEMA.names if partitioned else [])
    selected = ", ".join(_identifier(column) for column in names)
    partitions = PARTITIONED if partitioned else "hive_partitioning = false"
    source = f"read_parquet({_text(pattern)}, {partitions}, schema = MAP {{{columns}}})"
    connection.execute(f"CREATE VIEW {name} AS SELECT {selected} FROM {source}")


def _create_table(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
    """An empty table with the columns of an Arrow schema."""
    connection.register("_empty", schema.empty_table())
    connection.execute(f"CREATE TABLE {name} AS FROM _empty")
    connection.unregister("_empty")


def _lock_up(connection: duckdb.DuckDBPyConnection, folder: str) -> None:
    """From here on: these two folders, no extensions, no other settings. Large sorts spill to the temporary folder."""
    # DuckDB holds the pattern against the list before it expands it, and the files after
    folders = [os.path.join(base, part) for base in (folder, glob.escape(folder)) for part in READABLE]
    allowed = ", ".join(map(_text, folders))
    spill = os.path.join(tempfile.gettempdir(), f"dateline-query-{os.getpid()}")
    connection.execute(f"SET temp_directory = {_text(spill)}")
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _check_reads_only(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse what is not one SELECT that only reads, by DuckDB's own syntax tree.

    The allowed folders are open for writing too (COPY, ATTACH), and DuckDB takes COPY and INSERT inside WITH.
    """
    inner = EXPLAIN.sub("", sql, count=1) if EXPLAIN.match(sql) else sql
    tree = json.loads(connection.execute("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", [inner]).fetchall()[0][0])
    if tree.get("error_type") == "parser":
        raise duckdb.ParserException(tree["error_message"])
    nodes = list(_walk(tree))
    kinds = {str(node.get("type")) for node in nodes if str(node.get("type")).endswith("_NODE")}
    called = {str(node.get("function_name")).lower() for node in nodes}
    if tree.get("error") or not kinds <= READING_NODES or called & RUNS_TEXT:
        raise UsageError("a question may only read: expected a SELECT (or EXPLAIN SELECT) that writes nothing")


def _check_values(wanted: set[str], values: Mapping[str, Value]) -> None:
    for name in sorted(wanted - values.keys()):
        raise UsageError(f"the SQL asks for ${name}: give --{name} VALUE")
    for name in sorted(values.keys() - wanted):
        raise UsageError(f"the SQL has no ${name}{nearest(name, wanted)}, but --{name} was given")


def _walk(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from _walk(child)


def _text(value: str) -> str:
    """A string literal of SQL, for what cannot be a parameter: the paths and types in a view's definition."""
    return "'" + value.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
