"""Bytes of an input, unpacked on the way and bounded: opening, gzip, zstd, and a stream that gives what it can.

A file that breaks in the middle gives every byte before the break; only then comes the error. So the articles of a
truncated archive are read up to the cut.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, cast

from schemas.errors import ArticleError
from transforms.limits import Limits

CHUNK_BYTES = 1 << 16
# A zstd block of four bytes can unpack to 128 KB, and the decompressor has no output limit: small bites bound it.
ZSTD_BITE_BYTES = 1 << 9
ZSTD_WINDOW_BYTES = 1 << 27
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def is_remote(uri: str) -> bool:
    """Whether `uri` belongs to a Beam filesystem: `gs://…`, `s3://…`, `hdfs://…`."""
    return "://" in uri and not uri.startswith("file://")


def local_path(uri: str) -> Path:
    """The path of a local `uri`, with or without `file://`."""
    return Path(uri.removeprefix("file://"))


def open_bytes(uri: str) -> AbstractContextManager[BinaryIO]:
    """Open a local or remote file for reading, as it is stored.

    Raises:
        OSError: it cannot be opened.
    """
    if not is_remote(uri):
        return local_path(uri).open("rb")
    from apache_beam.io.filesystem import CompressionTypes
    from apache_beam.io.filesystems import FileSystems

    opened = FileSystems.open(uri, compression_type=CompressionTypes.UNCOMPRESSED)
    return cast(AbstractContextManager[BinaryIO], opened)


class InputStream:
    """A forward-only stream over chunks of bytes, with peeking and bounded lines.

    Reading gives what came before a failure (ArticleError) of the source, and raises it once that is used up.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = bytearray()
        self._position = 0
        self._ended = False
        self._error: ArticleError | None = None

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end, without taking them."""
        while self._available() < size and self._fill():
            pass
        return bytes(self._buffer[self._position : self._position + size])

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that is left where it is negative; empty at the end."""
        if size < 0:
            while self._fill():
                pass
            self._raise_error()
            return self._take(self._available())
        while self._available() < size and self._fill():
            pass
        if not self._available() and size:
            self._raise_error()
        return self._take(min(size, self._available()))

    def read_all(self, limits: Limits, name: str = "document_bytes") -> bytes:
        """Everything that is left.

        Raises:
            ArticleError: `too_large`, or what broke the source.
        """
        limit = getattr(limits, name)
        while self._available() <= limit and self._fill():
            pass
        limits.check(name, self._available(), "the input")
        self._raise_error()
        return self._take(self._available())

    def read_lines(self, limit: int) -> Iterator[tuple[bytes, bool]]:
        """Lines with their line ends, each with whether it was cut at `limit` bytes (its rest is skipped).

        A last line that a failure of the source cut short is not given.
        """
        while True:
            line, cut = self._read_line(limit)
            if not line:
                self._raise_error()
                return
            yield line, cut

    def _read_line(self, limit: int) -> tuple[bytes, bool]:
        searched = 0
        while (end := self._buffer.find(b"\n", self._position + searched)) < 0 and self._available() <= limit:
            searched = self._available()
            if not self._fill():
                if self._error:
                    return b"", False
                return self._take(self._available()), False
        if end >= 0 and end - self._position <= limit:
            return self._take(end - self._position + 1), False
        line = self._take(limit)
        self._skip_line()
        return line, True

    def _skip_line(self) -> None:
        while (end := self._buffer.find(b"\n", self._position)) < 0:
            self._take(self._available())
            if not self._fill():
                return
        self._take(end - self._position + 1)

    def _available(self) -> int:
        return len(self._buffer) - self._position

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[self._position : self._position + size])
        self._position += size
        if self._position > CHUNK_BYTES:
            del self._buffer[: self._position]
            self._position = 0
        return taken

    def _fill(self) -> bool:
        if self._ended:
            return False
        try:
            self._buffer += next(self._chunks)
        except StopIteration:
            self._ended = True
        except ArticleError as error:
            self._ended, self._error = True, error
        return not self._ended

    def _raise_error(self) -> None:
        if self._error:
            raise self._error


def open_input(file: BinaryIO, *, limits: Limits) -> tuple[InputStream, str]:
    """A stream over the unpacked bytes of an open file, and how it was packed: `gzip`, `zstd` or an empty string."""
    raw = _read_chunks(file)
    first = next(raw, b"")
    chunks = _prepend(first, raw)
    for magic, name, unpack in ((GZIP_MAGIC, "gzip", _gunzip), (ZSTD_MAGIC, "zstd", _unzstd)):
        if first.startswith(magic):
            return InputStream(_bounded(unpack, chunks, limits)), name
    return InputStream(chunks), ""


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise ArticleError("unreadable", f"reading stopped: {error}") from error


def _prepend(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest




class _Meter:
    """Counts what goes into a decompressor."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.taken = 0
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.taken += len(chunk)
            yield chunk


def _bounded(unpack: Callable[[_Meter], Iterator[bytes]], chunks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Unpack until a limit is crossed."""
    packed, unpacked = _Meter(chunks), 0
    for chunk in unpack(packed):
        unpacked += len(chunk)
        limits.check("decompressed_bytes", unpacked, "the unpacked input")
        if unpacked > limits.ratio_free_bytes and unpacked > limits.compression_ratio * packed.taken:
            raise ArticleError(
                "decompression_bomb",
                f"{packed.taken:,} packed bytes gave {unpacked:,}: over the limit compression_ratio "
                f"({limits.compression_ratio}); text packs far less than that",
            )
        yield chunk


def _gunzip(chunks: _Meter) -> Iterator[bytes]:
    member = None
    for packed in chunks:
        while packed:
            if member is None:
                packed = packed.lstrip(b"\0")  # padding between members, as gzip allows
                if not packed:
                    break
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                yield member.decompress(packed, CHUNK_BYTES * 16)
            except zlib.error as error:
                raise ArticleError("corrupt_gzip", f"the gzip data is damaged: {error}; fetch it again") from error
            packed = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof:
                member = None
    if member is not None:
        raise ArticleError("truncated_gzip", "the gzip data ends too early; fetch the file again")


def _unzstd(chunks: _Meter) -> Iterator[bytes]:
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    frame = None
    for packed in chunks:
        for start in range(0, len(packed), ZSTD_BITE_BYTES):
            bite = packed[start : start + ZSTD_BITE_BYTES]
            while bite:
                frame = frame or decompressor.decompressobj()
                try:
                    yield frame.decompress(bite)
                except zstandard.ZstdError as error:
                    raise ArticleError("corrupt_zstd", f"the zstd data is damaged: {error}; fetch it again") from error
                bite = frame.unused_data if frame.eof else b""
                if frame.eof:
                    frame = None
    if frame is not None:
        raise ArticleError("truncated_zstd", "the zstd data ends too early; fetch the file again")
