"""Articles that nobody wrote, and datasets made of them without a Beam pipeline."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.dataset import Dataset
from pipeline.files import Files
from schemas.article import Article, CountryShare, DeadLetter, Entity, Mention, Stance
from schemas.record import DEAD_LETTER_SCHEMA
from transforms.staged import STAGED_SCHEMA, stage_articles
from transforms.write import stage_dead_letters, write_whole

VOCABULARY = [f"word{number}" for number in range(3000)]
COUNTRIES = ("VE", "NA", "NO", "ZZ")


def make_article(number: int, *, words: int = 80) -> Article:
    """An article of its own; every third is undated or has no time, countries and days are few."""
    chance = random.Random(number)
    day = date(2019, 1, 9) + timedelta(days=chance.randrange(4)) if number % 7 else None
    hour = datetime(day.year, day.month, day.day, chance.randrange(24), tzinfo=UTC) if day and number % 3 else None
    return Article(
        article_id=f"{number:032x}",
        text=" ".join(chance.choices(VOCABULARY, k=words)),
        source_uri=f"news.jsonl#line={number}",
        url=f"https://example.org/{number}",
        headline=f"Headline {number}",
        country=chance.choice(COUNTRIES),
        date=day,
        published_at=hour,
        mentions=(Mention("word", 0, 4, "ORG", 0.5, 0),),
        entities=(Entity("word", "ORG", None, ("Word Inc",), 1, 0.25),),
        stances=(Stance(None, None, 0, "word", "favor", 0.7, 0.7, 0.1, 0.2, 0, 10, "named"),),
        countries=(CountryShare("VE", 1.0, 1),),
        content_hash=f"{number:08x}",
    )


def make_copy(article: Article, number: int, *, days: int = 0, words: int = 60) -> Article:
    """A wire copy under another id: the tail cut, some hours or days later."""
    return replace(
        article,
        article_id=f"{number:032x}",
        source_uri=f"news.jsonl#line={number}",
        url=f"https://example.org/{number}",
        text=" ".join(article.text.split()[:words]),
        date=article.date and article.date + timedelta(days=days),
        published_at=article.published_at and article.published_at + timedelta(days=days, minutes=number % 50),
    )


def make_news(count: int, *, first: int = 1) -> list[Article]:
    """`count` articles; a third are copies, some copies of copies, some a day later."""
    news: list[Article] = []
    for number in range(first, first + count):
        chance = random.Random(number)
        if news and chance.random() < 0.34:
            original = chance.choice(news)
            length = max(25, len(original.text.split()) - chance.randrange(20))
            news.append(make_copy(original, number, days=chance.randrange(2), words=length))
        else:
            news.append(make_article(number))
    return news


def dead_letter(number: int) -> DeadLetter:
    return DeadLetter("parse", "empty_text", f"no text in {number}", f"news.jsonl#line={number}", b"{}")


def stage(folder: str, articles: Iterable[Article], dead_letters: Sequence[DeadLetter] = ()) -> None:
    """Stage articles as StageRecords does."""
    partitions = defaultdict(list)
    for article in articles:
        partitions[article.partition].append(article)
    for partition, members in partitions.items():
        write_whole(f"{folder}/records/{partition.replace('/', ',')}.parquet", STAGED_SCHEMA, [stage_articles(members)])
    if dead_letters:
        write_whole(f"{folder}/dead_letters/all.parquet", DEAD_LETTER_SCHEMA, [stage_dead_letters(dead_letters)])


def commit(root: Path | str, unit_id: str, articles: Iterable[Article], dead_letters: Sequence[DeadLetter] = (),
           *, files: Files | None = None, part_files: int | None = None, inputs: Sequence[dict[str, str]] = ()) -> Any:
    """Open, lock, stage and commit one unit; returns its counts."""
    with Dataset(str(root), files=files, part_files=part_files) as dataset, dataset.lock():
        stage(dataset.staging(unit_id), articles, dead_letters)
        return dataset.commit(unit_id, run_id="run", inputs=inputs)


def contents(root: Path | str) -> dict[str, str]:
    """Every file a reader may see, by path, as the digest of its bytes."""
    found = [*Path(root).glob("articles/**/*"), *Path(root).glob("dead_letters/**/*")]
    return {str(path.relative_to(root)): sha256(path.read_bytes()).hexdigest() for path in found if path.is_file()}


def times(root: Path | str) -> dict[str, int]:
    """The modification times of the files a reader may see."""
    return {path: Path(root, path).stat().st_mtime_ns for path in contents(root)}


def rows(root: Path | str) -> list[dict[str, Any]]:
    """All records as a globbing reader finds them, with their partition."""
    found = []
    for path in sorted(Path(root).glob("articles/*/*/*.parquet")):
        country, day = (part.partition("=")[2] for part in path.parts[-3:-1])
        found += [row | {"country": country, "day": day} for row in pq.ParquetFile(path).read().to_pylist()]
    return found
