"""The index beside the data: where each article is, what the merge compares it by, and what has been committed.

It is one SQLite file, and its transaction is the moment of a commit: the new part files lie ready under other names,
and one transaction says what the rows are now, which inputs are done, and which files are still to be put in place
(`pending`). A process that dies before it has changed nothing; one that dies after it is finished by whoever comes
next. Everything about articles can be rebuilt from the part files (`dateline rebuild OUT`).
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any
from urllib.parse import quote

from schemas.errors import DatasetError

INDEX = "_state/index.sqlite"
INDEX_VERSION = 1  # another layout is rebuilt, not migrated

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
  article_id TEXT PRIMARY KEY, path TEXT NOT NULL, country TEXT NOT NULL, day INTEGER NOT NULL,
  order_us INTEGER NOT NULL, published_us INTEGER, characters INTEGER NOT NULL,
  content_hash TEXT NOT NULL, source_uri TEXT NOT NULL,
  row_hash BLOB NOT NULL, text_key BLOB NOT NULL, story_id TEXT NOT NULL, duplicate_of TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS articles_by_path ON articles (path);
CREATE INDEX IF NOT EXISTS articles_by_text ON articles (text_key, country, day);
CREATE INDEX IF NOT EXISTS articles_by_original ON articles (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE TABLE IF NOT EXISTS signatures (
  country TEXT NOT NULL, day INTEGER NOT NULL, text_key BLOB NOT NULL, signature BLOB NOT NULL,
  PRIMARY KEY (country, day, text_key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS near (
  text_key BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY (text_key, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letters (source_uri TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inputs (
  fingerprint TEXT PRIMARY KEY, uri TEXT NOT NULL, unit_id TEXT NOT NULL, run_id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inputs_by_uri ON inputs (uri);
CREATE TABLE IF NOT EXISTS commits (
  number INTEGER PRIMARY KEY, unit_id TEXT NOT NULL, run_id TEXT NOT NULL, counts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pending (step INTEGER PRIMARY KEY, source TEXT, target TEXT NOT NULL);
"""
BUSY_SECONDS = 60
CACHE_KIB = 128 * 1024
UNDATED = -(10**6)  # the day of undated articles: no other day is its neighbour


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in the index. `day` counts from 1970-01-01 (UNDATED without a date); times are in microseconds."""

    article_id: str
    path: str
    country: str
    day: int
    order_us: int
    published_us: int | None
    characters: int
    content_hash: str
    source_uri: str
    row_hash: bytes
    text_key: bytes
    story_id: str
    duplicate_of: str | None

    @property
    def preference(self) -> tuple[bool, int, int, str, str, bytes]:
        """The greater of two records that claim one id and come from different sources is kept.

        The latest publication wins (a correction is newer), then the longest text; the rest only makes the order total.
        """
        dated = self.published_us is not None
        return (dated, self.published_us or 0, self.characters, self.content_hash, self.source_uri, self.row_hash)


_COLUMNS = ", ".join(field.name for field in fields(Entry))
_HOLES = ", ".join("?" for _ in fields(Entry))


class Index:
    """The open index. Writing happens between `begin` and `commit` or `rollback`."""

    def __init__(self, database: str, *, read_only: bool = False) -> None:
        address = f"file:{quote(database)}?mode={'ro' if read_only else 'rwc'}"
        self.connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        version = self._one("PRAGMA user_version")
        if version == 0 and not read_only:
            self.connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {INDEX_VERSION}; COMMIT;")
        elif version != INDEX_VERSION:
            raise DatasetError(f"the index has layout {version}, this Dateline uses {INDEX_VERSION}: "
                               "run `dateline rebuild OUT`")

    def close(self) -> None:
        """Close the database; an open transaction is rolled back."""
        self.connection.close()

    def begin(self) -> None:
        """Start the one write transaction."""
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make all since `begin` true at once."""
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        """Forget all since `begin`."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def about(self) -> dict[str, str]:
        """What the dataset is (schema_version, part_files); nothing when it is being made."""
        return dict(self.connection.execute("SELECT name, value FROM about"))

    def set_about(self, about: Mapping[str, str]) -> None:
        """Write what the dataset is."""
        self.connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", list(about.items()))

    # Articles

    def entries(self, article_ids: Iterable[str]) -> dict[str, Entry]:
        """The entries of those ids that are known."""
        query = f"SELECT {_COLUMNS} FROM articles WHERE article_id = ?"
        rows = (self.connection.execute(query, (article_id,)).fetchone() for article_id in article_ids)
        return {row[0]: Entry(*row) for row in rows if row}

    def put(self, entries: Iterable[Entry]) -> None:
        """Insert or replace entries."""
        self.connection.executemany(f"INSERT OR REPLACE INTO articles VALUES ({_HOLES})", map(astuple, entries))

    def stories_in(self, path: str) -> dict[str, tuple[str, str | None]]:
        """Each article of a part file with its story_id and duplicate_of."""
        query = "SELECT article_id, story_id, duplicate_of FROM articles WHERE path = ?"
        return {row[0]: (row[1], row[2]) for row in self.connection.execute(query, (path,))}

    def hashes_in(self, path: str) -> dict[str, bytes]:
        """Each article of a part file with its row_hash."""
        return dict(self.connection.execute("SELECT article_id, row_hash FROM articles WHERE path = ?", (path,)))

    def paths(self) -> list[str]:
        """The part files that the articles lie in."""
        return [row[0] for row in self.connection.execute("SELECT DISTINCT path FROM articles ORDER BY path")]

    def sources(self) -> Iterator[tuple[str, str]]:
        """Every article_id with the source_uri of its row."""
        yield from self.connection.execute("SELECT article_id, source_uri FROM articles")

    def dead_letter_sources(self) -> set[str]:
        """The source_uri of every dead letter."""
        return {row[0] for row in self.connection.execute("SELECT source_uri FROM dead_letters")}

    def count(self) -> int:
        """The number of articles."""
        return int(self._one("SELECT count(*) FROM articles"))

    # Files still to be put in place

    def add_pending(self, steps: Sequence[tuple[str | None, str]]) -> None:
        """The file steps after the commit, in order: (source, target) to replace, (None, target) to remove."""
        self.connection.executemany("INSERT INTO pending (source, target) VALUES (?, ?)", steps)

    def pending(self) -> list[tuple[str | None, str]]:
        """The file steps of the last commit that may not have been done."""
        return list(self.connection.execute("SELECT source, target FROM pending ORDER BY step"))

    def clear_pending(self) -> None:
        """The file steps are done."""
        self.connection.execute("DELETE FROM pending")

    def record_file(self, path: str, records: int, size: int) -> None:
        """What a part file holds now; no records: it is gone."""
        if records:
            self.connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (path, records, size))
        else:
            self.connection.execute("DELETE FROM files WHERE path = ?", (path,))

    def files(self) -> dict[str, tuple[int, int]]:
        """Path to number of records and bytes of every file, dead letters included."""
        return {row[0]: (row[1], row[2]) for row in self.connection.execute("SELECT * FROM files ORDER BY path")}

    def has_file(self, path: str) -> bool:
        """Whether the index knows a part file."""
        return bool(self._one("SELECT count(*) FROM files WHERE path = ?", path))

    # What has been committed

    def next_commit(self) -> int:
        """The number of the coming commit."""
        return int(self._one("SELECT coalesce(max(number), 0) + 1 FROM commits"))

    def record_commit(
        self, unit_id: str, run_id: str, counts: dict[str, Any], inputs: Iterable[tuple[str, str]]
    ) -> None:
        """A unit is in the dataset, and with it its inputs, given as (fingerprint, uri)."""
        values = (self.next_commit(), unit_id, run_id, json.dumps(counts))
        self.connection.execute("INSERT INTO commits VALUES (?, ?, ?, ?)", values)
        rows = [(fingerprint, uri, unit_id, run_id) for fingerprint, uri in inputs]
        self.connection.executemany("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?)", rows)

    def forget_commits(self) -> None:
        """Forget what has been committed; the rows stay."""
        self.connection.execute("DELETE FROM inputs")
        self.connection.execute("DELETE FROM commits")

    def commits(self, run_id: str | None = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """The unit_id, run_id and counts of every commit, or of those of one run, in order."""
        query = "SELECT unit_id, run_id, counts FROM commits WHERE run_id = ?1 OR ?1 IS NULL ORDER BY number"
        for unit_id, run, counts in self.connection.execute(query, (run_id,)):
            yield unit_id, run, json.loads(counts)

    def runs(self, prefix: str) -> list[str]:
        """The run_ids with this prefix that have committed something, the last one first."""
        query = "SELECT run_id FROM commits WHERE run_id GLOB ? GROUP BY run_id ORDER BY max(number) DESC"
        return [row[0] for row in self.connection.execute(query, (f"{prefix}*",))]

    def has_unit(self, unit_id: str) -> bool:
        """Whether a unit of this id is in the dataset."""
        return bool(self._one("SELECT count(*) FROM commits WHERE unit_id = ?", unit_id))

    def inputs(self, run_id: str | None = None) -> list[tuple[str, str, str, str]]:
        """Every input that is in the dataset, or those of one run: fingerprint, uri, unit_id, run_id."""
        query = "SELECT fingerprint, uri, unit_id, run_id FROM inputs WHERE run_id = ?1 OR ?1 IS NULL"
        return list(self.connection.execute(query, (run_id,)))

    def uri_of(self, fingerprint: str) -> str | None:
        """The URI that an input of this fingerprint was committed with."""
        row = self.connection.execute("SELECT uri FROM inputs WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return row[0] if row else None

    def has_input(self, fingerprint: str) -> bool:
        """Whether an input of this fingerprint is in the dataset."""
        return bool(self._one("SELECT count(*) FROM inputs WHERE fingerprint = ?", fingerprint))

    def _one(self, query: str, *values: Any) -> Any:
        return self.connection.execute(query, values).fetchone()[0]
