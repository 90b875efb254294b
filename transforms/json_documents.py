"""JSON and JSON Lines, split into one document an article, without holding more than one of them."""

import codecs
import json
from collections.abc import Iterator
from typing import Any

from schemas.article import DeadLetter, Document
from schemas.errors import ArticleError
from transforms.encoding import decode_bytes
from transforms.fields import has_text
from transforms.limits import Limits
from transforms.streams import CHUNK_BYTES, InputStream

JSON_TYPE = "application/json"
# Where services that answer with many articles keep them: NewsAPI, Guardian, Solr, Elasticsearch, JSON Feed, exports.
WRAPPERS = ("articles", "items", "docs", "results", "hits", "entries", "documents", "news", "posts", "data", "response")
_SPACE = " \t\r\n\ufeff"


def split_json_lines(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    """One document a line that is not blank; a line over the limit is a dead letter, and the next ones go on."""
    for number, (line, cut) in enumerate(stream.read_lines(limits.document_bytes), start=1):
        if cut:
            yield too_large(f"{uri}#line={number}", line, limits)
        elif line.strip():
            yield Document(f"{uri}#line={number}", JSON_TYPE, line.strip())


def too_large(source_uri: str, payload: bytes, limits: Limits) -> DeadLetter:
    """The dead letter of an article over `document_bytes`."""
    error = f"over {limits.document_bytes:,} bytes, the limit document_bytes; split it or leave it out"
    return DeadLetter("read", "too_large", error, source_uri, payload[: DeadLetter.PAYLOAD_LIMIT])


def split_json(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    """The articles of a JSON file: one object, an object that wraps a list of them, or an array of objects."""
    if stream.peek(CHUNK_BYTES).decode("utf-8", "replace").lstrip(_SPACE).startswith("["):
        for number, element in enumerate(_split_array(stream, limits), start=1):
            yield Document(f"{uri}#record={number}", JSON_TYPE, element.encode("utf-8", "surrogateescape"))
        return
    payload = stream.read_all(limits, "feed_bytes")
    articles = _unwrap(payload)
    if articles is None:
        limits.check("document_bytes", len(payload), "the JSON object")
        yield Document(uri, JSON_TYPE, payload)
        return
    for number, article in enumerate(articles, start=1):
        yield Document(f"{uri}#record={number}", JSON_TYPE, json.dumps(article).encode())


def _unwrap(payload: bytes) -> list[Any] | None:
    """The list of articles that an object wraps, None where it is an article itself (or is left to parse to refuse)."""
    try:
        value = json.loads(decode_bytes(payload).text, strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or has_text(value):
        return None
    for _ in WRAPPERS:  # a wrapper may wrap another (`response.docs`, `hits.hits`), never deeper than there are names
        inner = next((value[name] for name in WRAPPERS if isinstance(value.get(name), list | dict)), None)
        if isinstance(inner, list):
            return inner if inner and all(isinstance(article, dict) for article in inner) else None
        if inner is None:
            return None
        value = inner
    return None


def _split_array(stream: InputStream, limits: Limits) -> Iterator[str]:
    """The source text of each element of an array, read as far as needed."""
    source = _Characters(stream)
    source.take(1)
    if source.next_character() == "]":
        return
    while True:
        yield source.take_value(limits)
        mark = source.next_character()
        if mark == "]":
            return
        if mark != ",":
            raise ArticleError("invalid_json", f"the array goes on with {mark!r}; expected a comma or its end")
        source.take(1)


class _Characters:
    """Characters of a stream, decoded as they are needed; bytes that are no UTF-8 are kept for parse to decode."""

    def __init__(self, stream: InputStream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._decode = json.JSONDecoder(strict=False).raw_decode

    def next_character(self) -> str:
        """The next character that is no white space, empty at the end; it stays."""
        while True:
            self._text = self._text.lstrip(_SPACE)
            if self._text or not self._more(CHUNK_BYTES):
                return self._text[:1]

    def take(self, size: int) -> None:
        """Go past white space and `size` characters."""
        self.next_character()
        self._text = self._text[size:]

    def take_value(self, limits: Limits) -> str:
        """The source text of the next value.

        Raises:
            ArticleError: `too_large`, `invalid_json`, `nested_too_deep`.
        """
        self.next_character()
        while True:
            try:
                _, end = self._decode(self._text)
            except RecursionError:
                raise ArticleError("nested_too_deep", "the JSON is nested too deeply to be an article") from None
            except ValueError as error:
                limits.check("document_bytes", len(self._text), "an element of the array")
                if not self._more(max(CHUNK_BYTES, len(self._text))):
                    message = f"the array is broken and cannot be read on: {error}"
                    raise ArticleError("invalid_json", message) from None
            else:
                value, self._text = self._text[:end], self._text[end:]
                return value

    def _more(self, size: int) -> bool:
        """Read on; twice as much each time, so that a long value costs a few tries and not thousands."""
        chunk = self._stream.read(size)
        self._text += self._decoder.decode(chunk)
        return bool(chunk)
