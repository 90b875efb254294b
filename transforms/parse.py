"""parse: one document to an Article, whatever format it came in.

Text is decoded and its characters normalised here (`transforms.encoding` states the rules), so that every offset that a
record holds counts characters of the same text. Dates are only gathered: `transforms.date` decides. The date of a WARC
record is the day of collection and goes by that name.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import apache_beam as beam

from schemas.article import Article, Document, FoundDate, add_flags
from schemas.errors import ArticleError
from transforms.article_id import make_article_id
from transforms.dateline import find_dateline, is_date_line
from transforms.encoding import declared_encoding, decode_bytes, normalize_characters, printable
from transforms.fields import Fields, Json, check_fields
from transforms.html import Page, clean_headline, looks_like_markup, read_page, strip_markup
from transforms.limits import DEFAULT_LIMITS
from transforms.try_map import Tried, TryMap

MIN_TEXT_CHARS = 25  # less is a stub, a caption or a player's error message
MAX_HEADLINE_CHARS = 130
MIN_HEADLINE_WORDS, MAX_HEADLINE_WORDS = 3, 20
_NO_HEADLINE_END = (".", ",", ";", ":", "!", "…", "”", '"', ")")
_BYLINE = re.compile(r"^(?:By|Por|Par|Von)\s+[A-ZÀ-Ý]", re.UNICODE)
_BYLINE_WORD = re.compile(r"^(?:by|von)\s*:?\s+", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t\xa0]*(?:\n[ \t\xa0]*)+")


def parse_document(document: Document, *, fields: Mapping[str, str] | None = None) -> Article:
    """Read one document. `fields` maps an article's fields to names or dotted paths: `{"text": "story.body"}`.

    Reads: everything of the document. Sets: article_id, text (not cleaned), source_uri, url, publisher, headline,
    byline, dateline where it is a field, found_dates (best first), flags (`encoding_guessed`,
    `replacement_characters`, `control_characters`).

    Raises:
        ArticleError: `empty_text`, `invalid_json`, `nested_too_deep`, `no_article_text`, `invalid_html`, `too_large`.
    """
    metadata = dict(document.metadata)
    declared = metadata.get("charset") or declared_encoding(document.payload)
    decoded = decode_bytes(document.payload, declared=declared)
    flags = add_flags(decoded.flags, "encoding_guessed") if "encoding_guessed" in metadata else decoded.flags
    if document.media_type == "text/html":
        page = read_page(decoded.text, url=metadata.get("url"))
    elif document.media_type == "text/plain":
        page = read_plain_text(decoded.text)
    else:
        return _parse_object(document, decoded.text, fields or {}, flags)
    return _make_article(document, page, flags=flags)


def _parse_object(document: Document, text: str, mapped: Mapping[str, str], flags: tuple[str, ...]) -> Article:
    fields = Fields(_load_object(text), mapped)
    prefix = "feed" if document.media_type == "application/atom+xml" else "json"
    body = fields.text_of("text")
    if body is None:
        names = ", ".join(sorted(map(str, fields.keys()))[:12]) or "none"
        raise ArticleError("empty_text", f"no field holds the text (fields: {names}); name it: --field text=NAME")
    page = read_page(body) if "<html" in body[:2000].lower() else Page(text=strip_markup(body))
    publisher = fields.text_of("publisher") or page.publisher
    headline = fields.text_of("headline")
    stated = Page(
        text=page.text,
        headline=clean_headline(headline, publisher) if headline else page.headline,
        byline=fields.text_of("byline") or page.byline,
        publisher=publisher,
        url=fields.text_of("url") or page.url,
        found_dates=(*fields.dates(prefix), *page.found_dates),
    )
    return _make_article(document, stated, dateline=fields.text_of("dateline"), flags=flags)


def _load_object(text: str) -> Mapping[str, Json]:
    try:
        value = json.loads(text, strict=False)
    except RecursionError:
        raise ArticleError("nested_too_deep", "the JSON is nested too deeply to be an article") from None
    except ValueError as error:
        raise ArticleError("invalid_json", f"not valid JSON: {error}; expected one object an article") from error
    if not isinstance(value, dict):
        message = f"the JSON is a {type(value).__name__}; expected an object with an article's fields"
        raise ArticleError("invalid_json", message)
    return value


def read_plain_text(text: str) -> Page:
    """A text file: the first line is the headline where it is short, has no full stop and stands apart.

    A byline that follows it goes out of the text as well.
    """
    body = normalize_characters(text).text.strip()
    first, separator, rest = body.partition("\n\n")
    first, rest = first.strip(), rest.strip()
    if not separator or not rest or not _is_headline(first):
        return Page(text=body)
    byline, separator, after = rest.partition("\n")
    if separator and after.strip() and _BYLINE.match(byline) and len(byline.split()) <= MAX_HEADLINE_WORDS // 2:
        return Page(text=after.strip(), headline=first, byline=byline.strip())
    return Page(text=rest, headline=first)


def _is_headline(line: str) -> bool:
    words = len(line.split())
    return (
        "\n" not in line
        and len(line) <= MAX_HEADLINE_CHARS
        and MIN_HEADLINE_WORDS <= words <= MAX_HEADLINE_WORDS
        and not line.endswith(_NO_HEADLINE_END)
        and not _BYLINE.match(line)
        and line.split()[0].strip(":") not in ("RELATED", "READ", "UPDATE", "ADVERTISEMENT")
        and not is_date_line(line)
        and find_dateline(line) is None
    )


def _make_article(document: Document, page: Page, *, dateline: str | None = None, flags: tuple[str, ...]) -> Article:
    normalized = normalize_characters(page.text)
    text = _BLANK_LINES.sub("\n\n", normalized.text).strip()
    if len(text) < MIN_TEXT_CHARS:
        message = f"the text has {len(text)} characters, fewer than {MIN_TEXT_CHARS}; is the body in another field?"
        raise ArticleError("empty_text", message)
    DEFAULT_LIMITS.check("text_characters", len(text), "the text")
    headline = _one_line(page.headline)
    url = _one_line(page.url) or dict(document.metadata).get("url")
    return Article(
        article_id=make_article_id(url=url, headline=headline, text=text),
        text=text,
        source_uri=_one_line(document.source_uri) or "unknown",
        url=url,
        publisher=_one_line(page.publisher),
        headline=headline,
        byline=_BYLINE_WORD.sub("", _one_line(page.byline) or "") or None,
        dateline=_one_line(dateline),
        found_dates=tuple(FoundDate(printable(found.value), found.origin)
                          for found in (*page.found_dates, *_collection_dates(document))),
        flags=add_flags(flags, *normalized.flags),
    )


def _collection_dates(document: Document) -> tuple[FoundDate, ...]:
    collected = dict(document.metadata).get("warc_date")
    return (FoundDate(collected, "warc:date"),) if collected else ()


def _one_line(value: str | None) -> str | None:
    """A short field on one line, without stray characters; None where nothing is left."""
    if not value:
        return None
    text = " ".join(normalize_characters(strip_markup(value) if looks_like_markup(value) else value).text.split())
    return text or None


@dataclass
class ParseDocuments(beam.PTransform):
    """Parse every document; those that cannot be an article become dead letters."""

    fields: dict[str, str] = field(default_factory=dict)

    def expand(self, documents: beam.PCollection[Document]) -> Tried:
        """Articles, and dead letters of step `parse`."""
        check_fields(self.fields)
        return documents | "Parse" >> TryMap("parse", _Parse(self.fields))


@dataclass(frozen=True)
class _Parse:
    """parse_document with its field names, in a form that travels to workers."""

    fields: Mapping[str, str]

    def __call__(self, document: Document) -> Article:
        return parse_document(document, fields=self.fields)
