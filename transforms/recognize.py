"""Recognise: who and what an article names, on every word of it.

Reads: text. Sets: mentions, windows, tokens, ner_model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import apache_beam as beam
from apache_beam.utils.shared import Shared

from models.ner import NerModel, load_ner_model
from schemas.article import Article
from transforms.sentences import split_sentences
from transforms.try_batch import TryBatch
from transforms.try_map import Tried

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


@dataclass
class RecognizeMentions(beam.PTransform):
    """Recognise mentions in batches of articles, with one loaded model a process."""

    model: str | None = None

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Articles with mentions; an article that the model cannot read alone becomes a dead letter."""
        return articles | TryBatch("recognize", recognize_mentions, partial(shared_ner_model, self.model))
