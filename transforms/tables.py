"""Tables, split into one document a row: CSV and TSV with a header line, and Parquet."""

import base64
import csv
import datetime as dt
import json
import tempfile
from collections.abc import Iterator
from typing import Any

from schemas.article import DeadLetter, Document
from schemas.errors import ArticleError
from transforms.encoding import decode_bytes
from transforms.limits import Limits
from transforms.streams import CHUNK_BYTES, InputStream

ROW_TYPE = "application/x-row+json"
DELIMITERS = ",;\t|"
PARQUET_BATCH_ROWS = 64
SPOOL_BYTES = 64_000_000  # of an unpacked Parquet file, what is kept in memory; the rest waits in a temporary file


def split_table(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    """One document a row of a CSV or TSV; the header line names the fields, rows are numbered from 1."""
    # The limit is one for the whole process; it only ever has this value.
    csv.field_size_limit(limits.document_bytes)
    lines = _text_lines(stream, limits)
    header_line = next(lines, "")
    delimiter = max(DELIMITERS, key=header_line.count)
    rows = csv.reader(lines, delimiter=delimiter, strict=False)
    try:
        header = [name.strip() for name in next(csv.reader([header_line], delimiter=delimiter), [])]
        for number, row in enumerate(rows, start=1):
            if any(cell.strip() for cell in row):
                yield _row_document(f"{uri}#row={number}", header, row)
    except csv.Error as error:
        message = f"the table breaks after line {rows.line_num}: {error} (document_bytes); is a quote not closed?"
        raise ArticleError("invalid_table", message) from error


def _row_document(source_uri: str, header: list[str], row: list[str]) -> Document | DeadLetter:
    if len(row) > len(header):
        error = f"the row has {len(row)} cells and the header {len(header)}; quote cells that hold the delimiter"
        payload = json.dumps(row).encode()[: DeadLetter.PAYLOAD_LIMIT]
        return DeadLetter("read", "malformed_row", error, source_uri, payload)
    guessed = False
    cells = {}
    for name, cell in zip(header, row, strict=False):
        decoded = decode_bytes(cell.encode("utf-8", "surrogateescape"))
        guessed = guessed or "encoding_guessed" in decoded.flags
        cells[name] = decoded.text
    metadata = (("encoding_guessed", "true"),) if guessed else ()
    return Document(source_uri, ROW_TYPE, json.dumps(cells, ensure_ascii=False).encode("utf-8", "replace"), metadata)


def _text_lines(stream: InputStream, limits: Limits) -> Iterator[str]:
    """Lines of text; bytes that are no UTF-8 are kept as they are, to be decoded cell by cell."""
    for line, cut in stream.read_lines(limits.document_bytes):
        if cut:
            limits.check("document_bytes", limits.document_bytes + 1, "a line of the table")
        yield line.decode("utf-8", "surrogateescape")


def split_parquet(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    """One document a row of a Parquet file, rows numbered from 1.

    Raises:
        ArticleError: `corrupt_parquet`, `too_large` where a row group is over the limit.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
        while chunk := stream.read(CHUNK_BYTES):
            spool.write(chunk)
        spool.seek(0)
        try:
            file = pq.ParquetFile(spool)
            _check_row_groups(file, limits)
            yield from _parquet_rows(file, uri, limits)
        # ValueError: text that is no UTF-8; OverflowError, LookupError: a time or time zone that Python has not
        except (pa.ArrowException, OSError, ValueError, OverflowError, LookupError) as error:
            raise ArticleError("corrupt_parquet", f"the Parquet file cannot be read: {error}") from error


def _check_row_groups(file: Any, limits: Limits) -> None:
    for group in range(file.metadata.num_row_groups):
        limits.check("row_group_bytes", file.metadata.row_group(group).total_byte_size, "a row group, unpacked,")


def _parquet_rows(file: Any, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    number = 0
    for batch in file.iter_batches(batch_size=PARQUET_BATCH_ROWS):
        for row in batch.to_pylist():
            number += 1
            payload = json.dumps(row, default=_to_json, ensure_ascii=False).encode("utf-8", "replace")
            source_uri = f"{uri}#row={number}"
            if len(payload) > limits.document_bytes:
                error = f"over {limits.document_bytes:,} bytes, the limit document_bytes"
                yield DeadLetter("read", "too_large", error, source_uri, payload[: DeadLetter.PAYLOAD_LIMIT])
            else:
                yield Document(source_uri, ROW_TYPE, payload)


def _to_json(value: Any) -> str:
    """What JSON has no type for, as text: times in ISO 8601, bytes decoded where they are text."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode() if b"\0" in value else decode_bytes(value).text
    return str(value)
