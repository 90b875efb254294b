import pytest

from schemas.article import Label
from tests.transforms.test_resolve import named, read


def test_known_bodies_count_where_the_model_left_them_out() -> None:
    article = read("Peru criticised the Organization of American States and the European Union.", ("Peru", Label.LOC))

    assert [mention.text for mention in article.mentions] == [
        "Peru", "Organization of American States", "European Union"
    ]


@pytest.mark.parametrize("name", ["French fries", "South China Sea", "Horn of Africa", "World Cup", "Soviet Union",
                                  "Latin Americans", "Paris Agreement", "German Shepherd"])
def test_what_belongs_to_no_country_and_is_no_body_is_left_to_the_model(name: str) -> None:
    assert read(f"Nobody mentioned the {name} again.").mentions == ()


def test_a_name_that_ends_openly_takes_in_the_known_body_after_it() -> None:
    name = "Permanent Council of the Organization of American States"
    article = read(f"The {name} met.", ("Permanent Council of the", Label.ORG))

    assert [mention.text for mention in article.mentions] == [name]


def test_wider_names_and_short_forms_are_left_as_they_are() -> None:
    article = read("The European Union Election Observation Mission left; EU was painted on a wall.",
                   ("European Union Election Observation Mission", Label.ORG))

    assert [mention.text for mention in article.mentions] == ["European Union Election Observation Mission"]


def test_a_name_with_nothing_after_its_of_the_ends_before_it() -> None:
    article = read("The Council of the met. Nobody knew why.", ("Council of the", Label.ORG))

    assert named(article, "Council") == {"Council"}


@pytest.mark.parametrize(("first", "second", "country"), [
    ("U.S. Geological Survey", "United States Geological Survey", "US"),
    ("U.S. Department of Justice", "United States Department of Justice", "US"),
    ("U.S. Harbour Works Bureau", "United States Harbour Works Bureau", "US"),
    ("Alibaba", "Alibaba Group Holding", "CN"),
    ("Tencent", "Tencent Holdings Ltd.", "CN"),
])  # fmt: skip
def test_a_body_is_one_however_its_country_or_company_form_is_written(first: str, second: str, country: str) -> None:
    article = read(f"The {first} answered. Nobody asked the {second} again.", (first, Label.ORG), (second, Label.ORG))
    assert [(len({m.entity for m in article.mentions}), article.entities[0].country)] == [(1, country)]


def test_a_company_that_ends_in_house_is_no_body_of_the_state() -> None:
    text = "London. Penguin Random House sold books in Britain. The Rosenstiel School of Marine Science bought them."
    article = read(text, ("Penguin Random House", Label.ORG), ("Rosenstiel School of Marine Science", Label.ORG))
    assert {entity.country for entity in article.entities if entity.label == Label.ORG} == {None}
