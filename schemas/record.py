"""The record: one Arrow row for an article, with one fixed, versioned schema.

A new column may be added (nullable, at its place in the list; the minor version grows); none is renamed or changes its
type without a new major version. `country` and `date` are the partition columns: they are in the path, not in the file.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from schemas.article import Article

SCHEMA_VERSION = "1.0"
PIPELINE_VERSION = "0.1.0"
UNKNOWN_COUNTRY = "ZZ"
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"

REMOVED = pa.struct([("text", pa.string()), ("reason", pa.string()), ("at_char", pa.int32())])
COUNTRY_SHARE = pa.struct([("code", pa.string()), ("share", pa.float32()), ("mentions", pa.int32())])
MENTION = pa.struct(
    [("text", pa.string()), ("start_char", pa.int32()), ("end_char", pa.int32()), ("label", pa.string()),
     ("score", pa.float32()), ("entity", pa.int32())]
)
ENTITY = pa.struct(
    [("name", pa.string()), ("label", pa.string()), ("country", pa.string()), ("aliases", pa.list_(pa.string())),
     ("mentions", pa.int32()), ("salience", pa.float32())]
)
STANCE = pa.struct(
    [("holder", pa.int32()), ("holder_name", pa.string()), ("target", pa.int32()), ("target_name", pa.string()),
     ("stance", pa.string()), ("score", pa.float32()), ("favor", pa.float32()), ("against", pa.float32()),
     ("neutral", pa.float32()), ("evidence_start", pa.int32()), ("evidence_end", pa.int32()), ("via", pa.string())]
)

RECORD_SCHEMA = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("publisher", pa.string()),
        pa.field("headline", pa.string()),
        pa.field("byline", pa.string()),
        pa.field("dateline", pa.string()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("removed", pa.list_(REMOVED)),
        pa.field("language", pa.string()),
        pa.field("language_score", pa.float32()),
        pa.field("published_at", pa.timestamp("us", tz="UTC")),
        pa.field("date_source", pa.string()),
        pa.field("date_evidence", pa.string()),
        pa.field("date_precision", pa.string()),
        pa.field("publisher_country", pa.string()),
        pa.field("dateline_country", pa.string()),
        pa.field("countries", pa.list_(COUNTRY_SHARE)),
        pa.field("country_score", pa.float32()),
        pa.field("mentions", pa.list_(MENTION)),
        pa.field("entities", pa.list_(ENTITY)),
        pa.field("stances", pa.list_(STANCE)),
        pa.field("story_id", pa.string()),
        pa.field("duplicate_of", pa.string()),
        pa.field("windows", pa.int32()),
        pa.field("tokens", pa.int32()),
        pa.field("flags", pa.list_(pa.string())),
        pa.field("content_hash", pa.string()),
        pa.field("source_uri", pa.string()),
        pa.field("ner_model", pa.string()),
        pa.field("stance_model", pa.string()),
        pa.field("pipeline_version", pa.string()),
        pa.field("schema_version", pa.string()),
    ],
    metadata={"dateline.schema_version": SCHEMA_VERSION},
)

# What a reader gets for the two columns that live in the path.
PARTITION_SCHEMA = pa.schema([pa.field("country", pa.string()), pa.field("date", pa.date32())])

DEAD_LETTER_SCHEMA = pa.schema(
    [pa.field("step", pa.string(), nullable=False), pa.field("reason", pa.string(), nullable=False),
     pa.field("error", pa.string()), pa.field("source_uri", pa.string()), pa.field("payload", pa.binary())]
)


def to_row(article: Article) -> dict[str, Any]:
    """An article as a row of RECORD_SCHEMA; the story columns start as a story of its own."""
    row: dict[str, Any] = {
        name: getattr(article, name)
        for name in RECORD_SCHEMA.names
        if name not in ("story_id", "duplicate_of", "pipeline_version", "schema_version")
    }
    for name in ("removed", "countries", "mentions", "entities", "stances"):
        row[name] = [_fields(item) for item in row[name]]
    row["flags"] = list(article.flags)
    return row | {
        "story_id": article.article_id,
        "duplicate_of": None,
        "pipeline_version": PIPELINE_VERSION,
        "schema_version": SCHEMA_VERSION,
    }


def _fields(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def to_table(articles: Iterable[Article]) -> pa.Table:
    """Articles of one partition as a table of RECORD_SCHEMA."""
    return rows_to_table([to_row(article) for article in articles])


def rows_to_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows as a table of RECORD_SCHEMA."""
    return pa.Table.from_pylist(list(rows), schema=RECORD_SCHEMA)
