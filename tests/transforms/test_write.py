"""Staging: a few whole files, whatever the number of partitions."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import apache_beam as beam
import pyarrow.parquet as pq
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from schemas.article import Article
from transforms.write import STAGED_FILES, StageRecords

ARTICLE = Article("0" * 32, "The council voted on Tuesday.", "a.txt")


def test_articles_of_many_partitions_are_staged_in_a_few_files(tmp_path: Path) -> None:
    articles = [
        replace(ARTICLE, article_id=f"{number:032}", country=("VE", "NA", "ZZ")[number % 3],
                date=date(2019, 1, 1) + timedelta(days=number))
        for number in range(60)
    ]  # fmt: skip
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = pipeline | beam.Create(articles, reshuffle=False).with_output_types(Article) | StageRecords(str(tmp_path))
    files = sorted((tmp_path / "records").iterdir())
    assert {path.name for path in files} == {f"part-{number}.parquet" for number in range(STAGED_FILES)}
    staged = [row for path in files for row in pq.read_table(path).to_pylist()]
    found = sorted((row["article_id"], row["country"], row["date"]) for row in staged)
    assert found == [(article.article_id, article.country, article.date) for article in articles]
