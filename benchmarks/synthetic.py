"""Synthetic articles for the benchmarks: real paragraphs, or a few real sentences, in new orders, so that no two are
near-duplicates.

The text comes from the caller: JSON Lines files (plain or gzip) whose rows have a `body` or a `text`, or plain text
files.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from transforms.sentences import split_sentences

FIRST_DAY = date(2019, 1, 1)


def add_text_argument(parser: argparse.ArgumentParser) -> None:
    """Let a benchmark take its text files as positional arguments."""
    parser.add_argument("text", nargs="+", type=Path, help="JSON Lines (.jsonl, .jsonl.gz) or text files of articles")


def read_bodies(paths: list[Path]) -> list[list[str]]:
    """The articles of some files, each as its paragraphs."""
    bodies = []
    for path in paths:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if ".jsonl" in path.suffixes:
            rows = [json.loads(line) for line in data.decode("utf-8").splitlines() if line.strip()]
            bodies += [row.get("body") or row.get("text") or "" for row in rows]
        else:
            bodies.append(data.decode("utf-8"))
    return [lines for body in bodies if (lines := [line.strip() for line in body.splitlines() if line.strip()])]


def make_articles(
    bodies: list[list[str]],
    count: int,
    *,
    characters: int = 3000,
    sentences: int = 0,
    days: int = 30,
    day_by_day: bool = False,
) -> Iterator[dict[str, str]]:
    """`count` articles as JSON rows: id, url, title, body, date; the same ones every time.

    They are paragraphs of about so many characters together, or one paragraph of so many sentences. `day_by_day` has
    the days one after the other, as an archive has them, instead of all at once.
    """
    paragraphs = [line for body in bodies for line in body if len(line) > 40]
    short = [line[start:end] for line in paragraphs for start, end in split_sentences(line) if 30 < end - start < 90]
    for number in range(count):
        chance = random.Random(number)
        body = [" ".join(chance.choice(short) for _ in range(sentences))] if sentences else []
        while sum(map(len, body)) < characters and not sentences:
            body.append(chance.choice(paragraphs))
        day = FIRST_DAY + timedelta(days=number * days // count if day_by_day else number % days)
        yield {
            "id": str(number), "url": f"https://news.example/{day:%Y/%m/%d}/{number}", "date": day.isoformat(),
            "title": body[0][:90], "body": "\n\n".join(body),
        }


def write_inputs(folder: Path, articles: Iterator[dict[str, str]], *, file_articles: int = 1000) -> int:
    """Write articles as JSON Lines files of `file_articles` each; returns how many bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    lines: list[str] = []
    for number, article in enumerate(articles, start=1):
        lines.append(json.dumps(article, ensure_ascii=False))
        if number % file_articles == 0:
            written += _flush(folder, lines)
    return written + _flush(folder, lines)


def _flush(folder: Path, lines: list[str]) -> int:
    data = "".join(f"{line}\n" for line in lines).encode()
    if lines:
        (folder / f"articles-{len(list(folder.iterdir())):05}.jsonl").write_bytes(data)
    lines.clear()
    return len(data)
