"""An object store in memory that Beam finds by its scheme: objects appear whole when closed, and none is renamed.

It can die at its n-th change, as a machine does, and do nothing after that.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, ClassVar

from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem


class StoreGone(BaseException):
    """The process is gone; nothing catches this."""


class _Object(io.BytesIO):
    def __init__(self, close: Callable[[bytes], None]) -> None:
        super().__init__()
        self._put: Callable[[bytes], None] | None = close

    def close(self) -> None:
        if self._put:
            put, self._put = self._put, None
            put(self.getvalue())
        super().close()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind:
            self._put = None  # what was not written to its end never appears
        super().__exit__(kind, error, trace)


class MemoryFileSystem(FileSystem):  # type: ignore[misc]
    """objects:// for tests."""

    objects: ClassVar[dict[str, bytes]] = {}
    last: ClassVar[int | None] = None
    changes: ClassVar[int] = 0
    after_each: ClassVar[Callable[[], None] | None] = None

    @classmethod
    def empty(cls) -> None:
        """A new store."""
        cls.objects.clear()
        cls.last, cls.changes, cls.after_each = None, 0, None

    @classmethod
    def _change(cls, change: Callable[[], Any]) -> None:
        cls.changes += 1
        if cls.last is not None and cls.changes >= cls.last:
            raise StoreGone
        change()
        if cls.after_each:
            cls.after_each()

    @classmethod
    def scheme(cls) -> str:
        return "objects"

    def join(self, basepath: str, *paths: str) -> str:
        return "/".join([basepath.rstrip("/"), *paths])

    def split(self, path: str) -> tuple[str, str]:
        head, _, tail = path.rpartition("/")
        return head, tail

    def has_dirs(self) -> bool:
        return False

    def mkdirs(self, path: str) -> None:
        pass

    def _list(self, dir_or_prefix: str) -> Iterator[FileMetadata]:
        for path in sorted(self.objects):
            if path.startswith(dir_or_prefix):
                yield FileMetadata(path, len(self.objects[path]))

    def create(self, path: str, *_: Any, **__: Any) -> BinaryIO:
        return _Object(lambda content: self._change(lambda: self.objects.__setitem__(path, content)))

    def open(self, path: str, *_: Any, **__: Any) -> BinaryIO:
        return io.BytesIO(self.objects[path])

    def copy(self, source_file_names: Sequence[str], destination_file_names: Sequence[str]) -> None:
        raise NotImplementedError("the dataset copies no object")

    def rename(self, source_file_names: Sequence[str], destination_file_names: Sequence[str]) -> None:
        raise NotImplementedError("an object store has no atomic rename")

    def exists(self, path: str) -> bool:
        return path in self.objects

    def size(self, path: str) -> int:
        return len(self.objects[path])

    def last_updated(self, path: str) -> float:
        raise NotImplementedError

    def metadata(self, path: str) -> FileMetadata:
        return FileMetadata(path, len(self.objects[path]))

    def delete(self, paths: Sequence[str]) -> None:
        missing = [path for path in paths if path not in self.objects]
        if missing:
            raise BeamIOError("Delete operation failed", dict.fromkeys(missing, KeyError()))
        for path in paths:
            self._change(lambda path=path: self.objects.pop(path))  # type: ignore[misc]
