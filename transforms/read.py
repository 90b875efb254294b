"""read: files to documents, one document an article, in bounded memory and without ever touching the network.

An input's format is told by its content and its name. Containers (JSON Lines, arrays, tables, archives, feeds) are
split here; every article in them becomes a Document, or a DeadLetter of step `read` that says why not. A container that
breaks gives what came before the break, and one dead letter for the rest.
"""

import codecs
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, NamedTuple, TypeAlias

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.article import DeadLetter, Document
from schemas.errors import ArticleError
from transforms.encoding import guess_encoding, mark_of
from transforms.formats import HEAD_BYTES, Format, find_format
from transforms.inputs import InputFile, list_inputs
from transforms.json_documents import split_json, split_json_lines
from transforms.limits import DEFAULT_LIMITS, Limits
from transforms.streams import CHUNK_BYTES, InputStream, open_bytes, open_input
from transforms.tables import split_parquet, split_table
from transforms.web_documents import split_feed, split_warc

__all__ = [
    "InputFile", "ReadDocuments", "ReadPayloads", "ReadResults", "list_inputs", "read_documents", "read_payload"
]  # fmt: skip

Dead: TypeAlias = beam.pvalue.TaggedOutput[Literal["dead"], DeadLetter]
Splitter = Callable[[InputStream, str, Limits], Iterator[Document | DeadLetter]]


def read_documents(uri: str, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Document | DeadLetter]:
    """The articles of one input file, each a Document or a DeadLetter, in the file's order; at least one of them."""
    return _read(lambda: open_bytes(uri), uri, limits)


def read_payload(payload: bytes, uri: str, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Document | DeadLetter]:
    """The articles of bytes that lie in no file, such as a message called `uri`; at least one, as of a file."""
    return _read(lambda: io.BytesIO(payload), uri, limits)


def _read(
    open_it: Callable[[], AbstractContextManager[BinaryIO]], uri: str, limits: Limits
) -> Iterator[Document | DeadLetter]:
    count = 0
    head = b""
    try:
        with open_it() as file:
            stream, _ = open_input(file, limits=limits)
            head = stream.peek(HEAD_BYTES)
            for document in _split(stream, head, uri, limits):
                count += 1
                yield document
        if not count:
            raise ArticleError("empty_input", "there is no article in it; leave it out or look at how it was made")
    except (ArticleError, OSError) as error:
        reason = error.reason if isinstance(error, ArticleError) else "unreadable"
        yield DeadLetter("read", reason, str(error), uri, head[: DeadLetter.PAYLOAD_LIMIT])


def _split(stream: InputStream, head: bytes, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    if not head.strip():
        stream.read(1)  # says what broke the input, where it is not just empty
        raise ArticleError("empty_input", "the file is empty; leave it out or fetch it again")
    kind = find_format(head, uri)
    return _SPLITTERS[kind](_to_utf8(stream, head) if kind in _TEXT_CONTAINERS else stream, uri, limits)


def _read_whole(stream: InputStream, uri: str, limits: Limits, media_type: str) -> Iterator[Document]:
    yield Document(uri, media_type, stream.read_all(limits))


def _read_text(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document]:
    return _read_whole(stream, uri, limits, "text/plain")


def _read_html(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document]:
    return _read_whole(stream, uri, limits, "text/html")


_SPLITTERS: Mapping[Format, Splitter] = {
    Format.TEXT: _read_text,
    Format.HTML: _read_html,
    Format.JSON: split_json,
    Format.JSON_LINES: split_json_lines,
    Format.TABLE: split_table,
    Format.PARQUET: split_parquet,
    Format.WARC: split_warc,
    Format.FEED: split_feed,
}
# Split by their line ends and brackets, which UTF-16 hides.
_TEXT_CONTAINERS = frozenset({Format.JSON, Format.JSON_LINES, Format.TABLE})


def _to_utf8(stream: InputStream, head: bytes) -> InputStream:
    """The stream without its byte order mark, and in UTF-8 where it was UTF-16 or UTF-32."""
    mark = mark_of(head)
    encoding = mark[1] if mark else guess_encoding(head) if b"\0" in head else "utf-8"
    if mark:
        stream.read(len(mark[0]))
    return InputStream(_transcode(stream, encoding)) if encoding.startswith(("utf-16", "utf-32")) else stream


def _transcode(stream: InputStream, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while chunk := stream.read(CHUNK_BYTES):
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


class ReadResults(NamedTuple):
    """The two ends of reading."""

    documents: beam.PCollection[Document]
    dead_letters: beam.PCollection[DeadLetter]


@dataclass
class ReadDocuments(beam.PTransform):
    """Read the articles of every input URI."""

    limits: Limits = field(default_factory=Limits)

    def expand(self, uris: beam.PCollection[str]) -> ReadResults:
        """Documents, and dead letters of step `read`."""
        return _read_each(uris, _read_input, self.limits)


@dataclass
class ReadPayloads(beam.PTransform):
    """Read the articles of messages: pairs of a URI, which names the message for good, and its bytes."""

    limits: Limits = field(default_factory=Limits)

    def expand(self, messages: beam.PCollection[tuple[str, bytes]]) -> ReadResults:
        """Documents, and dead letters of step `read`."""
        return _read_each(messages, _read_message, self.limits)


def _read_input(uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    return read_documents(uri, limits=limits)


def _read_message(message: tuple[str, bytes], limits: Limits) -> Iterator[Document | DeadLetter]:
    uri, payload = message
    return read_payload(payload, uri, limits=limits)


def _read_each(inputs: beam.PCollection, function: Callable[..., Any], limits: Limits) -> ReadResults:
    outputs = inputs | "Read" >> beam.ParDo(_ReadEach(function, limits)).with_outputs("dead", main="done")
    return ReadResults(outputs.done, outputs.dead)


class _ReadEach(beam.DoFn):
    def __init__(self, function: Callable[..., Any], limits: Limits) -> None:
        self.function, self.limits = function, limits
        self.done = Metrics.counter("dateline", "read_done")
        self.dead = Metrics.counter("dateline", "read_dead")

    def process(self, element: Any) -> Iterable[Document | Dead]:
        for document in self.function(element, self.limits):
            if isinstance(document, DeadLetter):
                self.dead.inc()
                yield beam.pvalue.TaggedOutput("dead", document)
            else:
                self.done.inc()
                yield document
