"""Which format an input has, told by its first bytes and by its name."""

import json
import re
from enum import StrEnum
from pathlib import PurePosixPath

from schemas.errors import ArticleError
from transforms.encoding import decode_bytes

HEAD_BYTES = 1 << 16
MAX_CONTROL_SHARE = 0.05


class Format(StrEnum):
    """The formats that can be read."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"
    JSON_LINES = "json_lines"
    TABLE = "table"  # CSV, TSV
    PARQUET = "parquet"
    WARC = "warc"
    FEED = "feed"


_BINARY_KINDS = (
    (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"), (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file"),
    (b"%PDF", "a PDF document"), (b"PK\x03\x04", "a ZIP archive (docx, epub or zip)"), (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"BZh", "bzip2 data"), (b"\xfd7zXZ", "xz data"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a SQLite database"), (b"\xd0\xcf\x11\xe0", "an old Office document"), (b"ID3", "an MP3 file"),
    (b"{\\rtf", "an RTF document"),
)  # fmt: skip
_SUFFIXES = {
    ".txt": Format.TEXT, ".text": Format.TEXT, ".md": Format.TEXT, ".htm": Format.HTML, ".html": Format.HTML,
    ".xhtml": Format.HTML, ".json": Format.JSON, ".jsonl": Format.JSON_LINES, ".ndjson": Format.JSON_LINES,
    ".jl": Format.JSON_LINES, ".csv": Format.TABLE, ".tsv": Format.TABLE, ".rss": Format.FEED, ".atom": Format.FEED,
}  # fmt: skip
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MARKUP = re.compile(r"^\s*<[a-z!?]", re.IGNORECASE)
_ROOT = re.compile(r"<(?:\w+:)?([A-Za-z][\w.-]*)")  # the first element: declarations and comments start otherwise
_FEED_ROOTS = ("rss", "feed", "RDF")


def find_format(head: bytes, name: str) -> Format:
    """The format of an input that starts with `head` (unpacked); content goes before the name.

    Raises:
        ArticleError: `binary_content` for what is no text and no container that can be read, `unsupported_format` for
            XML that is no feed.
    """
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith(b"WARC/"):
        return Format.WARC
    refuse_binary(head)
    text = decode_bytes(head).text.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return _markup_format(text, name)
    named = _SUFFIXES.get(suffix_of(name))
    if text.startswith(("{", "[")) and named in (None, Format.JSON, Format.JSON_LINES, Format.TEXT):
        return _json_format(text, named)
    return named or Format.TEXT


def suffix_of(name: str) -> str:
    """The suffix that tells the format: `.jsonl` of `wire.jsonl.gz`."""
    path = PurePosixPath(name.replace("\\", "/").lower())
    return PurePosixPath(path.stem).suffix if path.suffix in (".gz", ".gzip", ".zst", ".zstd") else path.suffix


def refuse_binary(head: bytes) -> None:
    """Raise ArticleError `binary_content` where bytes are no text in any encoding that can be told."""
    kind = next((kind for magic, kind in _BINARY_KINDS if head.startswith(magic)), None)
    if kind is None:
        text = decode_bytes(head).text
        controls = sum(1 for character in text if character < " " and character not in "\t\n\r\f")
        if controls <= MAX_CONTROL_SHARE * len(text):
            return
        kind = "no text"
    raise ArticleError("binary_content", f"the content is {kind}; expected text, JSON, HTML, a table, a feed or a WARC")


def _markup_format(text: str, name: str) -> Format:
    root = _ROOT.search(text)
    if root and root.group(1) in _FEED_ROOTS:
        return Format.FEED
    if text.startswith("<?xml") and not (root and root.group(1).lower() == "html"):
        raise ArticleError("unsupported_format", "the XML is neither RSS nor Atom; turn it into JSON Lines first")
    if _HTML.search(text):
        return Format.HTML
    return _SUFFIXES.get(suffix_of(name)) or (Format.HTML if _MARKUP.match(text) else Format.TEXT)


def _json_format(text: str, named: Format | None) -> Format:
    """JSON Lines where the first line is an object and another line follows; text that only starts with a bracket."""
    if text.startswith("["):
        is_json = bool(re.match(r"\[\s*(?:[{\]]|$)", text))
        return Format.JSON if is_json or named in (Format.JSON, Format.JSON_LINES) else Format.TEXT
    if named == Format.JSON_LINES:
        return named
    first, _, rest = text.partition("\n")
    if rest.strip() and _is_object(first):
        return Format.JSON_LINES
    looks_like_json = bool(re.match(r'\{\s*(?:"|\}|$)', text))
    return Format.JSON if looks_like_json or named == Format.JSON else Format.TEXT


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
