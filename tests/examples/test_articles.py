"""The example articles: every file is read, and shows what the README says of it."""

import re
from pathlib import Path

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from schemas.article import Article, Document
from transforms.parse import ParseDocuments, parse_document
from transforms.read import ReadDocuments, list_inputs, read_documents

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def read_examples() -> dict[str, Article]:
    articles = {}
    for file in list_inputs([str(EXAMPLES / "articles")]):
        for document in read_documents(file.uri):
            assert isinstance(document, Document), document
            article = parse_document(document)
            articles[Path(article.source_uri).name] = article
    return articles


def test_every_example_is_an_article_and_the_readme_counts_them() -> None:
    articles = read_examples()
    rows = re.findall(r"^\| `([^`]+)` \| (\d+) \|", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    counted = {name: sum(1 for uri in articles if uri.partition("#")[0] == name) for name, _ in rows}
    assert counted == {name: int(count) for name, count in rows}
    assert sum(counted.values()) == len(articles)
    assert len({article.article_id for article in articles.values()}) == len(articles)


def test_what_examples_show() -> None:
    articles = read_examples()
    wire = articles["oas_maduro_term.txt"]
    assert wire.headline is None
    assert wire.found_dates == ()
    assert wire.text.count("\nRELATED ") == 3
    assert wire.text.endswith(" Sharing is caring!")
    assert "encoding_guessed" in articles["malaga_puerto_cp1252.txt"].flags
    assert articles["nairobi_utf16.txt"].flags == ()
    assert articles["seoul_bom.json"].byline == "Han Seo-yeon, Paul Rees"
    assert [found.origin for found in articles["lagoon_crawl.warc.gz#record=2"].found_dates] == [
        "meta:article:published_time", "warc:date"
    ]  # fmt: skip
    assert articles["bretagne_ecole.html"].headline == "À Kervarec, l’école sauvée par ses anciens élèves"


def test_the_transforms_read_and_parse_the_same_articles() -> None:
    uris = [file.uri for file in list_inputs([str(EXAMPLES / "articles")])]
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        documents, unread = pipeline | beam.Create(uris) | ReadDocuments()
        parsed, unparsed = documents | ParseDocuments()
        ids = parsed | beam.Map(lambda article: article.article_id)
        assert_that(ids, equal_to([article.article_id for article in read_examples().values()]), label="Articles")
        assert_that((unread, unparsed) | beam.Flatten(), equal_to([]), label="DeadLetters")
