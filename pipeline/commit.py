"""Commit: merge a staged unit into the dataset, all of it or nothing.

1. Decide, on the index alone: what is new, corrected, moved, merged or unchanged, and which story columns change.
2. Write each part file that changes, in full, beside the data under a name that no reader globs; make it durable.
3. Commit the index's transaction. This is the moment: it holds the rows, the inputs done and the file steps to do.
4. Do the file steps: replace or remove, one file after the other. `finish` does the same after a crash.

An article that moves leaves its old file before it enters the new one, in every order of moves (a file that both loses
and gains rows is replaced twice). So whoever globs the folder between two steps may miss a moving row for that moment,
and never sees it twice. A scan that opens one file before a step and another one after it is no moment: only a lock
could help it, and readers need none here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.entries import HEAD_COLUMNS, best_of_each, compare, group_of, to_entry, with_stories
from pipeline.files import Files
from pipeline.index import INDEX, Entry, Index
from pipeline.parts import (
    dead_letter_path,
    parse_part,
    read_bytes,
    read_part,
    set_stories,
    sort_dead_letters,
    sort_records,
    to_bytes,
    way_out,
    without,
)
from pipeline.stories import Group, update_stories
from schemas.errors import DatasetError
from schemas.record import DEAD_LETTER_SCHEMA, RECORD_SCHEMA
from transforms.staged import STAGED_SCHEMA

TEMPORARY = "_state/commit"

Step = tuple[str | None, str]  # (source, target) to replace, (None, target) to remove


@dataclass(frozen=True, slots=True)
class CommitCounts:
    """What became of a unit's articles: each staged record is counted once, in one of the first five."""

    new: int = 0
    merged: int = 0  # the same id from another source (in this unit or before): one row stays
    corrected: int = 0  # the same id from the same source, with other content
    moved: int = 0  # corrected, and now in another partition
    unchanged: int = 0
    dead_letters: int = 0
    files_written: tuple[str, ...] = ()


@dataclass(slots=True)
class _FileChange:
    """What happens to one part file: ids that leave for another file, staged rows that arrive."""

    leaving: set[str] = field(default_factory=set)
    arriving: list[int] = field(default_factory=list)
    gains_moved: bool = False


@dataclass(slots=True)
class _Steps:
    """File steps in two phases: everything that only loses moving rows comes before everything that gains them."""

    number: int
    first: list[Step] = field(default_factory=list)
    second: list[Step] = field(default_factory=list)
    temporary: list[str] = field(default_factory=list)

    def all(self) -> list[Step]:
        return [*self.first, *self.second]


