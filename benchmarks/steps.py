"""Dateline's own functions in a plain loop, timed: what the graph of `pipeline/build.py` does, without Beam."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from schemas.article import Article, Document
from schemas.errors import ArticleError
from transforms.classify import classify_stances, shared_stance_model
from transforms.clean import clean_article
from transforms.date import date_article
from transforms.language import detect_language
from transforms.locate import locate_article
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.recognize import recognize_mentions, shared_ner_model
from transforms.resolve import resolve_entities
from transforms.staged import STAGED_SCHEMA, stage_articles
from transforms.write import CHUNK_ROWS, key_by_file, write_whole

BATCH = 64
Item = TypeVar("Item")


@dataclass(slots=True)
class StepTimes:
    """Seconds of the processor by step, all threads together; `articles` counts what came out."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    articles: int = 0

    def timed(self, name: str, function: Callable[[], Item]) -> Item:
        """What the function gives; its time goes to `name`."""
        began = time.process_time()
        try:
            return function()
        finally:
            self.seconds[name] += time.process_time() - began


def read_all(paths: Iterable[Path]) -> list[Document]:
    """The documents of some files; dead letters are left out."""
    return [item for path in paths for item in read_documents(str(path)) if isinstance(item, Document)]


def run_plainly(
    documents: Sequence[Document], folder: Path, *, ner_model: str | None = None, stance_model: str | None = None
) -> StepTimes:
    """Every step on the documents, in batches for the models; the records are staged in `folder`."""
    times = StepTimes()
    ner, stance = shared_ner_model(ner_model), shared_stance_model(stance_model)
    done: list[Article] = []
    for batch in batches(documents, BATCH):
        articles = [article for document in batch if (article := before_models(document, times))]
        articles = times.timed("recognize", lambda articles=articles: recognize_mentions(articles, ner))
        articles = times.timed("resolve", lambda articles=articles: [resolve_entities(item) for item in articles])
        articles = times.timed("classify", lambda articles=articles: classify_stances(articles, stance))
        articles = times.timed("locate", lambda articles=articles: [locate_article(item) for item in articles])
        done += times.timed("date", lambda articles=articles: [date_article(item) for item in articles])
    times.timed("stage", lambda: stage_plainly(done, folder))
    times.articles = len(done)
    return times


def before_models(document: Document, times: StepTimes) -> Article | None:
    """Parse, clean and tell the language; None for what would be a dead letter."""
    try:
        article = times.timed("parse", lambda: parse_document(document))
        article = times.timed("clean", lambda: clean_article(article))
    except ArticleError:
        return None
    return times.timed("language", lambda: detect_language(article))


def stage_plainly(articles: Iterable[Article], folder: Path) -> None:
    """The files that `transforms.write.StageRecords` writes."""
    files: dict[str, list[Article]] = defaultdict(list)
    for name, article in map(key_by_file, articles):
        files[name].append(article)
    for name, members in files.items():
        path = folder / "records" / f"{name}.parquet"
        write_whole(str(path), STAGED_SCHEMA, map(stage_articles, batches(members, CHUNK_ROWS)))


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Items by `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
