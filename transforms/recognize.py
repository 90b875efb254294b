"""Recognise: who and what an article names, on every word of it.

Reads: text. Sets: mentions, windows, tokens, ner_model.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.shared import Shared

from models.ner import NerModel, load_ner_model
from schemas.article import Article, DeadLetter
from transforms.sentences import split_sentences
from transforms.try_map import Tried, to_dead_letter

Dead: TypeAlias = beam.pvalue.TaggedOutput[Literal["dead"], DeadLetter]
# One handle for the process: the next work unit finds the model that the last one loaded.
_MODELS = Shared()


def shared_ner_model(name: str | None = None) -> NerModel:
    """The model of this name (None: the bundled one), loaded once a process for as long as somebody holds it."""
    model: NerModel = _MODELS.acquire(lambda: load_ner_model(name), tag=str(name))
    return model


def recognize_mentions(articles: Sequence[Article], model: NerModel) -> list[Article]:
    """Each article with its mentions, in text order."""
    texts = [article.text for article in articles]
    found = model.recognize(texts, [split_sentences(text) for text in texts])
    return [
        replace(article, mentions=r.mentions, windows=r.windows, tokens=r.tokens, ner_model=model.name)
        for article, r in zip(articles, found, strict=True)
    ]


class RecognizeMentions(beam.PTransform):
    """Recognise mentions in batches of articles, with one loaded model a process."""

    def __init__(self, model: str | None = None, *, max_batch: int = 64) -> None:
        super().__init__()
        self.model, self.max_batch = model, max_batch

    def expand(self, articles: beam.PCollection) -> Tried:
        """Articles with mentions; an article that the model cannot read alone becomes a dead letter."""
        outputs = (
            articles
            | "BatchArticles" >> beam.BatchElements(min_batch_size=8, max_batch_size=self.max_batch)
            | "RunModel" >> beam.ParDo(_Recognize(self.model)).with_outputs("dead", main="done")
        )
        return Tried(outputs.done, outputs.dead)


class _Recognize(beam.DoFn):
    def __init__(self, model: str | None) -> None:
        self.model_name = model
        self.batch_size = Metrics.distribution("dateline", "recognize_batch")

    def setup(self) -> None:
        self.model = shared_ner_model(self.model_name)

    def process(self, batch: list[Article]) -> Iterable[Article | Dead]:
        self.batch_size.update(len(batch))
        try:
            yield from recognize_mentions(batch, self.model)
        except Exception:  # one bad article never costs its batch: find it by trying each alone
            for article in batch:
                yield _recognize_alone(article, self.model)


def _recognize_alone(article: Article, model: NerModel) -> Article | Dead:
    try:
        return recognize_mentions([article], model)[0]
    except Exception as error:
        dead: DeadLetter = to_dead_letter("recognize", article, error)
        return beam.pvalue.TaggedOutput("dead", dead)
