"""Rebuild: a dataset made anew from its own files, for a lost index, damaged files, another layout or schema version.

The rows are committed, some files at a time, into a second dataset below `_state/commit`. What commits make does not
depend on their order, so what differs there from the files in place is what was wrong with them. Then the new index
takes the old one's place, which is the moment, and its pending steps put the differing files in place; a row that moves
leaves its old file first, so that a globbing reader sees no article twice here either. It needs as much free space as
the dataset has. Files that cannot be read are copied to `_state/set_aside` before they go.

The old index, where it can be read, tells which of two copies of a row is the right one, which rows are lost or were
changed, and which inputs are done. Inputs of lost and changed rows are forgotten: the next run reads them again.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field

import pyarrow as pa

from pipeline.commit import TEMPORARY, Commit, CommitCounts, Step, finish
from pipeline.dataset import about_dataset, explained
from pipeline.files import Files, files_at
from pipeline.follow_options import is_kafka
from pipeline.index import INDEX, Index
from pipeline.lock import single_writer
from pipeline.parts import (
    ARTICLES,
    DEAD_LETTERS,
    conform,
    infer_part_files,
    major_of,
    partition_of,
    read_table,
    to_bytes,
    with_partition,
)
from schemas.errors import DatasetError
from schemas.record import DEAD_LETTER_SCHEMA, RECORD_SCHEMA, SCHEMA_VERSION
from transforms.staged import STAGED_SCHEMA, add_heads, row_hashes

REBUILT = f"{TEMPORARY}/rebuilt"  # a recovery clears it with what other commits leave
STAGED = "_state/staging/rebuild"
SET_ASIDE = "_state/set_aside"
UNIT_ROWS = 5000
RUN = "rebuild"  # what a rebuild adds or takes away is counted as this run's

Upgrade = Callable[[pa.Table], pa.Table]
UPGRADES: dict[int, Upgrade] = {}  # the records of a major version to those of the next one; version 1 is the first


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild found and did."""

    articles: int = 0
    files_changed: int = 0
    set_aside: list[str] = field(default_factory=list)
    had_index: bool = True
    lost_articles: int = 0
    changed_articles: int = 0
    inputs_forgotten: int = 0

    def __str__(self) -> str:
        said = [f"{self.articles:,} articles, {self.files_changed:,} files put right"]
        said += [f"could not be read: {path}, a copy is in {SET_ASIDE}" for path in self.set_aside]
        if not self.had_index:
            said.append("which inputs are done is not known any more: run again over all of them")
        elif self.inputs_forgotten:
            said.append(f"{self.lost_articles:,} articles are lost, {self.changed_articles:,} were changed by another "
                        f"program: run again over the same inputs ({self.inputs_forgotten:,} are read again)")
        return "\n".join(said)


def rebuild(root: str, *, part_files: int | None = None, files: Files | None = None) -> Rebuilt:
    """Make a dataset's index anew and put its files right; `part_files` None: as many a partition as it has.

    Raises DatasetError when the dataset is being written, holds what a newer version wrote, or cannot be written. It is
    as it was then; after the moment above, the next writer finishes.
    """
    files = files or files_at(root)
    if not files.walk(ARTICLES) and not files.exists(INDEX):
        raise DatasetError(f"there is no dataset at {root}: it has neither articles nor an index")
    with explained(root), single_writer(files, root):
        old = _open_old(files)
        try:
            if old:
                finish(files, old)
            files.remove_folder(TEMPORARY)
            known = int(old.about()["part_files"]) if old else infer_part_files(files)
            found = _Rebuild(files, root, old, part_files or known).go()
        finally:
            if old:
                old.close()
        _finish_new(files)
        files.remove_folder(TEMPORARY)
    return found


def _open_old(files: Files) -> Index | None:
    """The index as it is; None where it is lost or damaged."""
    if not files.exists(INDEX):
        return None
    try:
        index = Index(files.open_index(INDEX))
        sound = index.connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        if sound and index.about():
            return index
        index.close()
    except sqlite3.OperationalError as error:
        if "no such" not in str(error):
            raise  # a disk that cannot be read is no lost index
    except (DatasetError, sqlite3.DatabaseError):
        pass
    return None


def _finish_new(files: Files) -> None:
    index = Index(files.open_index(INDEX))
    try:
        finish(files, index)
    finally:
        index.close()
    files.publish_index(INDEX)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part file's rows as they are staged, and whether each is what the old index says is there."""

    staged: pa.Table
    right: list[bool]


