"""Whose words a quotation is, where nobody's name stands beside it or a wrong one does: one test for each error."""

from time import process_time

import pytest

from schemas.article import Article, Label, Via
from tests.transforms.test_pairs import CHILE, MAYOR, OAS, PERU, article, asked
from transforms.quotations import find_quotations
from transforms.sentences import split_sentences
from transforms.speakers import find_speakers

KARL, DIAZ = ("Otto Karl", Label.PERSON, "Karl"), ("Maria Diaz", Label.PERSON, "Diaz")


def speakers(found: Article) -> list[str | None]:
    """Who speaks each sentence with a quotation."""
    speeches = find_speakers(found, split_sentences(found.text)).values()
    return [None if speech.speaker is None else found.entities[speech.speaker].name for speech in speeches]


def test_who_is_named_in_a_quotation_does_not_speak_it() -> None:
    text = "Ana Ruiz left the hall. “Maria Diaz has betrayed the OAS,” she said."
    found = asked(article(text, MAYOR, DIAZ, OAS))
    assert ("Ana Ruiz", "Maria Diaz", Via.PRONOUN) in found
    assert ("Ana Ruiz", "OAS", Via.PRONOUN) in found


def test_who_is_named_in_an_earlier_quotation_may_be_spoken_of() -> None:
    text = "“Maria Diaz has betrayed the OAS,” Otto Karl said. “She must go, and it must be soon.”"
    assert ("Otto Karl", "Maria Diaz", Via.NAMED) in asked(article(text, DIAZ, OAS, KARL))


def test_a_quotation_of_several_sentences_has_one_speaker() -> None:
    text = "Ana Ruiz said she was leaving. “The OAS has betrayed us all. It must go,” Otto Karl said."
    assert speakers(article(text, MAYOR, OAS, KARL)) == ["Otto Karl", "Otto Karl"]


@pytest.mark.parametrize("text", [
    "Ana Ruiz said she was calm. “" + "The OAS has failed us again and again, and Peru has looked away. " * 2
    + "We have had enough of the OAS for years,” a driver said.",
    "“Peru is a disgrace to us all,” said a spokesman who attacked Ana Ruiz on Monday.",
    "Otto Karl listened as Ruiz’s brother said: “Peru has become a disgrace to us all.”",
    "With Ana Ruiz absent, the mayor said: “Peru has become a disgrace to us all.”",
    "Ana Ruiz’s opponents said: “Peru has become a disgrace to us all.”",
    "Ana Ruiz was asked: “Has Peru become a disgrace to us all?”",
    "“Peru has become a disgrace to us all” was painted on a wall in the United States, where Ana Ruiz lives.",
])  # fmt: skip
def test_who_is_no_entity_leaves_its_words_to_nobody(text: str) -> None:
    found = article(text, MAYOR, KARL, OAS, PERU, ("United States", Label.LOC))
    assert set(speakers(found)) == {None}


def test_a_speaker_goes_on_only_where_the_next_paragraph_opens_with_a_quotation() -> None:
    text = ("“We are content with the talks,” Ana Ruiz said. “We go on as we have always done.”\nThe hall was cold. "
            "“Peru has failed us all.”\n“The OAS has betrayed us, too.”")
    assert speakers(article(text, MAYOR, PERU, OAS))[:3] == ["Ana Ruiz", "Ana Ruiz", None]


def test_after_words_of_nobody_a_quotation_goes_on_with_nobody() -> None:
    text = ("“We are content with the talks,” Ana Ruiz said. “We go on as we have always done.”\n“Peru has failed us "
            "all,” a driver said. “The OAS has betrayed us too.”")
    assert speakers(article(text, MAYOR, PERU, OAS)) == ["Ana Ruiz", "Ana Ruiz", None, None]


