"""Hand-annotated articles, and what the installed steps make of them."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.ner import NerModel
from models.stance import StanceModel
from schemas.article import Article, Document
from transforms.classify import classify_stances
from transforms.clean import clean_article
from transforms.date import date_article
from transforms.language import detect_language
from transforms.locate import locate_article
from transforms.parse import parse_document
from transforms.recognize import recognize_mentions
from transforms.resolve import resolve_entities

BATCH = 16  # articles that the models see at once


@dataclass(frozen=True, slots=True)
class Annotated:
    """One article: what its source said, and what a person says of it (the guidelines name the fields)."""

    source: dict[str, Any]
    gold: dict[str, Any]

    @property
    def name(self) -> str:
        """Its id."""
        return str(self.gold["id"])

    def document(self, *, metadata: bool) -> Document:
        """The article as a JSON document, with all that its source said or with title and body alone."""
        names = self.source if metadata else ("title", "body")
        payload = json.dumps({name: self.source[name] for name in names if self.source.get(name)})
        return Document(self.name, "application/json", payload.encode())


def read_annotated(gold: Path, articles: Path) -> list[Annotated]:
    """The annotated articles in the order of the gold file; raises ValueError where one has no article."""
    sources = {row["id"]: row for row in _read_lines(articles)}
    rows = list(_read_lines(gold))
    if lost := [row["id"] for row in rows if row["id"] not in sources]:
        raise ValueError(f"{len(lost)} articles of {gold} are not in {articles}, the first is {lost[0]!r}")
    return [Annotated(sources[row["id"]], row) for row in rows]


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


class Timer:
    """Processor seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def run(self, step: str, function: Callable[[], list[Article]]) -> list[Article]:
        """The function's result; its time is added to the step's."""
        started = time.process_time()
        result = function()
        self.seconds[step] = self.seconds.get(step, 0.0) + time.process_time() - started
        return result

    def each(self, step: str, function: Callable[[Article], Article], articles: Sequence[Article]) -> list[Article]:
        """The function over every article."""
        return self.run(step, lambda: [function(article) for article in articles])


def run_all_steps(
    examples: Sequence[Annotated],
    ner_model: NerModel,
    stance_model: StanceModel,
    timer: Timer,
    *,
    threshold: float | None = None,
) -> list[Article]:
    """The finished articles, by the steps of `pipeline.build` in their order."""
    done: list[Article] = []
    for start in range(0, len(examples), BATCH):
        batch = examples[start : start + BATCH]
        articles = timer.run("parse", lambda: [parse_document(e.document(metadata=True)) for e in batch])  # noqa: B023
        articles = timer.each("clean", clean_article, articles)
        articles = timer.each("language", detect_language, articles)
        articles = timer.run("recognize", lambda: recognize_mentions(articles, ner_model))  # noqa: B023
        articles = timer.each("resolve", resolve_entities, articles)
        articles = timer.run("classify", lambda: classify_stances(articles, stance_model, threshold=threshold))  # noqa: B023
        articles = timer.each("locate", locate_article, articles)
        done += timer.each("date", date_article, articles)
    return done


def date_text_alone(examples: Sequence[Annotated]) -> list[Article]:
    """The articles dated from title and body alone, as if nothing else were known."""
    parsed = (parse_document(example.document(metadata=False)) for example in examples)
    return [date_article(detect_language(clean_article(article))) for article in parsed]
