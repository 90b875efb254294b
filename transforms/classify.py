"""Classify: who stands how towards whom, each with the sentence that shows it.

The questions come from `transforms.pairs`, the answers from the stance model. A row is kept when it states a stance,
when it comes near to one (NEAR: so that a reader can choose a lower threshold later), or when another row of the same
pair does: the share of a pair's evidence that says its verdict is then a share of all that the article says of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import apache_beam as beam
from apache_beam.utils.shared import Shared

from models.stance import StanceModel, Threshold, Verdict, load_stance_model
from schemas.article import Article, Attitude, Stance, add_flags
from transforms.pairs import Pair, Pairs, find_pairs
from transforms.try_batch import TryBatch
from transforms.try_map import Tried

NEAR = 0.3
# Most sentences of news take no side, but half of those that taught the model the article's own voice do: what it takes
# for a side there must be surer.
OWN_VOICE = 0.8
NOT_READ = "stances_not_read"  # the stance model does not read the article's language
PAIRS_CUT = "stance_pairs_cut"  # a sentence named so many that some pairs were not asked about
UNREAD = Pairs((), 0)
_MODELS = Shared()


def shared_stance_model(name: str | None = None) -> StanceModel:
    """The model of this name (None: the bundled one), loaded once a process for as long as somebody holds it."""
    model: StanceModel = _MODELS.acquire(lambda: load_stance_model(name), tag=str(name))
    return model


def classify_stances(
    articles: Sequence[Article], model: StanceModel, *, threshold: float | None = None
) -> list[Article]:
    """Each article with its stances, in text order.

    Reads: text, language, mentions, entities. Sets: stances, stance_model, flags (`stances_not_read` where the model
    was not made for the language; `stance_pairs_cut`).
    `threshold` is the probability from which on a stance is no longer neutral; None is the model's own.
    """
    limit = model.threshold if threshold is None else float(threshold)
    found = [find_pairs(article) if model.reads(article.language) else UNREAD for article in articles]
    answers = model.classify_each([[pair.question for pair in pairs.asked] for pairs in found])
    return [_answer(article, pairs, verdicts, limit, model.name)
            for article, pairs, verdicts in zip(articles, found, answers, strict=True)]


def _answer(
    article: Article, pairs: Pairs, verdicts: Sequence[Verdict], threshold: Threshold, model: str
) -> Article:
    rows = [_row(article, pair, verdict, threshold) for pair, verdict in zip(pairs.asked, verdicts, strict=True)]
    raised = [flag for flag, holds in ((NOT_READ, pairs is UNREAD), (PAIRS_CUT, pairs.cut)) if holds]
    flags = add_flags(article.flags, *raised)
    return replace(article, stances=tuple(_worth_keeping(rows)), stance_model=model, flags=flags)


def _row(article: Article, pair: Pair, verdict: Verdict, threshold: Threshold) -> Stance:
    if pair.holder is None:
        threshold = max(OWN_VOICE, threshold if isinstance(threshold, float) else max(threshold.values()))
    stance, score = verdict.decide(threshold)
    return Stance(
        holder=pair.holder,
        holder_name=None if pair.holder is None else article.entities[pair.holder].name,
        target=pair.target,
        target_name=article.entities[pair.target].name,
        stance=stance,
        score=score,
        favor=verdict.favor,
        against=verdict.against,
        neutral=verdict.neutral,
        evidence_start=pair.evidence[0],
        evidence_end=pair.evidence[1],
        via=pair.via,
    )


def _worth_keeping(rows: Sequence[Stance]) -> Iterator[Stance]:
    stated = {(row.holder, row.target) for row in rows if row.stance != Attitude.NEUTRAL}
    for row in rows:
        if (row.holder, row.target) in stated or max(row.favor, row.against) >= NEAR:
            yield row


@dataclass
class ClassifyStances(beam.PTransform):
    """Classify the stances of articles in batches, with one loaded model a process."""

    model: str | None = None
    threshold: float | None = None

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Articles with stances; an article that the model cannot read alone becomes a dead letter."""
        classify = partial(classify_stances, threshold=self.threshold)
        return articles | TryBatch("classify", classify, partial(shared_stance_model, self.model))
