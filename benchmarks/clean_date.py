"""Measure cleaning and dating against hand-annotated articles.

    python -m benchmarks.clean_date GOLD_FOLDER

GOLD_FOLDER holds `dev_articles.jsonl` (id, url, date, title, body) and `dev_gold.jsonl` (boilerplate, date_from_text,
…), one JSON object a line, in the same order. Printed are the junk found, the real characters lost, the dates told
from title and body alone, every miss in full, and the time of the three steps.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.article import Article
from transforms.clean import clean_article
from transforms.date import date_article
from transforms.language import detect_language

FOUND_SHARE = 0.9  # of a junk line's characters


@dataclass(frozen=True, slots=True)
class Example:
    """An article as its source gave it, and what a person says about it."""

    article: Article
    junk: tuple[str, ...]
    date_from_text: str | None


def read_examples(folder: Path) -> Iterator[Example]:
    """The examples of a gold folder, without metadata and URL: title and body alone."""
    rows = zip(_read_lines(folder / "dev_articles.jsonl"), _read_lines(folder / "dev_gold.jsonl"), strict=True)
    for article, gold in rows:
        yield Example(
            Article(str(article["id"]), str(article["body"]), "gold", headline=str(article["title"])),
            tuple(gold["boilerplate"]),
            gold["date_from_text"],
        )


def _read_lines(path: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def junk_positions(text: str, junk: tuple[str, ...]) -> list[set[int]]:
    """For each junk string, the positions of its characters (white space apart) wherever it stands in the text."""
    found = []
    for string in junk:
        starts = [start for start in range(len(text)) if text.startswith(string, start)]
        found.append({start + i for start in starts for i, character in enumerate(string) if not character.isspace()})
    return found


def removed_positions(article: Article) -> set[int]:
    """The positions, in the original text, of the characters (white space apart) that cleaning took out."""
    positions: set[int] = set()
    shift = 0
    for part in article.removed:
        start = part.at_char + shift
        positions.update(start + i for i, character in enumerate(part.text) if not character.isspace())
        shift += len(part.text)
    return positions


def report_cleaning(examples: list[Example]) -> None:
    """Print junk found and real characters removed, with every miss."""
    wanted = found = lost = real = 0
    for example in examples:
        cleaned = clean_article(example.article)
        removed = removed_positions(cleaned)
        all_junk: set[int] = set()
        for string, positions in zip(example.junk, junk_positions(example.article.text, example.junk), strict=True):
            all_junk |= positions
            wanted += 1
            hit = len(positions & removed) >= FOUND_SHARE * len(positions)
            found += hit
            if not hit:
                print(f"  missed junk   {example.article.article_id[:50]}: {string!r}")
        wrong = removed - all_junk
        lost += len(wrong)
        real += sum(not character.isspace() for character in example.article.text) - len(all_junk)
        if wrong:
            words = "".join(example.article.text[position] for position in sorted(wrong))
            print(f"  removed       {example.article.article_id[:50]}: {words!r}")
    print(f"junk found {found} of {wanted}; real characters removed {lost} of {real} ({lost / real:.4%})")


def report_dates(examples: list[Example]) -> None:
    """Print the dates told from title and body alone, with every miss."""
    right = wrong = datable = 0
    for example in examples:
        dated = date_article(detect_language(clean_article(example.article)))
        told = dated.date.isoformat() if dated.date else None
        datable += example.date_from_text is not None
        right += told is not None and told == example.date_from_text
        wrong += told is not None and told != example.date_from_text
        if told != example.date_from_text:
            name, evidence = dated.article_id[:50], dated.date_evidence
            print(f"  date          {name}: {told} ({evidence!r}), not {example.date_from_text}")
    print(f"dates from title and body: {right} of {datable} right, {wrong} wrong ({len(examples)} articles)")


def report_time(examples: list[Example], *, rounds: int = 10) -> None:
    """Print processor milliseconds an article for each step."""
    articles = [example.article for example in examples] * rounds
    steps: tuple[Callable[[Article], Article], ...] = (clean_article, detect_language, date_article)
    total = 0.0
    for step in steps:
        started = time.process_time()
        articles = [step(article) for article in articles]
        spent = (time.process_time() - started) * 1000 / len(articles)
        total += spent
        print(f"{step.__name__:16} {spent:6.2f} ms an article")
    print(f"{'all three':16} {total:6.2f} ms an article")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure cleaning and dating against hand-annotated articles.")
    parser.add_argument("folder", type=Path, help="with dev_articles.jsonl and dev_gold.jsonl")
    examples = list(read_examples(parser.parse_args().folder))
    report_cleaning(examples)
    report_dates(examples)
    report_time(examples)


if __name__ == "__main__":
    main()
