"""Part files: where a record lies, and how the rows of one file become bytes, always the same way."""

import io
import re
from collections.abc import Collection, Mapping
from datetime import date
from hashlib import blake2b

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.files import Files
from schemas.errors import DatasetError
from schemas.record import DEAD_LETTER_SCHEMA, NULL_PARTITION, PARTITION_SCHEMA, RECORD_SCHEMA, SCHEMA_VERSION

ARTICLES = "articles"
DEAD_LETTERS = "dead_letters"
DEAD_LETTER_FILES = 16
SPARE_PART_FILES = 64  # a number of part files is found again when fewer than this many of the last are missing
ROW_GROUP_ROWS = 8192
RECORD_ORDER = [("published_at", "ascending"), ("article_id", "ascending")]  # Arrow puts nulls last

_COUNTRY = re.compile("[A-Z]{2}")
_PART = re.compile(rf"{ARTICLES}/country=(?P<country>[A-Z]{{2}})/date=(?P<date>[^/]+)/part-(0|[1-9][0-9]*)\.parquet")


def part_path(country: str, day: date | None, article_id: str, part_files: int) -> str:
    """The one file that an article belongs in."""
    if not _COUNTRY.fullmatch(country):
        raise DatasetError(f"article {article_id} has the country {country!r}; two capital letters are expected")
    part = _bucket(article_id, part_files)
    return f"{ARTICLES}/country={country}/date={day or NULL_PARTITION}/part-{part}.parquet"


def partition_of(path: str) -> tuple[str, date | None]:
    """The country and the date that a part file's path stands for; ValueError when it is no such path."""
    found = _PART.fullmatch(path)
    if not found:
        raise ValueError(f"{path} is not articles/country=XX/date=YYYY-MM-DD/part-N.parquet")
    return found["country"], None if found["date"] == NULL_PARTITION else date.fromisoformat(found["date"])


def dead_letter_path(source_uri: str) -> str:
    """The one file that a source's dead letters belong in: those of one input file lie together."""
    return f"{DEAD_LETTERS}/part-{_bucket(source_uri.partition('#')[0], DEAD_LETTER_FILES)}.parquet"


def infer_part_files(files: Files) -> int:
    """The smallest number of part files a partition that fits where every article lies; 1 without articles."""
    parts = [path for path in files.walk(ARTICLES) if _PART.fullmatch(path)]
    highest = max((_number_of(path) for path in parts), default=0)
    possible = list(range(highest + 1, highest + 1 + SPARE_PART_FILES))
    for path in parts:
        try:
            ids = read_part(files, path, RECORD_SCHEMA, ["article_id"])["article_id"].to_pylist()
        except DatasetError:
            continue  # a damaged file says nothing
        possible = [count for count in possible if all(_bucket(name, count) == _number_of(path) for name in ids)]
    return possible[0] if possible else highest + 1


def _number_of(path: str) -> int:
    return int(path.rpartition("-")[2].removesuffix(".parquet"))


def _bucket(name: str, buckets: int) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) % buckets


def to_bytes(table: pa.Table) -> bytes:
    """A table as Parquet. Every choice is fixed, so that the same rows are the same bytes."""
    target = io.BytesIO()
    pq.write_table(
        table.combine_chunks(),  # pages must not follow the chunks that rows happened to come in
        target,
        row_group_size=ROW_GROUP_ROWS,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
        store_schema=True,
    )
    return target.getvalue()


def read_part(files: Files, path: str, schema: pa.Schema, columns: list[str] | None = None) -> pa.Table:
    """The rows of a part file in `schema`; columns that an older version did not write are null."""
    return parse_part(read_bytes(files, path), path, schema, columns)


def read_bytes(files: Files, path: str) -> bytes:
    """The bytes of a file that the index knows."""
    try:
        return files.read(path)
    except FileNotFoundError:
        raise DatasetError(f"{path} is gone, but the index knows its rows. Nothing was changed. {way_out()}") from None


def parse_part(content: bytes, path: str, schema: pa.Schema, columns: list[str] | None = None) -> pa.Table:
    """The rows of a part file's bytes in `schema`."""
    table = read_table(content, path, columns)
    return table if columns else conform(table, path, schema)


def read_table(content: bytes, path: str, columns: list[str] | None = None) -> pa.Table:
    """The rows of a part file's bytes as they were written."""
    try:
        return pq.ParquetFile(io.BytesIO(content)).read(columns=columns)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DatasetError(f"{path} is damaged ({reason}). Nothing was changed. {way_out()}") from error


def major_of(schema: pa.Schema) -> int:
    """The major schema version that a part file was written with."""
    return int((schema.metadata or {}).get(b"dateline.schema_version", SCHEMA_VERSION.encode()).partition(b".")[0])


def conform(table: pa.Table, path: str, schema: pa.Schema) -> pa.Table:
    """The table with exactly the columns of `schema`."""
    unknown = set(table.column_names) - set(schema.names)
    if unknown:
        raise DatasetError(f"{path} has columns that this version does not know: {', '.join(sorted(unknown))}. "
                           "It was written by a newer Dateline; upgrade this one.")
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def way_out() -> str:
    """What to do when the files are not what the index says."""
    return ("Run `dateline rebuild OUT`, which sets damaged files aside and forgets the lost rows and the inputs that "
            "they came from, and run again over the same inputs to get them back.")


def set_stories(records: pa.Table, stories: Mapping[str, tuple[str, str | None]], path: str) -> pa.Table:
    """Records with the story columns that the index holds for them."""
    ids = records["article_id"].to_pylist()
    if len(ids) != len(stories):
        raise DatasetError(f"{path} and the index differ: {len(ids)} and {len(stories)} rows. Nothing was changed. "
                           + way_out())
    if missing := [article_id for article_id in ids if article_id not in stories]:
        raise DatasetError(f"{path} has a row that the index does not know: {missing[0]}. Nothing was changed. "
                           + way_out())
    for position, name in enumerate(("story_id", "duplicate_of")):
        column = pa.array([stories[article_id][position] for article_id in ids], pa.string())
        records = records.set_column(records.schema.get_field_index(name), RECORD_SCHEMA.field(name), column)
    return records


def without(records: pa.Table, column: str, values: Collection[str]) -> pa.Table:
    """The rows whose `column` is none of the values."""
    if not values:
        return records
    return records.filter(pa.array([value not in values for value in records[column].to_pylist()], pa.bool_()))


def sort_records(records: pa.Table) -> pa.Table:
    """Records in the order of a part file: by time, those without one last, then by id."""
    return records.sort_by(RECORD_ORDER) if len(records) else records


def sort_dead_letters(dead_letters: pa.Table) -> pa.Table:
    """Dead letters in the order of their files, each once."""
    rows = {tuple(row.values()): row for row in dead_letters.to_pylist()}
    ordered = [rows[key] for key in sorted(rows, key=lambda key: (key[3], *key[:3], key[4] or b""))]
    return pa.Table.from_pylist(ordered, schema=DEAD_LETTER_SCHEMA)


def with_partition(records: pa.Table, country: str, day: date | None) -> pa.Table:
    """Records with the two columns that their path stands for."""
    for field, value in zip(PARTITION_SCHEMA, (country, day), strict=True):
        records = records.append_column(field, pa.array([value] * len(records), field.type))
    return records
