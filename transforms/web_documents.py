"""What the web packs articles in: WARC archives and RSS or Atom feeds, split into one document an article."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from schemas.article import DeadLetter, Document
from schemas.errors import ArticleError
from transforms.json_documents import too_large
from transforms.limits import Limits
from transforms.streams import InputStream

ENTRY_TYPE = "application/atom+xml"
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_ENTITY = re.compile(rb"<!ENTITY\b", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)\b")


def split_warc(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    """One document a record that holds a page (HTTP 200, HTML) or its text (Common Crawl's WET).

    What is no page (requests, redirects, errors, images, robots.txt) is no article and is passed over. Records are
    numbered from 1 over the whole file, so that a name leads back to its record.

    Raises:
        ArticleError: `corrupt_warc`, or what broke the stream.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    kinds = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    source = _Source(stream)
    number = 0
    try:
        for record in ArchiveIterator(cast(BinaryIO, source), record_types=WarcRecordType.any_type, auto_decode="all"):
            number += 1
            media_type = _page_type(record) if record.record_type & kinds else None
            if media_type:
                document = _read_record(record, f"{uri}#record={number}", media_type, limits)
                if source.error is None:
                    yield document
    except (OSError, ValueError, RuntimeError) as error:
        raise ArticleError("corrupt_warc", f"the WARC cannot be read after record {number}: {error}") from error
    if source.error:
        raise source.error


class _Source:
    """An InputStream as fastwarc reads it: with a position, and ending where it breaks.

    An exception inside `read` would be a panic of fastwarc's Rust; it waits in `error` instead.
    """

    def __init__(self, stream: InputStream) -> None:
        self.error: ArticleError | None = None
        self._stream = stream
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        try:
            chunk = self._stream.read(size)
        except ArticleError as error:
            self.error = error
            return b""
        self._position += len(chunk)
        return chunk

    def tell(self) -> int:
        return self._position


def _page_type(record: Any) -> str | None:
    if record.http_headers is not None:
        if record.http_headers.status_code != 200:
            return None
        return "text/html" if (record.http_content_type or "").lower() in _HTML_TYPES else None
    named = (record.headers.get("Content-Type") or "").split(";")[0].strip().lower()
    return "text/html" if named in _HTML_TYPES else "text/plain" if named == "text/plain" else None


def _is_encoded(record: Any) -> bool:
    """Whether the payload was packed for the transfer, so that its stored length says nothing."""
    headers = record.http_headers
    return headers is not None and bool(headers.get("Content-Encoding") or headers.get("Transfer-Encoding"))


def _read_record(record: Any, source_uri: str, media_type: str, limits: Limits) -> Document | DeadLetter:
    expected = record.content_length
    payload = record.reader.read(limits.document_bytes + 1)
    if not _is_encoded(record) and len(payload) < min(expected, limits.document_bytes):
        error = "the WARC ends inside the record; fetch it again"
        return DeadLetter("read", "truncated_warc", error, source_uri, payload[: DeadLetter.PAYLOAD_LIMIT])
    if len(payload) > limits.document_bytes:
        return too_large(source_uri, payload, limits)
    known = {
        "url": record.headers.get("WARC-Target-URI"),
        "warc_date": record.headers.get("WARC-Date"),
        "charset": record.http_charset if record.http_headers is not None else None,
    }
    metadata = tuple(sorted((name, str(value)) for name, value in known.items() if value))
    return Document(source_uri, media_type, payload, metadata)


def split_feed(stream: InputStream, uri: str, limits: Limits) -> Iterator[Document | DeadLetter]:
    """One document an entry of an RSS or Atom feed, as a JSON object; nothing is fetched and no entity expanded.

    Raises:
        ArticleError: `xml_entities` where the feed declares entities, `invalid_feed`, `too_large`.
    """
    import feedparser

    payload = stream.read_all(limits, "feed_bytes")
    root = _ROOT.search(payload)
    if _ENTITY.search(payload[: root.start() if root else len(payload)]):
        raise ArticleError("xml_entities", "the feed declares XML entities, which are never expanded; take them out")
    try:
        feed = feedparser.parse(io.BytesIO(payload), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, RecursionError) as error:  # it trips over declarations that are no text
        raise ArticleError("invalid_feed", f"the feed cannot be read: {error!r}") from error
    if not feed.entries:
        cause = str(feed.get("bozo_exception", "it has none"))
        raise ArticleError("invalid_feed", f"no entry can be read from the feed: {cause}")
    for number, entry in enumerate(feed.entries, start=1):
        content = json.dumps(_entry_fields(entry, feed.feed), ensure_ascii=False).encode("utf-8", "replace")
        source_uri = f"{uri}#entry={number}"
        if len(content) > limits.document_bytes:
            yield too_large(source_uri, content, limits)
        else:
            yield Document(source_uri, ENTRY_TYPE, content)


def _entry_fields(entry: Any, feed: Any) -> dict[str, str]:
    """The fields of an entry that an article has, under the names that parse knows."""
    bodies = [str(part.get("value") or "") for part in entry.get("content", [])]
    found = {
        "content": max(bodies, key=len, default=""),
        "summary": entry.get("summary"),
        "title": entry.get("title"),
        "link": entry.get("link"),
        "author": entry.get("author"),
        "published": entry.get("published") or entry.get("created"),
        "updated": entry.get("updated"),
        "publisher": entry.get("source", {}).get("title") or feed.get("title"),
    }
    return {name: str(value) for name, value in found.items() if value}
