"""The few file operations that a dataset needs, on a local disk or on a file system that Beam knows.

This is the one seam between the dataset and where it lies; tests put a failing one in its place. Paths are relative to
the dataset's root, with forward slashes.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

SYNC_THREADS = 16


class Files(Protocol):
    """What a dataset asks of the place it lies in."""

    def read(self, path: str) -> bytes:
        """The bytes of a file; FileNotFoundError when there is none."""

    def write(self, path: str, content: bytes) -> None:
        """Write a file and its folder; another process may see it half-written, unless it lies on an object store."""

    def settle(self, paths: Iterable[str]) -> None:
        """Return when these files, and the names of the folders they are in, would survive a loss of power."""

    def replace(self, source: str, target: str) -> None:
        """Put `source` in the place of `target`, at once for every reader."""

    def remove(self, path: str) -> None:
        """Remove a file if it is there, and folders that it leaves empty (never the dataset's top folders)."""

    def remove_folder(self, path: str) -> None:
        """Remove a folder and all below it, if it is there."""

    def walk(self, path: str) -> list[str]:
        """All files below a folder, sorted; none when there is no folder."""

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""

    def open_index(self, path: str) -> str:
        """A local path under which a database can be opened that lies at `path`."""

    def publish_index(self, path: str) -> None:
        """Make what the database holds now the one at `path`, at once for whoever opens it next."""


class LocalFiles:
    """A folder on a local (or POSIX network) disk."""

    def __init__(self, root: str) -> None:
        self.root = root

    def read(self, path: str) -> bytes:
        """See Files."""
        with open(self._full(path), "rb") as source:
            return source.read()

    def write(self, path: str, content: bytes) -> None:
        """See Files."""
        full = self._full(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as target:
            target.write(content)

    def settle(self, paths: Iterable[str]) -> None:
        """See Files."""
        full = [self._full(path) for path in paths]
        folders = {os.path.dirname(path) for path in full}
        folders |= {os.path.dirname(folder) for folder in folders}  # the name of a new folder is in its parent
        with ThreadPoolExecutor(SYNC_THREADS) as pool:  # a journal takes many at once
            list(pool.map(_sync, [path for path in [*full, *sorted(folders)] if os.path.exists(path)]))

    def replace(self, source: str, target: str) -> None:
        """See Files."""
        os.makedirs(os.path.dirname(self._full(target)), exist_ok=True)
        os.replace(self._full(source), self._full(target))

    def remove(self, path: str) -> None:
        """See Files."""
        full = self._full(path)
        if os.path.exists(full):
            os.remove(full)
        folder = os.path.dirname(path)
        while "/" in folder and os.path.isdir(self._full(folder)) and not os.listdir(self._full(folder)):
            os.rmdir(self._full(folder))
            folder = os.path.dirname(folder)

    def remove_folder(self, path: str) -> None:
        """See Files."""
        if os.path.isdir(self._full(path)):
            shutil.rmtree(self._full(path))

    def walk(self, path: str) -> list[str]:
        """See Files."""
        found = [
            os.path.relpath(os.path.join(folder, name), self.root)
            for folder, _, names in os.walk(self._full(path))
            for name in names
        ]
        return sorted(name.replace(os.sep, "/") for name in found)

    def exists(self, path: str) -> bool:
        """See Files."""
        return os.path.isfile(self._full(path))

    def open_index(self, path: str) -> str:
        """See Files."""
        os.makedirs(os.path.dirname(self._full(path)), exist_ok=True)
        return self._full(path)

    def publish_index(self, path: str) -> None:
        """The database is already there: SQLite's own commit is the moment."""

    def _full(self, path: str) -> str:
        return os.path.join(self.root, path)


class BeamFiles:
    """A folder on any file system that Beam knows (gs://, s3://, hdfs://, …), for object stores above all.

    An object appears whole when it is closed, so writing to the final name is the atomic step; there is no rename. The
    index is worked on in a local copy and put back whole: that upload is the moment of the commit.
    """

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self._index: str | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # goes with this object

    def read(self, path: str) -> bytes:
        """See Files."""
        if not self.exists(path):
            raise FileNotFoundError(self._full(path))
        with _beam().open(self._full(path)) as source:
            return bytes(source.read())

    def write(self, path: str, content: bytes) -> None:
        """See Files."""
        with _beam().create(self._full(path)) as target:
            target.write(content)

    def settle(self, paths: Iterable[str]) -> None:
        """A closed object is durable."""

    def replace(self, source: str, target: str) -> None:
        """See Files: written under the final name, then the source goes."""
        self.write(target, self.read(source))
        self.remove(source)

    def remove(self, path: str) -> None:
        """See Files."""
        if self.exists(path):
            _beam().delete([self._full(path)])

    def remove_folder(self, path: str) -> None:
        """See Files."""
        if found := self.walk(path):
            _beam().delete([self._full(name) for name in found])

    def walk(self, path: str) -> list[str]:
        """See Files."""
        matches = _beam().match([f"{self._full(path)}/**"])
        return sorted(found.path.removeprefix(f"{self.root}/") for found in matches[0].metadata_list)

    def exists(self, path: str) -> bool:
        """See Files."""
        return bool(_beam().exists(self._full(path)))

    def open_index(self, path: str) -> str:
        """See Files."""
        self._folder = tempfile.TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True)
        self._index = os.path.join(self._folder.name, os.path.basename(path))
        if self.exists(path):
            with open(self._index, "wb") as target:
                target.write(self.read(path))
        return self._index

    def publish_index(self, path: str) -> None:
        """See Files."""
        assert self._index is not None
        with open(self._index, "rb") as source:
            self.write(path, source.read())

    def _full(self, path: str) -> str:
        return f"{self.root}/{path}"


def files_at(root: str) -> Files:
    """The operations for a root: a local path, or a URL that Beam knows."""
    return BeamFiles(root) if "://" in root else LocalFiles(root)


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beam() -> Any:
    from apache_beam.io.filesystems import FileSystems  # a second of import, for remote datasets only

    return FileSystems