@pytest.mark.parametrize(("text", "speaker"), [
    ("After Ana Ruiz left, a spokesman for the OAS said: “Peru has become a disgrace to us all.”", "OAS"),
    ("“Peru has become a disgrace to us all,” said the mayor, Ana Ruiz.", "Ana Ruiz"),
    ("“Peru has become a disgrace to us all,” said a tearful Ana Ruiz.", "Ana Ruiz"),
    ("Ana Ruiz told the paper: “Peru has become a disgrace to us all.”", "Ana Ruiz"),
    ("In the United States, Ana Ruiz met Otto Karl, who quickly added: “Peru has lied to all of us.”", "Otto Karl"),
    ("‘Peru has become a disgrace to us all,’ Ana Ruiz of the OAS told Chile.", "Ana Ruiz"),
    ("“Peru has become a disgrace to us all,\" Ana Ruiz told Chile.", "Ana Ruiz"),
    ("Ana Ruiz thanked Otto Karl, saying: “Peru has become a disgrace to us all.”", "Ana Ruiz"),
    ("Otto Karl came. Ana Ruiz thanked him, adding that “Peru has become a disgrace to us all.”", "Ana Ruiz"),
    ("Ana Ruiz of Peru said on the OAS, “Peru has become a disgrace to us all.”", "Ana Ruiz"),
    ("“Peru has become a disgrace to us all,” said former OAS Research Fellow Ana Ruiz.", "Ana Ruiz"),
    ("Ana Ruiz proposed: “Let us leave the hall before Peru makes it worse.”", "Ana Ruiz"),
    ("Ana Ruiz in a tweet wrote that Peru was “a disgrace to all of us and more.”", "Ana Ruiz"),
])  # fmt: skip
def test_who_speaks_beside_other_names_and_marks(text: str, speaker: str) -> None:
    found = article(text, MAYOR, KARL, OAS, PERU, CHILE, ("United States", Label.LOC))
    assert speakers(found) == [speaker]


def test_a_short_sentence_of_a_long_quotation_is_spoken_too() -> None:
    text = "“We tried everything for years. The OAS lied. It is over,” said Ana Ruiz."
    assert asked(article(text, MAYOR, OAS)) == [("Ana Ruiz", "OAS", Via.NAMED)]


def test_a_quoted_pronoun_of_a_later_sentence_is_no_subject() -> None:
    text = 'Ana Ruiz met Juan Diaz. "We tried everything. He has betrayed us," she told the OAS.'
    found = asked(article(text, MAYOR, ("Juan Diaz", Label.PERSON), OAS))
    assert ("Juan Diaz", "OAS", Via.PRONOUN) not in found
    assert ("Ana Ruiz", "OAS", Via.PRONOUN) in found


@pytest.mark.parametrize(("text", "inside"), [
    ('A 12" pipe burst.', []), ("the OAS’ and Peru’s", []), ("‘We won,’ she said", ["We won,"]),
    ("rock ‘n’ roll", []), ("He said: ‘It’s over.’", ["It’s over."]),
])  # fmt: skip
def test_marks_that_quote_nothing(text: str, inside: list[str]) -> None:
    assert [text[start:end] for start, end in find_quotations(text)] == inside


def test_a_word_of_thousands_of_letters_takes_no_time() -> None:
    text = "“Peru has become a disgrace to us all,” said the " + "a" * 20_000 + " Ana Ruiz."
    began = process_time()
    assert speakers(article(text, MAYOR, PERU)) == [None]  # too far away
    assert process_time() - began < 2


@pytest.mark.parametrize("text", [
    "“Peru has become a disgrace to us all,” Ana Ruiz quietly told aides, according to OAS.",
    "According to the OAS, Ana Ruiz said: “Peru has become a disgrace to us all.”",
    "“Peru has become a disgrace to us all,” according to Ana Ruiz.",
])  # fmt: skip
def test_who_reports_what_another_says_does_not_speak(text: str) -> None:
    assert speakers(article(text, MAYOR, PERU, OAS)) == ["Ana Ruiz"]
