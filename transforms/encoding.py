"""Bytes to text: which encoding a newsroom wrote, and the one rule for line ends and stray characters.

The order: byte order mark, valid UTF-8, the declared encoding, UTF-16 by the place of its zero bytes, Windows-1252
where it makes Western words, charset-normalizer for the rest. Only what is neither marked, valid UTF-8 nor declared is
flagged `encoding_guessed`.
"""

import codecs
import re
from dataclasses import dataclass

# Bytes that a guess looks at: enough to tell, few enough to be quick.
GUESS_BYTES = 1 << 16
MIN_ZERO_SHARE = 0.02
MAX_WESTERN_SHARE = 0.3  # Western languages write few letters beyond ASCII; Cyrillic misread as 1252 is full of them
MAX_DAMAGED_SHARE = 0.1
_MARKS = (  # UTF-32 first: its mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What the web calls these is Windows-1252: https://encoding.spec.whatwg.org/#names-and-labels
_WEB_NAMES = {"ascii": "cp1252", "iso8859-1": "cp1252", "cp1252": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}
_WESTERN_MARKS = frozenset("“”‘’‚„…–—•€£¥©®°§«»¿¡ºª´·½¼¾²³±×™‹›†µ¶¢ \xad¨¸")
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x85]")
# Controls but tab and line end, soft hyphens, zero width spaces, byte order marks in the middle, bidi embeddings.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_META = re.compile(r"<meta[^<>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(r"^\s*<\?xml[^<>]+encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was in, and flags: `encoding_guessed`, `replacement_characters`."""

    text: str
    encoding: str
    flags: tuple[str, ...] = ()


def decode_bytes(payload: bytes, *, declared: str | None = None) -> Decoded:
    """Decode bytes by the order that the module states; never fails, flags what was guessed or lost."""
    mark = mark_of(payload)
    if mark:
        return _decode_as(payload[len(mark[0]) :], mark[1])
    codec = _codec(declared)
    escaped = codec is not None and b"\x1b" in payload[:GUESS_BYTES]  # ISO-2022 is valid ASCII and means more
    for name in (codec, "utf-8") if escaped else ("utf-8", codec):
        text = _try(payload, name)
        if text is not None and "\0" not in text[:GUESS_BYTES]:
            return _checked(text, name or "")
    encoding = guess_encoding(payload)
    decoded = _decode_as(payload, encoding)
    return Decoded(decoded.text, encoding, tuple(sorted({*decoded.flags, "encoding_guessed"})))


def declared_encoding(head: bytes) -> str | None:
    """The encoding that an HTML or XML document states in its first bytes, if any."""
    text = head[:4096].decode("latin-1")
    match = _XML.search(text) or _META.search(text)
    return match.group(1) if match else None


def guess_encoding(payload: bytes) -> str:
    """The likeliest encoding of bytes that are not marked."""
    head = payload[:GUESS_BYTES]
    wide = _wide_encoding(head)
    if wide:
        return wide
    if _is_damaged_utf8(head):
        return "utf-8"
    if _is_western(head):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(head).best()
    return best.encoding if best else "cp1252"


def mark_of(head: bytes) -> tuple[bytes, str] | None:
    """The byte order mark that the bytes start with, and its encoding."""
    return next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), None)


def printable(text: str) -> str:
    """The text as UTF-8 can hold it: half a surrogate pair, as JSON and file names may have it, becomes U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def normalize_characters(text: str) -> Decoded:
    """The one rule for characters, applied before any offset is counted.

    Every line end (CRLF, CR, NEL, U+2028, U+2029) becomes a line feed; control characters other than tab and line feed,
    soft hyphens, zero width spaces, bidi embeddings and stray byte order marks go; half a surrogate pair becomes
    U+FFFD. Flags: `control_characters` where some were taken out, `replacement_characters` where U+FFFD stands.
    """
    flags: set[str] = set()
    text = printable(text)
    text = _LINE_ENDS.sub("\n", text)
    if _CONTROL.search(text):
        flags.add("control_characters")
    text = _INVISIBLE.sub("", text)
    if "\ufffd" in text:
        flags.add("replacement_characters")
    return Decoded(text, "", tuple(sorted(flags)))


def _decode_as(payload: bytes, encoding: str) -> Decoded:
    return _checked(payload.decode(encoding, "replace"), encoding)


def _checked(text: str, encoding: str) -> Decoded:
    return Decoded(text, encoding, ("replacement_characters",) if "\ufffd" in text else ())


def _try(payload: bytes, encoding: str | None) -> str | None:
    try:
        return payload.decode(encoding) if encoding else None
    except (UnicodeDecodeError, UnicodeError):
        return None


def _codec(name: str | None) -> str | None:
    """Python's name of a text encoding, as the web means it."""
    try:
        info = codecs.lookup((name or "").strip())
    except (LookupError, ValueError):
        return None
    # A page cannot be UTF-16 and say so in ASCII; and base64 or zip are codecs, but no text encodings.
    if not getattr(info, "_is_text_encoding", True) or info.name.startswith(("utf-16", "utf-32", "utf-7")):
        return None
    return _WEB_NAMES.get(info.name, info.name)


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly all of its zero bytes stand at even, or at odd, places."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < max(1, MIN_ZERO_SHARE * len(head)):
        return None
    if max(even, odd) < 20 * min(even, odd):
        return None
    name = "utf-16-be" if even > odd else "utf-16-le"
    return name if _try(head[: len(head) // 2 * 2], name) is not None else None


def _is_damaged_utf8(head: bytes) -> bool:
    """UTF-8 with a few broken bytes: characters of several bytes are many, failures few."""
    text = head.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return broken <= MAX_DAMAGED_SHARE * whole


def _is_western(head: bytes) -> bool:
    """Whether the bytes make plausible words of a Western language in Windows-1252."""
    text = _try(head, "cp1252")
    if text is None:
        return False
    foreign = [character for character in text if character > "\x7f"]
    letters = sum(1 for character in foreign if character.isalpha() and character not in "ªºµ")
    if letters > MAX_WESTERN_SHARE * max(1, sum(map(str.isalpha, text))):
        return False
    within = re.findall(r"(?<=[^\W\d_])([^\w\s\x00-\x7f]|[²³¹])(?=[^\W\d_])", text)
    return not set(within) - set("’‘·–—…\xad") and all(c.isalpha() or c in _WESTERN_MARKS for c in foreign)
