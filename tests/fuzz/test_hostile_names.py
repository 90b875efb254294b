"""Ids, URLs and names of countries that would like to be paths or SQL stay values."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parts import part_path
from pipeline.query import ask, open_dataset
from schemas.article import Article, Entity, Mention, Stance
from schemas.errors import DatasetError
from tests.fuzz.effort import FUZZ
from tests.pipeline.synthetic import commit, make_article, rows

HOSTILE = (
    "../../../../tmp/owned", "/etc/passwd", "..\\..\\x", "a\0b", "country=../..", "'; DROP TABLE articles; --",
    "\"); ATTACH 'x.db'; --", "$target", "%2e%2e%2f", "a/b", "{}", "' OR 1=1 --", "\u202e/..",
    "con", "~root", "*", "x" * 5000,
)  # fmt: skip


def named(article: Article, name: str) -> Article:
    """The article with `name` wherever content names something."""
    return replace(
        article,
        article_id=name,
        url=f"https://{name}/{name}",
        publisher=name,
        headline=name,
        source_uri=f"{name}#line=1",
        text=f"{name} is here and there.",
        mentions=(Mention(name, 0, len(name), "ORG", 0.9, 0),),
        entities=(Entity(name, "ORG"),),
        stances=(Stance(0, name, 0, name, "against", 0.9, 0.05, 0.9, 0.05, 0, len(name), "named"),),
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_value_in_its_partition_and_in_answers(tmp_path: Path, name: str) -> None:
    root = tmp_path / "deep" / "out"
    commit(root, "unit", [named(make_article(1), name)])
    assert [row["article_id"] for row in rows(root)] == [name]
    files = {path.relative_to(tmp_path).parts[:3] for path in tmp_path.rglob("*.parquet")}
    assert files == {("deep", "out", "articles")}
    with open_dataset(str(root)) as connection:
        sql = "SELECT count(*) FROM stances WHERE target_name = $name"
        assert ask(connection, sql, {"name": name}).read_all().to_pylist() == [{"count_star()": 1}]


@FUZZ
@given(st.one_of(st.sampled_from(HOSTILE), st.text()), st.one_of(st.sampled_from(HOSTILE), st.text()))
def test_a_path_is_made_of_two_capitals_and_a_day_or_not_at_all(country: str, article_id: str) -> None:
    try:
        path = part_path(country, None, article_id, 4)
    except DatasetError:
        assert not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper())
        return
    assert path.startswith(f"articles/country={country}/date=__HIVE_DEFAULT_PARTITION__/part-")
    assert path.count("/") == 3


@pytest.mark.parametrize("country", HOSTILE)
def test_no_country_of_another_form_is_committed(tmp_path: Path, country: str) -> None:
    article = replace(make_article(1), country=country)
    with pytest.raises((DatasetError, OSError, ValueError)):
        commit(tmp_path / "out", "unit", [article])
    assert not list(tmp_path.rglob("articles/**/*.parquet"))
