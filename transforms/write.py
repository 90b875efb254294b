"""Write: stage a work unit's records and dead letters as Parquet files, ready for the dataset's commit.

Records are spread over a few files of STAGED_SCHEMA by a hash of their ids, so that several workers can write and none
writes many small files. File names come from the hash alone, and a file appears whole or not at all: a bundle that runs
twice overwrites its own file. On a runner that streams, the window is in the name, and what the file holds: a window
may fire more than once, and not every runner numbers the firings. Nothing here touches the dataset:
`pipeline.dataset.Dataset.commit` merges what was staged, and counts it by reading it.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import Any, BinaryIO

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems
from apache_beam.transforms.window import GlobalWindow

from schemas.article import Article, DeadLetter
from schemas.record import DEAD_LETTER_SCHEMA
from transforms.encoding import printable
from transforms.staged import STAGED_SCHEMA, stage_articles

RECORDS = "records"
DEAD_LETTERS = "dead_letters"
STAGED_FILES = 8  # at most, for a unit's records: each costs some 15 ms, whatever is in it
CHUNK_ROWS = 1000  # rows in memory as Arrow at once; also the row groups of a staged file


@dataclass(eq=False)
class StageRecords(beam.PTransform):
    """Write articles into a few files of `folder`/records. `folder` is `Dataset.staging(unit_id)`."""

    folder: str

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[str]:
        """The paths of the files written."""
        return (
            articles
            | "KeyByFile" >> beam.Map(key_by_file)
            | "GroupByFile" >> beam.GroupByKey()
            | "WriteRecords" >> beam.ParDo(_WriteFile(f"{self.folder}/{RECORDS}", STAGED_SCHEMA, stage_articles))
        )


@dataclass(eq=False)
class StageDeadLetters(beam.PTransform):
    """Write dead letters into `folder`/dead_letters, one file."""

    folder: str

    def expand(self, dead_letters: beam.PCollection[DeadLetter]) -> beam.PCollection[str]:
        """The paths of the files written."""
        return (
            dead_letters
            | "KeyTogether" >> beam.Map(key_together)
            | "GroupTogether" >> beam.GroupByKey()
            | "WriteDeadLetters"
            >> beam.ParDo(_WriteFile(f"{self.folder}/{DEAD_LETTERS}", DEAD_LETTER_SCHEMA, stage_dead_letters))
        )


def key_by_file(article: Article) -> tuple[str, Article]:
    """The article under the name of its staged file; keys are strings, so that every runner groups them alike."""
    digest = blake2b(article.article_id.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return f"part-{int.from_bytes(digest) % STAGED_FILES}", article


def key_together(dead_letter: DeadLetter) -> tuple[str, DeadLetter]:
    """All dead letters under one key."""
    return DEAD_LETTERS, dead_letter


def stage_dead_letters(dead_letters: Iterable[DeadLetter]) -> pa.Table:
    """Dead letters as a table of DEAD_LETTER_SCHEMA."""
    columns = zip(*(astuple(_written(dead_letter)) for dead_letter in dead_letters), strict=True)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, DEAD_LETTER_SCHEMA, strict=True)],
                    schema=DEAD_LETTER_SCHEMA)


def _written(letter: DeadLetter) -> DeadLetter:
    return replace(letter, error=printable(letter.error), source_uri=printable(letter.source_uri))


class _WriteFile(beam.DoFn):
    def __init__(self, folder: str, schema: pa.Schema, to_table: Any) -> None:
        self.folder, self.schema, self.to_table = folder, schema, to_table

    def process(
        self, group: tuple[str, Iterable[Any]], window: Any = beam.DoFn.WindowParam, pane: Any = beam.DoFn.PaneInfoParam
    ) -> Iterable[str]:
        key, elements = group
        occasion = _occasion(window)
        if occasion or pane.index > 0:
            elements = list(elements)
            occasion += _content(elements)
        path = f"{self.folder}/{key}{occasion}.parquet"
        write_whole(path, self.schema, map(self.to_table, _chunks(elements)))
        yield path


def _occasion(window: Any) -> str:
    """What tells one streaming window from another; nothing in a bounded pipeline."""
    return "" if isinstance(window, GlobalWindow) else f"-{window.start.micros}-{window.end.micros}"


def _content(elements: Iterable[Any]) -> str:
    """What tells one firing of a window from another: the sources of its elements, in any order."""
    sources = "\0".join(sorted(element.source_uri for element in elements))
    return "-" + blake2b(sources.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _chunks(elements: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(elements)
    while chunk := list(islice(rest, CHUNK_ROWS)):
        yield chunk


def write_whole(path: str, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write a Parquet file that is never seen half-written, on a local disk or an object store of Beam's."""
    if "://" in path:  # an object appears when it is closed
        with FileSystems.create(path) as target:
            _write(target, schema, tables)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as target:
        _write(target, schema, tables)
    os.replace(temporary, path)


def _write(target: BinaryIO, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
