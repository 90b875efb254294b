"""How well pages are read: publication date, headline and body against hand-made gold.

    python -m benchmarks.html DATA [--json FILE]

DATA is the folder that holds `html_htmldate`, `html_fundus` and `html_scrapinghub`, each a manifest and an archive of
pages. Headline and body are compared by the F1 of their tokens (words in lower case, each as often as it occurs), on
pages in English; dates by the day, on all pages. A page that becomes a dead letter counts as wrong.
"""

import argparse
import gzip
import json
import re
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

from schemas.article import Article, Document
from schemas.errors import ArticleError
from transforms.date import date_article
from transforms.language import detect_language
from transforms.parse import parse_document

SETS = ("html_htmldate", "html_fundus", "html_scrapinghub")


def read_pages(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The rows of a set's manifest, each with its page."""
    with tarfile.open(folder / "pages.tar.gz") as archive:
        pages = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        content = {name: gzip.decompress(file.read()) for name, file in pages.items() if file}
    with gzip.open(folder / "manifest.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["file"] in content:
                yield row, content[row["file"]]


def token_f1(found: str, gold: str) -> float:
    """F1 of two texts' tokens as bags."""
    first, second = (Counter(re.findall(r"\w+", text.casefold())) for text in (found, gold))
    common = (first & second).total()
    return 2 * common / max(1, first.total() + second.total())


def measure(folder: Path) -> dict[str, Any]:
    """The figures of one set."""
    scores: dict[str, list[float]] = {"date": [], "title": [], "body": []}
    dead: Counter[str] = Counter()
    seconds: list[float] = []
    for row, page in read_pages(folder):
        started = time.perf_counter()
        article = _parse(row, page, dead)
        seconds.append(time.perf_counter() - started)
        _score(row, article, scores)
    figures: dict[str, Any] = {"pages": len(seconds), "milliseconds_a_page": round(1000 * fmean(seconds), 1)}
    figures |= {f"{name}_pages": len(values) for name, values in scores.items() if values}
    figures |= {name: round(fmean(values), 4) for name, values in scores.items() if values}
    return figures | {"dead_letters": dict(dead)}


def _parse(row: dict[str, Any], page: bytes, dead: Counter[str]) -> Article | None:
    metadata = (("url", row["url"]),) if row.get("url") else ()
    try:
        return parse_document(Document(row["id"], "text/html", page, metadata))
    except ArticleError as error:
        dead[error.reason] += 1
        return None


def _score(row: dict[str, Any], article: Article | None, scores: dict[str, list[float]]) -> None:
    if isinstance(row.get("published"), str):
        day = date_article(detect_language(article)).date if article else None
        scores["date"].append(float(day is not None and day.isoformat() == row["published"][:10]))
    if not (row.get("lang") or "en").startswith("en"):
        return
    if row.get("title"):
        scores["title"].append(token_f1((article and article.headline) or "", row["title"]))
    if row.get("body"):
        scores["body"].append(token_f1(article.text if article else "", row["body"]))


def main() -> None:
    """Measure every set and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder with the sets of pages")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    figures = {name: measure(options.data / name) for name in SETS}
    for name, values in figures.items():
        print(name, json.dumps(values))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
