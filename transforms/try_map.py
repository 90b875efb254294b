"""TryMap: apply a step to each article, and send what it cannot do to the dead letters."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.article import Article, DeadLetter, Document
from schemas.errors import ArticleError


class Tried(NamedTuple):
    """The two ends of a step: what goes on, and what could not."""

    articles: beam.PCollection[Article]
    dead_letters: beam.PCollection[DeadLetter]


def to_dead_letter(step: str, element: Article | Document, error: Exception) -> DeadLetter:
    """The dead letter of one element: an ArticleError says its reason, any other exception is a bug of ours."""
    limit = DeadLetter.PAYLOAD_LIMIT
    payload = element.payload if isinstance(element, Document) else element.text[:limit].encode("utf-8", "replace")
    reason = error.reason if isinstance(error, ArticleError) else f"unexpected_{type(error).__name__}"
    return DeadLetter(step, reason, f"{error}".strip() or repr(error), element.source_uri, payload[:limit])


class TryMap(beam.PTransform):
    """Map `function` over articles (or documents); elements on which it raises become dead letters of `step`."""

    def __init__(self, step: str, function: Callable[[Any], Article]) -> None:
        super().__init__()
        self.step, self.function = step, function

    def expand(self, elements: beam.PCollection) -> Tried:
        """Results on `articles`, failures on `dead_letters`."""
        attempt = beam.ParDo(_Try(self.step, self.function)).with_output_types(Article)
        outputs = elements | "Try" >> attempt.with_outputs("dead", main="done")
        return Tried(outputs.done, outputs.dead)


class _Try(beam.DoFn):
    def __init__(self, step: str, function: Callable[[Any], Article]) -> None:
        self.step, self.function = step, function
        self.done = Metrics.counter("dateline", f"{step}_done")
        self.dead = Metrics.counter("dateline", f"{step}_dead")

    def process(self, element: Any) -> Iterable[Any]:
        try:
            result = self.function(element)
        except Exception as error:  # one bad article never costs another; bugs are named as such
            self.dead.inc()
            yield beam.pvalue.TaggedOutput("dead", to_dead_letter(self.step, element, error))
        else:
            self.done.inc()
            yield result
