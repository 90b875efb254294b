"""The graph: from documents to staged records, the same for batch and stream. It knows no runner."""

from typing import NamedTuple

import apache_beam as beam
from apache_beam.coders import registry

from pipeline.options import StepOptions
from schemas.article import Article
from transforms.article_coder import ArticleCoder
from transforms.classify import ClassifyStances
from transforms.clean import CleanArticles
from transforms.date import DateArticles
from transforms.language import DetectLanguages
from transforms.locate import LocateArticles
from transforms.parse import ParseDocuments
from transforms.recognize import RecognizeMentions
from transforms.resolve import ResolveEntities


class Sink(NamedTuple):
    """Where articles and dead letters go; each gives what it has written."""

    records: beam.PTransform
    dead_letters: beam.PTransform


class Written(NamedTuple):
    """What the two ends of the sink have written."""

    records: beam.PCollection[str]
    dead_letters: beam.PCollection[str]


def build(pipeline: beam.Pipeline, source: beam.PTransform, sink: Sink, options: StepOptions) -> Written:
    """Draw the graph from `source`, a root that gives `ReadResults`, bounded or not, to `sink`.

    Every document ends in exactly one of the sink's two ends. An unbounded source brings its windows with it.
    """
    registry.register_coder(Article, ArticleCoder)
    read = pipeline | "ReadDocuments" >> source
    parsed = read.documents | "ParseDocuments" >> ParseDocuments(dict(options.fields))
    cleaned = parsed.articles | "CleanArticles" >> CleanArticles()
    detected = cleaned.articles | "DetectLanguages" >> DetectLanguages()
    recognized = detected.articles | "RecognizeMentions" >> RecognizeMentions(options.ner_model)
    resolved = recognized.articles | "ResolveEntities" >> ResolveEntities()
    classified = resolved.articles | "ClassifyStances" >> ClassifyStances(
        options.stance_model, threshold=options.stance_threshold
    )
    located = classified.articles | "LocateArticles" >> LocateArticles()
    dated = located.articles | "DateArticles" >> DateArticles()

    steps = (parsed, cleaned, detected, recognized, resolved, classified, located, dated)
    dead_letters = (read.dead_letters, *(step.dead_letters for step in steps)) | "FlattenDeadLetters" >> beam.Flatten()
    return Written(
        dated.articles | "StageRecords" >> sink.records,
        dead_letters | "StageDeadLetters" >> sink.dead_letters,
    )
