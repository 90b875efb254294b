"""TryBatch: apply a model to batches of articles; what it cannot read alone goes to the dead letters."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.article import Article, DeadLetter
from transforms.try_map import Tried, to_dead_letter

Dead: TypeAlias = beam.pvalue.TaggedOutput[Literal["dead"], DeadLetter]
ApplyModel = Callable[[Sequence[Article], Any], list[Article]]


class TryBatch(beam.PTransform):
    """Apply `function(articles, model)` to batches, with the model that `load` gives: one a process.

    A batch on which it raises is tried again article by article, so that one bad article never costs another.
    """

    def __init__(self, step: str, function: ApplyModel, load: Callable[[], Any], *, max_batch: int = 64) -> None:
        super().__init__()
        self.step, self.function, self.load, self.max_batch = step, function, load, max_batch

    def expand(self, articles: beam.PCollection) -> Tried:
        """Results on `articles`, failures on `dead_letters`."""
        # as large as it may be, for a batch never outlives its bundle: few calls, and no core idles at their ends
        batch = beam.BatchElements(min_batch_size=self.max_batch, max_batch_size=self.max_batch)
        run = beam.ParDo(_Apply(self.step, self.function, self.load)).with_output_types(Article)
        outputs = (
            articles
            | "BatchArticles" >> batch.with_output_types(list[Article])
            | "RunModel" >> run.with_outputs("dead", main="done")
        )
        return Tried(outputs.done, outputs.dead)


class _Apply(beam.DoFn):
    def __init__(self, step: str, function: ApplyModel, load: Callable[[], Any]) -> None:
        self.step, self.function, self.load = step, function, load
        self.batch_size = Metrics.distribution("dateline", f"{step}_batch")

    def setup(self) -> None:
        self.model = self.load()

    def process(self, batch: list[Article]) -> Iterable[Article | Dead]:
        self.batch_size.update(len(batch))
        try:
            yield from self.function(batch, self.model)
        except Exception:  # find the bad one by trying each alone
            for article in batch:
                yield self._apply_alone(article)

    def _apply_alone(self, article: Article) -> Article | Dead:
        try:
            return self.function([article], self.model)[0]
        except Exception as error:
            dead: DeadLetter = to_dead_letter(self.step, article, error)
            return beam.pvalue.TaggedOutput("dead", dead)
