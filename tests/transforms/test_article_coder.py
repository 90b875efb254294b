"""What Beam makes of articles between steps."""

import pickle

import apache_beam as beam
from apache_beam.coders import ListCoder
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from pipeline.build import build
from pipeline.options import StepOptions
from pipeline.runners import CreateDocuments, stage_into
from schemas.article import Article, Attitude, Entity, Label, Mention, Stance, Via
from transforms.article_coder import ArticleCoder

TEXT = "Ann Lee praised Bob Ray. " * 40
ARTICLE = Article(
    "a1", TEXT, "file:///a.txt", headline="Praise",
    mentions=tuple(Mention(TEXT[at : at + 7], at, at + 7, Label.PERSON, 0.98, 0) for at in range(0, len(TEXT), 25)),
    entities=(Entity("Ann Lee", Label.PERSON, "US", ("Lee",), 2, 0.5), Entity("Bob Ray", Label.PERSON, None, (), 1)),
    stances=(Stance(0, "Ann Lee", 1, "Bob Ray", Attitude.FAVOR, 0.9, 0.9, 0.05, 0.05, 0, 20, Via.NAMED),))  # fmt: skip


def test_an_article_comes_back_as_it_was():
    assert ArticleCoder().decode(ArticleCoder().encode(ARTICLE)) == ARTICLE


def test_the_size_is_near_and_nothing_is_pickled_for_it(monkeypatch):
    size = len(ArticleCoder().encode(ARTICLE))
    monkeypatch.setattr(pickle, "dumps", None)
    estimate = ListCoder(ArticleCoder()).estimate_size([ARTICLE, ARTICLE])
    assert 0.7 < estimate / (2 * size) < 1.4


def test_every_step_hands_on_articles_by_this_coder(tmp_path):
    pipeline = beam.Pipeline(runner=FnApiRunner())
    build(pipeline, CreateDocuments([], []), stage_into(str(tmp_path)), StepOptions())
    found = pipeline.to_runner_api().components.pcollections.values()
    ends = [item for item in found if item.unique_name.endswith("_Try).None")]
    after = {item.unique_name.partition("/")[0]: item.coder_id for item in ends}
    steps = {"ParseDocuments", "CleanArticles", "DetectLanguages", "ResolveEntities", "LocateArticles", "DateArticles"}
    assert {name.lstrip("0123456789") for name in after} == steps
    assert len(set(after.values())) == 1
    assert "ArticleCoder" in next(iter(after.values()))