class Commit:
    """One commit, from a staged folder to the last file in place."""

    def __init__(self, files: Files, index: Index, part_files: int) -> None:
        self.files, self.index, self.part_files = files, index, part_files
        self.staged = STAGED_SCHEMA.empty_table()
        self.steps = _Steps(0)

    def merge(
        self, folder: str, *, unit_id: str, run_id: str, inputs: Sequence[tuple[str, str]], whole: Iterable[str] = ()
    ) -> CommitCounts:
        """Merge what is staged in `folder`; `inputs` are the (fingerprint, uri) that are done with it.

        `whole` are the URIs of inputs of which every article is staged: what else they left is of older versions.
        """
        finish(self.files, self.index)  # of a commit in this process whose file steps failed
        self.index.begin()
        try:
            self.steps = _Steps(self.index.next_commit())
            counts = self._merge_records(folder)
            dead_letters = self._merge_dead_letters(folder, [*(uri for _, uri in inputs), *self._letters_of(whole)])
            written = tuple(dict.fromkeys(target for source, target in self.steps.all() if source))
            counts = replace(counts, dead_letters=dead_letters, files_written=written)
            self.files.settle(self.steps.temporary)
            self.index.add_pending(self.steps.all())
            self.index.record_commit(unit_id, run_id, asdict(counts), inputs)
            self.index.commit()
        except BaseException:
            self.index.rollback()
            raise
        self.files.publish_index(INDEX)  # where the index is worked on in a copy, this is the moment
        finish(self.files, self.index)
        return counts

    # Records

    def _merge_records(self, folder: str) -> CommitCounts:
        self.staged = _read_staged(self.files, f"{folder}/records", STAGED_SCHEMA)
        entries = self._entries()
        winners, merged = best_of_each(entries)
        before = self.index.entries(winners)
        kinds = Counter(merged=merged)
        changed: dict[str, int] = {}
        spoken = {(entry.article_id, entry.source_uri) for entry in entries}
        for article_id, row in winners.items():
            old = before.get(article_id)
            is_replaced = old is not None and (article_id, old.source_uri) in spoken
            kind, wins = compare(entries[row], old, is_replaced=is_replaced)
            kinds[kind] += 1
            if wins:
                changed[article_id] = row
        self.index.put(with_stories(entries[row], before.get(article_id)) for article_id, row in changed.items())
        self._write_parts(self._file_changes(entries, changed, before))
        return CommitCounts(kinds["new"], kinds["merged"], kinds["corrected"], kinds["moved"], kinds["unchanged"])

    def _entries(self) -> list[Entry]:
        heads = self.staged.select(HEAD_COLUMNS)
        characters = pc.utf8_length(self.staged["text"]).to_pylist()
        hashes = self.staged["content_hash"].to_pylist()
        rows = zip(heads.to_pylist(), characters, hashes, strict=True)
        return [to_entry(head, length, content or "", self.part_files) for head, length, content in rows]

    def _file_changes(
        self, entries: list[Entry], changed: Mapping[str, int], before: Mapping[str, Entry]
    ) -> dict[str, _FileChange]:
        changes: dict[str, _FileChange] = defaultdict(_FileChange)
        groups: dict[Group, bytes] = {}
        signatures = self.staged["signature"].to_pylist()
        for article_id, row in changed.items():
            entry, old = entries[row], before.get(article_id)
            changes[entry.path].arriving.append(row)
            if old and old.path != entry.path:
                changes[old.path].leaving.add(article_id)
                changes[entry.path].gains_moved = True
            if old:
                groups.setdefault(group_of(old), b"")
            groups[group_of(entry)] = signatures[row]
        for path in update_stories(self.index, groups, self._texts(entries)):
            changes.setdefault(path, _FileChange())  # nothing comes or goes, but a row's story changed
        return changes

    def _texts(self, entries: list[Entry]) -> "TextsOf":
        rows = {entry.text_key: row for row, entry in enumerate(entries)}
        return TextsOf(self.files, self.index, self.staged["text"], rows)

    def _write_parts(self, changes: Mapping[str, _FileChange]) -> None:
        for path in sorted(changes):
            self._write_part(path, changes[path], self._present(path))

    def _present(self, path: str) -> bytes | None:
        """The bytes of a file that the index knows; None when there is none yet."""
        if self.index.has_file(path):
            return read_bytes(self.files, path)
        if self.files.exists(path):
            raise DatasetError(f"{path} is there, but the index does not know it. Nothing was changed. {way_out()}")
        return None

    def _write_part(self, path: str, change: _FileChange, content: bytes | None) -> None:
        old = RECORD_SCHEMA.empty_table() if content is None else parse_part(content, path, RECORD_SCHEMA)
        arriving = self.staged.select(RECORD_SCHEMA.names).take(pa.array(change.arriving, pa.int64()))
        staying = without(old, "article_id", change.leaving)
        if change.leaving and change.gains_moved:
            self._add_step(self.steps.first, path, staying, None)
        kept = without(staying, "article_id", set(arriving["article_id"].to_pylist()))
        rows = set_stories(pa.concat_tables([kept, arriving.cast(RECORD_SCHEMA)]), self.index.stories_in(path), path)
        phase = self.steps.first if change.leaving and not change.gains_moved else self.steps.second
        size = self._add_step(phase, path, sort_records(rows), content)
        self.index.record_file(path, len(rows), size)

    def _add_step(self, phase: list[Step], path: str, rows: pa.Table, present: bytes | None) -> int:
        """Write the rows beside the data and note the step that puts them at `path`; returns the file's bytes."""
        if not len(rows):
            phase.append((None, path))
            return 0
        content = to_bytes(rows)
        if content != present:
            source = f"{TEMPORARY}/{self.steps.number}-{len(self.steps.temporary)}.parquet"
            self.files.write(source, content)
            self.steps.temporary.append(source)
            phase.append((source, path))
        return len(content)

    # Dead letters

    def _merge_dead_letters(self, folder: str, uris: Iterable[str]) -> int:
        """What is staged replaces what the same sources left before; a source that became a record leaves nothing."""
        staged = _read_staged(self.files, f"{folder}/dead_letters", DEAD_LETTER_SCHEMA)
        sources = set(staged["source_uri"].to_pylist())
        settled = {*sources, *uris, *self.staged["source_uri"].to_pylist()}
        connection = self.index.connection
        query = "SELECT path FROM dead_letters WHERE source_uri = ?"
        paths = {row[0] for source in settled if (row := connection.execute(query, (source,)).fetchone())}
        rows: dict[str, list[int]] = {path: [] for path in paths}
        for row, source in enumerate(staged["source_uri"].to_pylist()):
            rows.setdefault(dead_letter_path(source), []).append(row)
        connection.executemany("DELETE FROM dead_letters WHERE source_uri = ?", [(source,) for source in settled])
        connection.executemany("INSERT INTO dead_letters VALUES (?, ?)",
                               [(source, dead_letter_path(source)) for source in sources])
        for path in sorted(rows):
            self._write_dead_letters(path, staged.take(pa.array(rows[path], pa.int64())), settled)
        return len(staged)

    def _letters_of(self, inputs: Iterable[str]) -> Iterator[str]:
        """The sources inside some inputs ("news.jsonl#line=5") that have a dead letter."""
        query = "SELECT source_uri FROM dead_letters WHERE source_uri >= ? AND source_uri < ?"
        for uri in inputs:
            yield from (row[0] for row in self.index.connection.execute(query, (f"{uri}#", f"{uri}$")))

    def _write_dead_letters(self, path: str, arriving: pa.Table, settled: set[str]) -> None:
        content = self._present(path)
        old = DEAD_LETTER_SCHEMA.empty_table() if content is None else parse_part(content, path, DEAD_LETTER_SCHEMA)
        table = sort_dead_letters(pa.concat_tables([without(old, "source_uri", settled), arriving]))
        self.index.record_file(path, len(table), self._add_step(self.steps.second, path, table, content))


