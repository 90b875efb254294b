"""The staged form of records: RECORD_SCHEMA, the partition columns, and what the commit needs to know of each row.

Staged rows are made where the articles are (in the workers), so that the commit only compares and copies columns.
"""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from schemas.article import Article
from schemas.record import PARTITION_SCHEMA, RECORD_SCHEMA, to_table
from transforms.deduplicate import signatures_of, text_key

# row_hash: of every column but the story's; text_key and signature: what near-duplicates are found by.
HEAD_FIELDS = [pa.field("row_hash", pa.binary()), pa.field("text_key", pa.binary()), pa.field("signature", pa.binary())]
STAGED_SCHEMA = pa.schema([*RECORD_SCHEMA, *PARTITION_SCHEMA, *HEAD_FIELDS])
STORY_COLUMNS = ("story_id", "duplicate_of")


def stage_articles(articles: Iterable[Article]) -> pa.Table:
    """Articles as a table of STAGED_SCHEMA."""
    listed = list(articles)
    records = to_table(listed)
    for field in PARTITION_SCHEMA:
        values = [getattr(article, field.name) for article in listed]
        records = records.append_column(field, pa.array(values, field.type))
    return add_heads(records)


def add_heads(records: pa.Table) -> pa.Table:
    """Records with their partition columns, completed to STAGED_SCHEMA."""
    texts = records["text"].to_pylist()
    keys = [text_key(headline, text) for headline, text in zip(records["headline"].to_pylist(), texts, strict=True)]
    columns: list[list[bytes]] = [row_hashes(records), keys, signatures_of(texts)]
    for field, values in zip(HEAD_FIELDS, columns, strict=True):
        records = records.append_column(field, pa.array(values, field.type))
    return records.cast(STAGED_SCHEMA)


def row_hashes(records: pa.Table) -> list[bytes]:
    """16 bytes a row over its values as Arrow holds them (so before and after Parquet), but for the story columns."""
    plain = records.drop_columns([name for name in STORY_COLUMNS if name in records.column_names])
    return [_hash(row) for row in plain.to_pylist()]


def _hash(row: dict[str, Any]) -> bytes:
    filled = {name: value for name, value in row.items() if value is not None}  # a column added later changes no hash
    return blake2b(json.dumps(filled, default=str, sort_keys=True).encode(), digest_size=16).digest()
