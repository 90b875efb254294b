"""The dataset: a folder of part files that is right at every moment, and the state that keeps it so.

    articles/country=VE/date=2019-01-11/part-0.parquet   the records, and nothing else
    dead_letters/part-7.parquet                          what could not become a record
    _runs/<run_id>.json                                  what each run read, counted and wrote
    _state/                                              index, lock, staging: no reader's business

A work unit is staged (`transforms.write`) into `staging(unit_id)` and merged by `commit`. Write only under `lock`.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self

from pipeline.commit import TEMPORARY, Commit, CommitCounts, finish
from pipeline.files import Files, files_at
from pipeline.index import INDEX, Index
from pipeline.lock import single_writer
from pipeline.parts import ARTICLES
from schemas.errors import DatasetError
from schemas.record import SCHEMA_VERSION
from transforms.encoding import printable

STAGING = "_state/staging"
RUNS = "_runs"

_RETRY = "What was committed before is safe; make room or give the right to write, and run again."
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=:@-]{0,199}")


class Dataset:
    """A dataset at a local path or a URL that Beam knows. `part_files` None: as it is, or 1 for a new one."""

    def __init__(self, root: str, *, part_files: int | None = None, files: Files | None = None) -> None:
        if part_files is not None and part_files < 1:
            raise DatasetError(f"--part-files {part_files}: at least 1 is expected")
        self.root = str(root)
        self.files = files or files_at(self.root)
        self._wanted_part_files = part_files
        self._index: Index | None = None
        self._locked = False
        self.part_files = part_files or 1

    def open(self) -> Self:
        """Check that the dataset can be worked on by this version, or make a new one; returns itself."""
        with explained(self.root):
            self._open_index()
            about = self.index.about()
            if about:
                self._check(about)
            elif self.files.walk(ARTICLES):
                lost = f"{self.root} has articles but its index is lost"
                raise DatasetError(f"{lost}: run `dateline rebuild {self.root}`.")
            else:
                self.index.set_about(about_dataset(self.part_files))
        return self

    def close(self) -> None:
        """Close the index."""
        if self._index:
            self._index.close()
            self._index = None

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def lock(self, wait_seconds: float = 0) -> Iterator[None]:
        """Be the one writer, and finish what a dead one left; DatasetError when another lives after `wait_seconds`."""
        held = ExitStack()
        with explained(self.root):  # not what the caller does while it holds the lock
            held.enter_context(single_writer(self.files, self.root, wait_seconds=wait_seconds))
        self._locked = True
        try:
            self.open()  # another writer may have put a new index there while this one waited
            self.recover()
            yield
            with explained(self.root):
                self.files.publish_index(INDEX)  # it says now that no file step is left to do
        finally:
            self._locked = False
            with explained(self.root):
                held.close()

    def recover(self) -> int:
        """Finish a commit that was cut off and clear what was left of others; returns the number of files put right."""
        self._must_be_locked()
        with explained(self.root):
            finished = finish(self.files, self.index)
            self.files.remove_folder(TEMPORARY)
            about = about_dataset(self.part_files)
            if self.index.about() != about:  # a later minor version reads what an earlier one wrote
                self.index.set_about(about)
        return finished

    @property
    def index(self) -> Index:
        """The open index."""
        if self._index is None:
            raise DatasetError(f"{self.root} is not open: call open() first")
        return self._index

    # Units

    def staging(self, unit_id: str) -> str:
        """An empty folder for a unit's staged files: an absolute path, or a URL for a remote dataset."""
        self._must_be_locked()
        folder = f"{STAGING}/{_checked(unit_id)}"
        with explained(self.root):
            self.files.remove_folder(folder)
        return f"{self.root.rstrip('/')}/{folder}"

    def commit(
        self, unit_id: str, *, run_id: str, inputs: Sequence[Mapping[str, Any]] = (), whole: Iterable[str] = ()
    ) -> CommitCounts:
        """Merge what was staged for a unit, all of it or nothing.

        `inputs` are the input files that are wholly in the dataset after this commit, each with a `fingerprint` and a
        `uri`; `is_done` knows them from now on. `whole` are the URIs of those of which every article is in this unit:
        dead letters of lines that they no longer have go. On an error before the moment of the commit nothing has
        changed; after it, the next `lock` finishes.
        """
        self._must_be_locked()
        folder = f"{STAGING}/{_checked(unit_id)}"
        pairs = [(str(given["fingerprint"]), printable(str(given["uri"]))) for given in inputs]
        with explained(self.root):
            try:
                merge = Commit(self.files, self.index, self.part_files)
                counts = merge.merge(folder, unit_id=unit_id, run_id=run_id, inputs=pairs, whole=map(printable, whole))
            finally:
                if not self.index.pending():  # else it is committed, and what lies there is still to be put in place
                    self.files.remove_folder(TEMPORARY)
            self.files.remove_folder(folder)
        return counts

    def committed_units(self) -> frozenset[str]:
        """The ids of the units that are in the dataset."""
        return frozenset(unit_id for unit_id, _, _ in self.index.commits())

    def is_done(self, fingerprint: str) -> bool:
        """Whether an input of this fingerprint is wholly in the dataset."""
        return self.index.has_input(fingerprint)

    def write_manifest(self, run_id: str, manifest: Mapping[str, Any]) -> str:
        """Write `_runs/<run_id>.json`, whole or not at all; returns its path under the root."""
        path = f"{RUNS}/{_checked(run_id)}.json"
        self._write_json(path, manifest)
        return path

    def _write_json(self, path: str, content: Mapping[str, Any]) -> None:
        temporary = f"_state/{path.replace('/', '-')}.tmp"
        with explained(self.root):
            text = printable(json.dumps(content, indent=2, ensure_ascii=False, default=str))
            self.files.write(temporary, text.encode())
            self.files.settle([temporary])
            self.files.replace(temporary, path)

    # What the dataset says about itself

    def _check(self, about: Mapping[str, str]) -> None:
        theirs, ours = _version(about["schema_version"]), _version(SCHEMA_VERSION)
        versions = f"{self.root} has schema version {about['schema_version']}, this Dateline writes {SCHEMA_VERSION}"
        if theirs > ours:
            raise DatasetError(f"{versions}: upgrade Dateline (`pip install --upgrade dateline`).")
        if theirs[0] != ours[0]:
            raise DatasetError(f"{versions}: run `dateline rebuild {self.root}` first, which migrates it.")
        self.part_files = int(about["part_files"])
        if self._wanted_part_files not in (None, self.part_files):
            raise DatasetError(
                f"{self.root} has {self.part_files} part files a partition, --part-files {self._wanted_part_files} was "
                f"given: leave the option out, or run `dateline rebuild {self.root} --part-files "
                f"{self._wanted_part_files}` first."
            )

    def _open_index(self) -> None:
        self.close()
        self._index = Index(self.files.open_index(INDEX))

    def _must_be_locked(self) -> None:
        if not self._locked:
            raise DatasetError(f"{self.root} is written only under its lock: with dataset.lock(): …")


def about_dataset(part_files: int) -> dict[str, str]:
    """What the index says of a dataset that this version writes."""
    return {"schema_version": SCHEMA_VERSION, "part_files": str(part_files)}


@contextmanager
def explained(root: str) -> Iterator[None]:
    """Turn what a disk or a database refuses into a DatasetError that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise DatasetError(_about_index(root, error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        where = f" ({error.filename})" if error.filename else ""
        raise DatasetError(f"{root} cannot be written: {reason}{where}. {_RETRY}") from error


def _about_index(root: str, error: sqlite3.DatabaseError) -> str:
    text = str(error)
    if "full" in text or "readonly" in text or "unable to open" in text or "disk I/O" in text:
        return f"{root} cannot be written: {text}. {_RETRY}"
    if "locked" in text:
        return f"{root} is being written by another process. Wait for it, or stop it and run again."
    return f"the index of {root} is damaged ({text}). Run `dateline rebuild {root}`."


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text).split("."))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise DatasetError(f"{name!r} cannot name a unit or run: expected are 1 to 200 letters, digits and ._+=:@-")
    return name