@dataclass(frozen=True, slots=True)
class TextsOf:
    """The text behind a text key: from the staged rows, or from the part file of an article that has it."""

    files: Files
    index: Index
    staged: pa.ChunkedArray
    rows: Mapping[bytes, int]

    def __call__(self, keys: Iterable[bytes]) -> dict[bytes, str]:
        """The text of every key."""
        found, elsewhere = {}, defaultdict(dict)  # type: dict[bytes, str], dict[str, dict[str, bytes]]
        for key in keys:
            if key in self.rows:
                found[key] = self.staged[self.rows[key]].as_py()
            else:
                query = "SELECT path, article_id FROM articles WHERE text_key = ? LIMIT 1"
                path, article_id = self.index.connection.execute(query, (key,)).fetchone()
                elsewhere[path][article_id] = key
        for path, wanted in elsewhere.items():
            table = read_part(self.files, path, RECORD_SCHEMA, ["article_id", "text"])
            for article_id, text in zip(table["article_id"].to_pylist(), table["text"], strict=True):
                if article_id in wanted:
                    found[wanted[article_id]] = text.as_py()
        return found


def finish(files: Files, index: Index) -> int:
    """Do the file steps that the last commit left to do, if any; returns their number. Doing them again is harmless."""
    steps = index.pending()
    if not steps:
        return 0
    last_done = {target: at for at, (source, target) in enumerate(steps) if source and not files.exists(source)}
    for at, (source, target) in enumerate(steps):
        if at <= last_done.get(target, -1):
            continue  # never an earlier state over a later one
        if source is None:
            files.remove(target)
        else:
            files.replace(source, target)
    files.settle(target for _, target in steps)
    index.begin()
    index.clear_pending()
    index.commit()
    return len(steps)


def _read_staged(files: Files, folder: str, schema: pa.Schema) -> pa.Table:
    paths = [path for path in files.walk(folder) if path.endswith(".parquet")]
    tables = [parse_part(files.read(path), path, schema) for path in paths]
    # in one piece, for `take` would put the chunks together anew for every part file
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()
