"""Mentions are tidied: names in pieces joined, places with their country parted, possessives left out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Label, Mention
from transforms.mentions import tidy_mentions


def marked(text: str, *pieces: tuple[str, str]) -> list[Mention]:
    found, at = [], 0
    for words, label in pieces:
        at = text.index(words, at)
        found.append(Mention(words, at, at + len(words), label, 0.9))
        at += len(words)
    return found


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("It landed at Fath Airport.", [("Fath", "LOC"), ("Airport", "FAC")], [("Fath Airport", "FAC")]),
        ("The Arusha Bypass Road", [("Arusha", "LOC"), ("Bypass Road", "FAC")], [("Arusha Bypass Road", "FAC")]),
        ("The board of Mauritius Telecom", [("Mauritius", "LOC"), ("Telecom", "ORG")], [("Mauritius Telecom", "ORG")]),
        ("Abu Dhabi TV said", [("Abu Dhabi", "LOC"), ("TV", "ORG")], [("Abu Dhabi TV", "ORG")]),
        ("the United States House of Representatives",
         [("United States", "LOC"), ("House of Representatives", "ORG")],
         [("United States House of Representatives", "ORG")]),
        ("California Air Resources Board", [("California", "LOC"), ("Air Resources Board", "ORG")],
         [("California Air Resources Board", "ORG")]),
        ("in the Paris museum", [("Paris", "LOC"), ("museum", "FAC")], [("Paris", "LOC"), ("museum", "FAC")]),
        ("from Lagos, Airport", [("Lagos", "LOC"), ("Airport", "FAC")], [("Lagos", "LOC"), ("Airport", "FAC")]),
        ("in Vienna, Austria", [("Vienna, Austria", "LOC")], [("Vienna", "LOC"), ("Austria", "LOC")]),
        ("Maduro's men", [("Maduro's", "PERSON")], [("Maduro", "PERSON")]),
    ],
)
def test_names_are_whole_and_alone(
    text: str, pieces: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    tidy = tidy_mentions(text, marked(text, *pieces))
    assert [(m.text, m.label) for m in tidy] == expected
    assert all(text[m.start_char : m.end_char] == m.text for m in tidy)


PIECES = st.lists(st.tuples(st.sampled_from(["Fath", "Airport", "Bank", "Peru,", "TV", "Ann’s", "U.S.", "Jr."]),
                            st.sampled_from([str(label) for label in Label])), max_size=7)


@given(PIECES)
def test_tidying_keeps_order_and_places_and_changes_nothing_the_second_time(pieces: list[tuple[str, str]]) -> None:
    text = " ".join(words for words, _ in pieces)
    tidy = tidy_mentions(text, marked(text, *pieces))
    assert all(text[m.start_char : m.end_char] == m.text for m in tidy)
    assert all(a.end_char <= b.start_char for a, b in pairwise(tidy))
    assert tidy_mentions(text, tidy) == tidy


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (("Kenyatta", "PERSON"), ("University", "ORG"), "ORG"),
        (("Talaat Moustafa", "PERSON"), ("Group", "ORG"), "ORG"),
        (("Qatar", "LOC"), ("Charity", "ORG"), "ORG"),
        (("Paris", "LOC"), ("Club", "ORG"), "ORG"),
        (("Persian", "LOC"), ("Gulf", "LOC"), "LOC"),
        (("Czech", "NORP"), ("Republic", "LOC"), "LOC"),
        (("Organization of American", "ORG"), ("States", "ORG"), "ORG"),
        (("League of Arab", "ORG"), ("States", "LOC"), "ORG"),
        (("Biden", "PERSON"), ("Administration", "ORG"), None),
        (("ANC", "ORG"), ("NEC", "ORG"), None),
        (("Nepalese", "NORP"), ("Sherpa", "PERSON"), None),
        (("Bank of Japan", "ORG"), ("Tokyo", "LOC"), None),
    ],
)
def test_what_stands_beside_each_other_is_one_name_only_where_its_words_say_so(first, second, joined):
    text = f"Here {first[0]} {second[0]} is named."
    starts = 5, 6 + len(first[0])
    pieces = [Mention(t, at, at + len(t), label, 0.9) for at, (t, label) in zip(starts, (first, second), strict=True)]
    found = [(m.text, m.label) for m in tidy_mentions(text, pieces)]
    assert found == ([(f"{first[0]} {second[0]}", joined)] if joined else [first, second])
