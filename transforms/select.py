"""select: keep the documents of a range of days, by the date of their article, before the models are asked.

What has no date is kept: nothing shows that it is outside, and an article that every window leaves out would be lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.article import Document
from schemas.days import Days
from transforms.clean import clean_article
from transforms.date import date_article
from transforms.language import detect_language
from transforms.parse import parse_document
from transforms.read import ReadResults

OUTSIDE = "select_outside"  # the counter of the articles that were left out


def is_within(document: Document, days: Days, fields: Mapping[str, str]) -> bool:
    """Whether the document's article is of a day in the range, of no known day, or one that the graph must judge."""
    try:
        article = date_article(detect_language(clean_article(parse_document(document, fields=fields))))
    except Exception:  # the graph meets the same error, and makes a dead letter of it
        return True
    return article.date is None or days.overlap(article.date, article.date)


@dataclass(eq=False)
class SelectDocuments(beam.PTransform):
    """A source without the documents whose articles are outside the range of days."""

    source: beam.PTransform
    days: Days
    fields: Mapping[str, str]

    def expand(self, begin: beam.pvalue.PBegin) -> ReadResults:
        """The chosen documents, and the dead letters of the source."""
        read = begin | "ReadAll" >> self.source
        return ReadResults(read.documents | "Select" >> beam.ParDo(_Select(self.days, self.fields)), read.dead_letters)


class _Select(beam.DoFn):
    def __init__(self, days: Days, fields: Mapping[str, str]) -> None:
        self.days, self.fields = days, dict(fields)
        self.outside = Metrics.counter("dateline", OUTSIDE)

    def process(self, document: Document) -> Iterable[Document]:
        if is_within(document, self.days, self.fields):
            yield document
        else:
            self.outside.inc()