class _Rebuild:
    def __init__(self, files: Files, root: str, old: Index | None, part_files: int) -> None:
        self.files, self.old, self.part_files = files, old, part_files
        self.made = files_at(f"{root.rstrip('/')}/{REBUILT}")
        self.new = Index(self.made.open_index(INDEX))
        self.found = Rebuilt(had_index=old is not None)
        self.waiting: list[pa.Table] = []
        self.units = 0
        self.changed: set[str] = set()

    def go(self) -> Rebuilt:
        """Make the second dataset and put its index in the place of the first one's."""
        try:
            self._take_records()
            self._take_dead_letters()
            steps = self._steps()
            self._keep_history(steps)
        finally:
            self.new.close()
        self._publish(steps)
        return self.found

    # The second dataset

    def _take_records(self) -> None:
        """The rows that the old index knows first, then those of them that are not in yet."""
        doubtful = []
        for path in self.files.walk(ARTICLES):
            if part := self._read(path):
                self._add(part.staged.filter(pa.array(part.right, pa.bool_())))
                if not all(part.right):
                    doubtful.append(path)
        self._commit()
        for path in doubtful:
            self._add_doubtful(path)
            self._commit()

    def _add_doubtful(self, path: str) -> None:
        part = self._read(path)
        if part is None:
            return
        ids = part.staged["article_id"].to_pylist()
        present = self.new.entries(ids)
        mask = [not right and article_id not in present for right, article_id in zip(part.right, ids, strict=True)]
        taken = part.staged.filter(pa.array(mask, pa.bool_()))
        self.changed |= self.old.entries(taken["article_id"].to_pylist()).keys() if self.old else set()
        self._add(taken)

    def _read(self, path: str) -> _Part | None:
        """A part file; None, and a copy aside, for what is no part file or cannot be read."""
        content = self.files.read(path)
        try:
            country, day = partition_of(path)
            table = read_table(content, path)
        except (ValueError, DatasetError):
            self._set_aside(path, content)
            return None
        try:
            hashes = row_hashes(with_partition(table, country, day))
            staged = add_heads(with_partition(upgrade(table, path), country, day))
        except pa.ArrowException:
            self._set_aside(path, content)
            return None
        return _Part(staged, self._are_right(path, staged["article_id"].to_pylist(), hashes))

    def _are_right(self, path: str, ids: list[str], hashes: list[bytes]) -> list[bool]:
        """Whether each row is what the old index has there; all are where nothing tells."""
        if self.old is None:
            return [True] * len(ids)
        known = self.old.hashes_in(path)
        return [known.get(article_id) == hashed for article_id, hashed in zip(ids, hashes, strict=True)]

    def _set_aside(self, path: str, content: bytes) -> None:
        if path not in self.found.set_aside:
            self.files.write(f"{SET_ASIDE}/{path}", content)
            self.found.set_aside.append(path)

    def _add(self, staged: pa.Table) -> None:
        self.waiting.append(staged)
        if sum(map(len, self.waiting)) >= UNIT_ROWS:
            self._commit()

    def _commit(self) -> None:
        if any(map(len, self.waiting)):
            self._merge("records", pa.concat_tables(self.waiting).cast(STAGED_SCHEMA))
        self.waiting = []

    def _take_dead_letters(self) -> None:
        tables = []
        for path in self.files.walk(DEAD_LETTERS):
            content = self.files.read(path)
            try:
                tables.append(conform(read_table(content, path), path, DEAD_LETTER_SCHEMA))
            except (DatasetError, pa.ArrowException):
                self._set_aside(path, content)
        if tables:
            self._merge("dead_letters", pa.concat_tables(tables))

    def _merge(self, kind: str, staged: pa.Table) -> None:
        self.units += 1
        self.made.write(f"{STAGED}/{kind}/all.parquet", to_bytes(staged))
        Commit(self.made, self.new, self.part_files).merge(STAGED, unit_id=f"{self.units}", run_id=RUN, inputs=())
        self.made.remove_folder(STAGED)

    # What differs

    def _steps(self) -> list[Step]:
        """The file steps: what only loses rows comes before what gains them."""
        first: list[Step] = []
        second: list[Step] = []
        made = self.new.files()
        present = [*self.files.walk(ARTICLES), *self.files.walk(DEAD_LETTERS)]
        for path in sorted({*made, *present}):
            old = self.files.read(path) if path in present else None
            new = self.made.read(path) if path in made else None
            if old == new:
                continue
            self.found.files_changed += 1
            step: Step = (None, path) if new is None else (f"{REBUILT}/{path}", path)
            staying, gains = self._compare(path, old)
            if new is not None and gains and staying is not None:
                first.append(self._without_leaving(path, staying))
            (second if new is not None and gains else first).append(step)
        return first + second

    def _compare(self, path: str, content: bytes | None) -> tuple[pa.Table | None, bool]:
        """The rows that stay in a file, where some leave it, and whether others come into it."""
        expected = self.new.stories_in(path).keys()
        if content is None or path in self.found.set_aside or not path.startswith(f"{ARTICLES}/"):
            return None, True
        table = read_table(content, path)
        ids = table["article_id"].to_pylist()
        staying = table.filter(pa.array([article_id in expected for article_id in ids], pa.bool_()))
        return (staying if len(staying) < len(table) else None), bool(expected - set(ids))

    def _without_leaving(self, path: str, staying: pa.Table) -> Step:
        if not len(staying):
            return None, path
        source = f"{REBUILT}/_state/leaving/{path}"
        self.files.write(source, to_bytes(staying))
        return source, path

    # History

    def _keep_history(self, steps: list[Step]) -> None:
        self.new.begin()
        self.new.forget_commits()
        if self.old:
            forgotten = self._forgotten_sources(self.old)
            self._copy_history(self.old, forgotten)
        committed = sum(counts["new"] for _, _, counts in self.new.commits())
        self.found.articles = self.new.count()
        if committed != self.found.articles:
            counts = asdict(CommitCounts(new=self.found.articles - committed))
            self.new.record_commit(f"{RUN}-{self.new.next_commit()}", RUN, counts, ())
        self.new.add_pending(steps)
        self.new.set_about(about_dataset(self.part_files))
        self.new.commit()

    def _forgotten_sources(self, old: Index) -> set[str]:
        """The inputs that lost and changed rows and lost dead letters came from, without what follows the #."""
        sources = set()
        for article_id, source in old.sources():
            if article_id in self.changed:
                self.found.changed_articles += 1
            elif not self.new.entries([article_id]):
                self.found.lost_articles += 1
            else:
                continue
            sources.add(_input_of(source))
        lost = old.dead_letter_sources() - self.new.dead_letter_sources()
        return sources | {_input_of(source) for source in lost}

    def _copy_history(self, old: Index, forgotten: set[str]) -> None:
        """What was committed stays, but that of forgotten inputs: their units are no longer known by their ids."""
        done: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for fingerprint, uri, unit_id, run_id in old.inputs():
            if _input_of(uri) in forgotten:
                self.found.inputs_forgotten += 1
            else:
                done[unit_id, run_id].append((fingerprint, uri))
        for unit_id, run_id, counts in old.commits():
            known_as = f"{unit_id}+before-{RUN}" if forgotten else unit_id
            self.new.record_commit(known_as, run_id, counts, done.pop((unit_id, run_id), ()))

    def _publish(self, steps: Iterable[Step]) -> None:
        """Put the new index in the place of the old one, and with it the steps that are left to do."""
        self.made.publish_index(INDEX)
        sources = [source for source, _ in steps if source]
        aside = [f"{SET_ASIDE}/{path}" for path in self.found.set_aside]
        self.files.settle([f"{REBUILT}/{INDEX}", *sources, *aside])
        self.files.remove(f"{INDEX}-journal")  # of a damaged index; it must not be played into the new one
        self.files.replace(f"{REBUILT}/{INDEX}", INDEX)
        self.files.settle([INDEX])


