"""Inputs made to break whoever reads them, and what `dateline run` makes of each: time, peak memory, dead letters.

    python -m tests.fuzz.bombs [--only NAME...] [--json FILE]

Each bomb is a run of the command in a process of its own. `expected` is the dead letter's step and reason, or `record`.
Exit code 1 where something else came out, or where a run was over its time (of the processor, which other work on the
machine does not lengthen) or memory.
"""

import argparse
import gzip
import io
import json
import multiprocessing as mp
import os
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import zstandard

MEGABYTE = 1_000_000
MAX_SECONDS = 60.0
LONGEST_SECONDS = 180.0  # for a text just under the limit text_characters, by its worst pieces
MAX_BYTES = 1_500 * MEGABYTE
SENTENCE = (
    b"The council voted on Tuesday to close the old bridge to cars, and President Maduro of Venezuela opposed it. "
)


@dataclass(frozen=True, slots=True)
class Bomb:
    """A file by its name, how its bytes are written, what must come of it, and the seconds it may take."""

    name: str
    expected: str
    write: Callable[[Path], None]
    seconds: float = MAX_SECONDS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a bomb."""

    name: str
    stored: int
    found: dict[str, int]
    errors: list[str]
    seconds: float
    cpu_seconds: float
    peak: int
    exit_code: int


def chunks(piece: bytes, size: int) -> Iterator[bytes]:
    """`size` bytes of a repeated piece."""
    block = piece * max(1, MEGABYTE // len(piece))
    for _ in range(size // len(block) + 1):
        yield block


def gzipped(size: int, piece: bytes = b"a") -> Callable[[Path], None]:
    """A gzip file that unpacks to `size` bytes."""

    def write(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=9) as file:
            for block in chunks(piece, size):
                file.write(block)

    return write


def zstandard_packed(size: int) -> Callable[[Path], None]:
    """A zstd file that unpacks to `size` bytes."""

    def write(path: Path) -> None:
        with path.open("wb") as raw, zstandard.ZstdCompressor(level=9).stream_writer(raw) as file:
            for block in chunks(b"a", size):
                file.write(block)

    return write


def nested_gzip(path: Path) -> None:
    """A gzip inside a gzip inside a gzip: only the outer one is unpacked."""
    content = gzip.compress(b"a" * (200 * MEGABYTE))
    path.write_bytes(gzip.compress(gzip.compress(content)))


def line(size: int, before: bytes = b"", after: bytes = b"", piece: bytes = b"word ") -> Callable[[Path], None]:
    """One line of `size` bytes between two others."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(before)
            for block in chunks(piece, size):
                file.write(block)
            file.write(after)

    return write


def content(data: bytes) -> Callable[[Path], None]:
    """Just these bytes."""
    return lambda path: path.write_bytes(data) and None


def laughs(root: bytes) -> bytes:
    """A billion laughs: ten levels of entities, each ten of the one before."""
    levels = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    feed = (
        b"<rss version='2.0'><channel><item><title>&l9;</title><description>&l9;</description></item></channel></rss>"
    )
    return b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">' + levels + b"]>" + (root or feed)


def outside_entity() -> bytes:
    """An entity that names a file of the machine."""
    item = b"<item><title>A title of a story</title><description>&file; " + SENTENCE * 3 + b"</description></item>"
    doctype = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    return doctype + b"<rss version='2.0'><channel>" + item + b"</channel></rss>"


