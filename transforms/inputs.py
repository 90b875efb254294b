"""The inputs of a run: files, folders, globs and URLs of Beam filesystems, listed in one order."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import UsageError
from transforms.streams import is_remote, local_path

# Hidden files, and what Hive, Spark and Beam keep beside data (`_SUCCESS`, `_temporary`).
SKIPPED_PREFIXES = (".", "_")
LOST_AND_FOUND = "lost+found"  # of a mounted disk: nobody but its owner lists it


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file: `size` in bytes as stored, `fingerprint` of its size and time of change."""

    uri: str
    size: int
    fingerprint: str


def list_inputs(patterns: Sequence[str]) -> list[InputFile]:
    """The files that patterns name, sorted by URI, each once.

    A pattern is a file, a folder (read through all its folders; files and folders that start with `.` or `_` are
    skipped), a glob (`**` goes through folders), or any of these on a Beam filesystem (`gs://bucket/news/*.jsonl.gz`).

    Raises:
        UsageError: a pattern matches no file.
    """
    found: dict[str, InputFile] = {}
    for pattern in patterns:
        files = list(find_inputs(pattern))
        if not files:
            raise UsageError(f"no input at {pattern!r}: it should name a file, a folder with files in it, or a glob")
        found.update((file.uri, file) for file in files)
    return [found[uri] for uri in sorted(found)]


def find_inputs(pattern: str) -> Iterator[InputFile]:
    """The files that one pattern names, in no order; none where there are none (yet)."""
    return _list_remote(pattern) if is_remote(pattern) else _list_local(pattern)


def _list_local(pattern: str) -> Iterator[InputFile]:
    path = local_path(pattern)
    if path.exists():
        yield from _describe_all(path)
    else:
        matches = glob.glob(str(path), recursive=True)  # sorted by list_inputs
        for match in matches:
            yield from _describe_all(Path(match))


def _walk(path: Path) -> Iterable[Path]:
    """The files at or below `path`; links to folders are not followed, so that a loop cannot trap the walk."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(SKIPPED_PREFIXES) and name != LOST_AND_FOUND]
        files = (Path(folder, name) for name in names if not name.startswith(SKIPPED_PREFIXES))
        yield from (file for file in files if file.is_file())  # no pipes or sockets, which would never end


def _refuse(error: OSError) -> None:
    """A folder that cannot be listed stops the run: its articles would be in no count."""
    if isinstance(error, FileNotFoundError):
        return  # moved away since the walk came by
    folder = error.filename
    raise UsageError(f"cannot list {folder!r}: {error.strerror}; give the right to read it, or name other inputs")


def _describe_all(path: Path) -> Iterator[InputFile]:
    for file in _walk(path):
        with suppress(FileNotFoundError):  # moved away since the walk came by
            yield _describe(file)


def _describe(path: Path) -> InputFile:
    status = path.stat()
    uri = os.path.normpath(path)
    return InputFile(uri, status.st_size, f"{status.st_size:x}-{status.st_mtime_ns:x}")


def _list_remote(pattern: str) -> Iterator[InputFile]:
    from apache_beam.io.filesystem import BeamIOError
    from apache_beam.io.filesystems import FileSystems

    folder = pattern.rstrip("/") + "/"
    try:
        results = FileSystems.match([pattern, f"{folder}**"])
    except (BeamIOError, ValueError, ImportError) as error:
        raise UsageError(f"cannot list {pattern!r}: {error}") from error
    for result in results:
        for file in result.metadata_list:
            below = file.path.removeprefix(folder) if file.path.startswith(folder) else ""
            if not any(part.startswith(SKIPPED_PREFIXES) for part in below.split("/")):
                changed = file.last_updated_in_seconds or 0.0
                yield InputFile(file.path, file.size_in_bytes, f"{file.size_in_bytes:x}-{changed:.3f}")