def _input_of(source_uri: str) -> str:
    if is_kafka(source_uri):  # kafka://TOPIC/PARTITION/OFFSET is an article's, kafka://TOPIC/PARTITION?… a position
        return "/".join(source_uri.partition("?")[0].split("/")[:4])
    return source_uri.partition("#")[0]


def upgrade(table: pa.Table, path: str) -> pa.Table:
    """Records of this or an older schema version in this version's schema."""
    theirs, ours = major_of(table.schema), int(SCHEMA_VERSION.partition(".")[0])
    for version in _versions(theirs, ours, path):
        table = UPGRADES[version](table)
    records = conform(table, path, RECORD_SCHEMA)
    if records["article_id"].null_count or records["text"].null_count:
        raise pa.ArrowInvalid(f"{path} has rows without an article")
    if theirs == ours:
        return records
    place = records.schema.get_field_index("schema_version")
    return records.set_column(place, RECORD_SCHEMA.field(place), pa.array([SCHEMA_VERSION] * len(records)))


def _versions(theirs: int, ours: int, path: str) -> Iterator[int]:
    if theirs > ours:
        raise DatasetError(f"{path} was written by a newer Dateline: upgrade this one.")
    for version in range(theirs, ours):
        if version not in UPGRADES:
            raise DatasetError(f"{path} has schema version {version}, from which nothing leads to {SCHEMA_VERSION}: "
                               "read it with the Dateline that wrote it.")
        yield version