def parquet_bomb(path: Path) -> None:
    """A small Parquet file of one row group that unpacks to 1.2 GB."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.array(["a" * (9 * MEGABYTE)] * 135)
    pq.write_table(pa.table({"text": text}), path, compression="zstd", use_dictionary=False)


def warc_bomb(path: Path) -> None:
    """A WARC record whose page is packed for the transfer and unpacks to 500 MB."""
    packer = zlib.compressobj(9, wbits=31)
    page = io.BytesIO()
    for block in chunks(b"<p>a</p>", 500 * MEGABYTE):
        page.write(packer.compress(block))
    page.write(packer.flush())
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    body = head + page.getvalue()
    named = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://news.example/a\r\n"
    length = b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(body)
    path.write_bytes(named + length + body + b"\r\n\r\n")


ARTICLE = json.dumps({"title": "Council closes the bridge", "text": SENTENCE.decode() * 4}).encode() + b"\n"
PAGE = b"<html><body><article>" + b"<p>" + SENTENCE * 4 + b"</p>"
BOMBS = (
    Bomb("ratio.jsonl.gz", "read/decompression_bomb", gzipped(2_000 * MEGABYTE)),
    Bomb("ratio.txt.gz", "read/too_large", gzipped(2_000 * MEGABYTE)),
    Bomb("ratio.jsonl.zst", "read/decompression_bomb", zstandard_packed(4_000 * MEGABYTE)),
    Bomb("nested.txt.gz", "read/binary_content", nested_gzip),
    Bomb("laughs.rss", "read/xml_entities", content(laughs(b""))),
    Bomb("laughs.html", "read/unsupported_format", content(laughs(b"<page>&l9;</page>"))),
    Bomb("outside.rss", "read/xml_entities", content(outside_entity())),
    Bomb("deep.html", "record", content(PAGE + b"<div>" * 400_000)),
    Bomb("wide.html", "parse/too_large", content(PAGE + b"<p>a" * 900_000)),
    Bomb("deep.json", "parse/nested_too_deep", content(b'{"text": ' + b"[" * 500_000 + b"]" * 500_000 + b"}")),
    Bomb("deep-array.json", "read/nested_too_deep", content(b"[" * 1_000_000)),
    Bomb("deep.jsonl", "parse/nested_too_deep", content(ARTICLE + b'{"a":' * 200_000 + b"1" + b"}" * 200_000)),
    Bomb("line.jsonl", "read/too_large", line(100 * MEGABYTE, ARTICLE + b'{"text": "', b'"}\n' + ARTICLE)),
    Bomb("line.csv", "read/too_large", line(100 * MEGABYTE, b"title,text\na,", b"\n")),
    Bomb("line.txt", "read/too_large", line(100 * MEGABYTE)),
    Bomb("quote.csv", "read/invalid_table", line(100 * MEGABYTE, b'title,text\na,"', piece=b"word\n")),
    Bomb("numbers.json", "parse/invalid_json", content(b'{"text": ' + b"9" * 5_000_000 + b"}")),
    Bomb("dots.txt", "record", content(b". " * 140_000 + SENTENCE * 3), seconds=LONGEST_SECONDS),
    Bomb("brackets.txt", "record", content(SENTENCE + b"(" * 290_000), seconds=LONGEST_SECONDS),
    Bomb("capitals.txt", "record", content(b"A B C D E " * 29_000), seconds=LONGEST_SECONDS),
    Bomb("marks.txt", "record", content(SENTENCE + ("e" + "\u0301" * 100_000).encode())),
    Bomb("letters.txt", "record", content(b"a" * 290_000)),
    Bomb("text.txt", "parse/too_large", content(b"word " * 1_900_000)),
    Bomb("row-group.parquet", "read/too_large", parquet_bomb),
    Bomb("page.warc", "read/too_large", warc_bomb),
    Bomb("million-tokens.txt", "parse/too_large", content(SENTENCE * 40_000)),
    Bomb("longest.txt", "record", content(SENTENCE * 2_700), seconds=LONGEST_SECONDS),
)


def run_bomb(bomb: Bomb, work: Path) -> Outcome:
    """`dateline run` over one bomb."""
    folder, out = work / bomb.name, work / "out"
    folder.mkdir()
    path = folder / bomb.name
    writer = mp.get_context("fork").Process(target=bomb.write, args=(path,))  # its memory is not the run's
    writer.start()
    writer.join()
    command = [sys.executable, "-m", "pipeline.cli", "run", str(path), str(out), "--quiet"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=bounded)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    found, errors = count_outcomes(out)
    code = os.waitstatus_to_exitcode(status)
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    return Outcome(bomb.name, path.stat().st_size, found, errors, seconds, cpu, peak, code)


def bounded() -> None:
    """A process that would take the machine down is stopped before."""
    resource.setrlimit(resource.RLIMIT_CPU, (1200, 1200))
    resource.setrlimit(resource.RLIMIT_AS, (16_000 * MEGABYTE, 16_000 * MEGABYTE))


def count_outcomes(out: Path) -> tuple[dict[str, int], list[str]]:
    """Records and dead letters by step and reason, and the errors' words."""
    found: dict[str, int] = {}
    if list(out.glob("articles/*/*/*.parquet")):
        [(found["record"],)] = duckdb.sql(
            f"SELECT count(*) FROM read_parquet('{out}/articles/*/*/*.parquet')"
        ).fetchall()
    if not list(out.glob("dead_letters/*.parquet")):
        return found, []
    source = f"read_parquet('{out}/dead_letters/*.parquet')"
    found |= dict(duckdb.sql(f"SELECT step || '/' || reason, count(*) FROM {source} GROUP BY 1").fetchall())
    return found, [error for (error,) in duckdb.sql(f"SELECT error FROM {source}").fetchall()]


def complaint(bomb: Bomb, outcome: Outcome) -> str:
    """What is wrong with an outcome; nothing where all is well."""
    if outcome.exit_code not in (0, 3) or bomb.expected not in outcome.found:
        return f"exit code {outcome.exit_code}, expected {bomb.expected}"
    if outcome.cpu_seconds > bomb.seconds:
        return f"took over {bomb.seconds:.0f} s"
    return f"took over {MAX_BYTES / 1e6:.0f} MB" if outcome.peak > MAX_BYTES else ""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", help="names of bombs")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    outcomes, bad = [], 0
    for bomb in BOMBS:
        if options.only and bomb.name not in options.only:
            continue
        with tempfile.TemporaryDirectory() as work:
            outcome = run_bomb(bomb, Path(work))
        outcomes.append(outcome)
        wrong = complaint(bomb, outcome)
        bad += bool(wrong)
        print(
            f"{outcome.name:20} {outcome.stored:11,} bytes {outcome.cpu_seconds:6.1f} s {outcome.peak / 1e6:6,.0f} MB "
            f"{outcome.found} {wrong and 'WRONG: ' + wrong}\n    {'; '.join(outcome.errors)[:240]}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
