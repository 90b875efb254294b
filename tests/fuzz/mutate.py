"""Mutants of article files: damaged, spliced, mislabelled and hostile inputs, the same ones for the same seed."""

import gzip
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard

SUFFIXES = (".txt", ".html", ".json", ".jsonl", ".csv", ".tsv", ".rss", ".atom", ".warc", ".parquet", ".md", ".dat", "")
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "cp1251", "shift_jis", "utf-7", "utf-8-sig")
MAX_BYTES = 12_000  # of one mutant: what is larger is the business of tests.fuzz.bombs
TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3\x28", b"\xed\xa0\x80", b"\r", b"\x1a", b"\x0b\x0c", b"\\ud800",
    b"\\u0000", b"{", b"}", b"[", b"]", b'"', b"\\", b"'", b",", b";", b"\t", b"\n\n\n", b"<", b">", b"<!--", b"-->",
    b"]]>", b"<![CDATA[", b"<!ENTITY x 'y'>", b"&x;", b"&#x110000;", b"&#0;", b"<script>", b"</html>", b"<title>",
    b"<?xml version='1.1'?>", b"{" * 900, b"[" * 900, b"<div>" * 900, b"(" * 900, b"a" * 5000, b" " * 5000,
    b"\n" * 5000, b". " * 2000, b"../../../../etc/passwd", b"'; DROP TABLE articles; --", b"%00%2e%2e%2f",
    b"country=../..", b"__HIVE_DEFAULT_PARTITION__", b"1e999", b"NaN", b"-Infinity", b"9" * 400,
    b"-0001-13-45T99:99:99+99:99", b"99999-12-31", b"0000-00-00", b"31 June 2019", b"null", b"true",
    b"Content-Length: -1\r\n", b"WARC/1.0\r\n", b"PAR1", b"http://[::1", b"javascript:alert(1)",
    "\u202e\u2066".encode(), ("e" + "\u0301" * 600).encode(), "\U0001f468\u200d\U0001f469\u200d\U0001f467".encode(),
    "\u0130\u1e9e\ufb03".encode(), "\u2028\u2029\x85".encode(), "\ufdfa".encode() * 50, "\u6f22\u5b57".encode() * 200,
    b"[HOLDER]x[/HOLDER] [TARGET]y[/TARGET]", b"<s></s><pad><unk><mask>", b"Mr. " * 700, b"A. B. C. D. " * 300,
    b"2019-01-11 " * 500, b"on Friday " * 500, b"President Maduro of Venezuela opposes the OAS. " * 40,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """An input file: its name, which has no folder, and its bytes."""

    name: str
    content: bytes


def read_seeds(folder: Path) -> list[Sample]:
    """The files of a folder."""
    return [Sample(path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()]


def make_mutants(seeds: Sequence[Sample], count: int, *, seed: int = 0) -> Iterator[Sample]:
    """`count` mutants with names of their own; each depends on its number and `seed` alone."""
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        sample = mutate(chance.choice(seeds), chance.choice(seeds), chance)
        yield Sample(f"{number:06}-{sample.name}", sample.content)


def mutate(sample: Sample, other: Sample, chance: random.Random) -> Sample:
    """Change a sample in one to four ways; a packed one inside its packing, except for one time in four."""
    name, content = sample.name, sample.content
    suffix = Path(name).suffix if chance.random() < 0.75 else ""
    content, others = unpack(content, suffix), unpack(other.content, Path(other.name).suffix)
    for _ in range(chance.randint(1, 4)):
        content = chance.choice(CHANGES)(content, others, chance)[:MAX_BYTES]
    if chance.random() < 0.15:
        name, suffix = f"{name.partition('.')[0]}{chance.choice(SUFFIXES)}", ""
    return Sample(name, pack(content, suffix))


def unpack(content: bytes, suffix: str) -> bytes:
    """The bytes inside gzip and zstd."""
    if suffix == ".gz":
        return gzip.decompress(content)
    return zstandard.ZstdDecompressor().decompressobj().decompress(content) if suffix == ".zst" else content


def pack(content: bytes, suffix: str) -> bytes:
    """The bytes packed as the suffix says."""
    if suffix == ".gz":
        return gzip.compress(content, mtime=0)
    return zstandard.compress(content) if suffix == ".zst" else content


def _slice(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(content))
    return start, min(len(content), start + int(len(content) * chance.random() ** 3))


def flip(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """Some bytes become others."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 30)) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def insert(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """A token of trouble goes in, once or at several places."""
    token = chance.choice(TOKENS)
    for _ in range(chance.choice((1, 1, 4))):
        at = chance.randint(0, len(content))
        content = content[:at] + token + content[at:]
    return content


def remove(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """A slice goes."""
    start, end = _slice(content, chance)
    return content[:start] + content[end:]


def truncate(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """The end goes."""
    return content[: chance.randint(0, len(content))]


def repeat(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """A slice comes again, and again."""
    start, end = _slice(content, chance)
    return content[:end] + content[start:end] * chance.choice((1, 5, 60)) + content[end:]


def splice(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """A slice of another file goes in."""
    start, end = _slice(other, chance)
    at = chance.randint(0, len(content))
    return content[:at] + other[start:end] + content[at:]


def recode(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """The text in another encoding, whatever the file says of itself."""
    return content.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")


def inflate(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """Numbers become very large, negative or no numbers."""
    numbers = (b"0", b"-1", b"99999999999999999999", b"1e400", b"2147483648", b"0x41", b"\xd9\xa1\xd9\xa9")
    return re.sub(rb"\d+", lambda found: chance.choice(numbers) if chance.random() < 0.3 else found.group(), content)


def wrap(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """Brackets or tags around it all, or white space before it."""
    depth = chance.choice((1, 20, 1200))
    opening, closing = chance.choice(
        ((b"[", b"]"), (b'{"text":', b"}"), (b"<div>", b"</div>"), (b"\n", b"\n"), (b"<b>", b""))
    )
    return opening * depth + content + closing * depth


def join_lines(content: bytes, _: bytes, chance: random.Random) -> bytes:
    """Line ends become other ones, or none."""
    return content.replace(b"\n", chance.choice((b"", b"\r", b"\r\n", b" ", b"\n\n", b"\x0b")))


Change = Callable[[bytes, bytes, random.Random], bytes]
CHANGES: tuple[Change, ...] = (
    flip, flip, insert, insert, insert, remove, truncate, repeat, splice, recode, inflate, wrap, join_lines
)  # fmt: skip
