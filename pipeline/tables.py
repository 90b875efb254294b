"""What a dataset holds, from the footers of its part files: no row is read."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.query import VIEWS, find_parts, merged_schema, one_line
from schemas.errors import DatasetError
from schemas.record import NULL_PARTITION, PARTITION_SCHEMA, SCHEMA_VERSION

COUNTRIES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """A column: its rows without a value (None for lists), for lists their items, and its compressed size."""

    name: str
    type: str
    nulls: int | None
    items: int | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """A dataset in numbers; `countries` are (code, rows), most rows first."""

    rows: int
    files: int
    bytes: int
    undated: int
    first_day: date | None
    last_day: date | None
    countries: tuple[tuple[str, int], ...]
    columns: tuple[ColumnStatistics, ...]
    schema_versions: tuple[str, ...]


def measure_dataset(root: str) -> Statistics:
    """The statistics of the dataset at `root`; DatasetError where there is none or a file cannot be read."""
    parts = find_parts(root)
    schema = merged_schema(parts)
    footers = [(part, _read_footer(part)) for part in parts]
    countries: Counter[str] = Counter()
    days: Counter[str] = Counter()
    for part, footer in footers:
        countries[_partition_value(part.parent.parent)] += footer.num_rows
        days[_partition_value(part.parent)] += footer.num_rows
    dated = sorted(date.fromisoformat(day) for day in days if day != NULL_PARTITION)
    return Statistics(
        rows=sum(footer.num_rows for _, footer in footers),
        files=len(parts),
        bytes=sum(part.stat().st_size for part in parts),
        undated=days[NULL_PARTITION],
        first_day=dated[0] if dated else None,
        last_day=dated[-1] if dated else None,
        countries=tuple(sorted(countries.items(), key=lambda item: (-item[1], item[0]))),
        columns=_measure_columns(schema, [footer for _, footer in footers]),
        schema_versions=tuple(sorted({_schema_version(footer) for _, footer in footers})),
    )


def _read_footer(part: Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(part)
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{part} cannot be read ({one_line(error)}): `dateline check` says what to do") from error


def _partition_value(folder: Path) -> str:
    return unquote(folder.name.partition("=")[2])


def _schema_version(footer: pq.FileMetaData) -> str:
    return str((footer.metadata or {}).get(b"dateline.schema_version", SCHEMA_VERSION.encode()), "ascii")


def _measure_columns(schema: pa.Schema, footers: list[pq.FileMetaData]) -> tuple[ColumnStatistics, ...]:
    """Add up the leaves of all files. A list's items are the values of its fullest leaf, because leaves can be null."""
    values: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for footer in footers:
        for leaf, filled, size in _read_leaves(footer):
            values[leaf] += filled
            sizes[leaf] += size
    rows = sum(footer.num_rows for footer in footers)
    measured = []
    for field in schema:
        leaves = [leaf for leaf in values if leaf.partition(".")[0] == field.name]
        filled = max((values[leaf] for leaf in leaves), default=0)
        nested = pa.types.is_nested(field.type)
        measured.append(
            ColumnStatistics(
                field.name, _short_type(field.type), None if nested else rows - filled, filled if nested else None,
                sum(sizes[leaf] for leaf in leaves),
            )
        )
    return tuple(measured)


def _read_leaves(footer: pq.FileMetaData) -> Iterator[tuple[str, int, int]]:
    """(path, values that are not null, compressed bytes) of each leaf column in each row group.

    In a list the numbers among its leaves count an empty list as a value; its strings tell.
    """
    for group in range(footer.num_row_groups):
        chunks = footer.row_group(group)
        for index in range(chunks.num_columns):
            chunk = chunks.column(index)
            tells = "." not in chunk.path_in_schema or chunk.physical_type == "BYTE_ARRAY"
            nulls = chunk.statistics.null_count if chunk.is_stats_set else 0
            yield chunk.path_in_schema, (chunk.num_values - nulls) * tells, chunk.total_compressed_size


def _short_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list<{_short_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(kind.field(index).name for index in range(kind.num_fields))}>"
    return str(kind)


def print_statistics(statistics: Statistics, *, as_json: bool) -> None:
    """Print statistics for the eye, or as one JSON object."""
    if as_json:
        json.dump(asdict(statistics), sys.stdout, default=str, indent=1)
        print()
        return
    console = Console()
    console.print(Text(_summary(statistics)), highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, justify in (("column", "left"), ("type", "left"), ("filled", "right"), ("bytes", "right")):
        table.add_column(heading, justify="right" if justify == "right" else "left", overflow="fold")
    for field in PARTITION_SCHEMA:
        filled = statistics.rows - (statistics.undated if field.name == "date" else 0)
        table.add_row(field.name, f"{field.type}, in the path", _share(filled, statistics.rows), "")
    for column in statistics.columns:
        table.add_row(column.name, Text(column.type), _filled(column, statistics.rows), f"{column.bytes:,}")
    console.print(table)
    console.print(Text(f"views of `dateline query`: {', '.join(VIEWS)}"), highlight=False)


def _share(filled: int, rows: int) -> str:
    return f"{filled / rows:.1%}" if rows else "-"


def _filled(column: ColumnStatistics, rows: int) -> str:
    return f"{column.items:,} items" if column.nulls is None else _share(rows - column.nulls, rows)


def _summary(statistics: Statistics) -> str:
    shown = ", ".join(f"{code} {rows:,}" for code, rows in statistics.countries[:COUNTRIES_SHOWN])
    more = len(statistics.countries) - COUNTRIES_SHOWN
    tail = f", and {more} more" if more > 0 else ""
    days = f"{statistics.first_day} to {statistics.last_day}" if statistics.first_day else "none"
    return (
        f"{statistics.rows:,} articles in {statistics.files:,} files, {statistics.bytes / 1e6:,.1f} MB,"
        f" schema {', '.join(statistics.schema_versions) or SCHEMA_VERSION}\n"
        f"days: {days}; {statistics.undated:,} without a date\n"
        f"countries: {len(statistics.countries)}" + (f" ({shown}{tail})\n" if shown else "\n")
    )
