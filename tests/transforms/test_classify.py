"""Rows of evidence: what is kept, who is named, and that one question is asked once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from models.stance import Question, Verdict
from schemas.article import Article
from tests.transforms.test_pairs import CHILE, MAYOR, OAS, PERU, article
from transforms.classify import NOT_READ, PAIRS_CUT, classify_stances

SURE = {
    "condemned": Verdict(0.05, 0.9, 0.05),
    "praised": Verdict(0.8, 0.05, 0.15),
    "may blame": Verdict(0.05, 0.45, 0.5),
    "splendid": Verdict(0.85, 0.05, 0.1),
}
UNSURE = Verdict(0.02, 0.08, 0.9)


@dataclass
class WordModel:
    """A stance model that looks for a word between holder and target: enough to see what is done with its answers."""

    name: str = "words"
    threshold: float = 0.6
    asked: list[Question] = field(default_factory=list)

    def reads(self, language: str) -> bool:
        return language != "fr"

    def classify_each(self, groups: Sequence[Sequence[Question]]) -> list[list[Verdict]]:
        self.asked += (question for group in groups for question in group)
        return [[self._answer(question) for question in group] for group in groups]

    def _answer(self, question: Question) -> Verdict:
        start = question.holder[1] if question.holder else 0
        between = question.text[start : question.target[0]]
        return next((verdict for word, verdict in SURE.items() if word in between), UNSURE)


def stated(found: Article) -> list[tuple[str | None, str, str]]:
    return [(row.holder_name, row.stance, row.target_name) for row in found.stances]


def test_a_stance_is_a_row_with_its_sentence() -> None:
    text = "The vote was close. Peru condemned the OAS on Friday. Nobody left."
    (found,) = classify_stances([article(text, PERU, OAS)], WordModel())
    (row,) = found.stances
    assert stated(found) == [("Peru", "against", "OAS")]
    assert (row.score, row.against, row.via) == (0.9, 0.9, "named")
    assert text[row.evidence_start : row.evidence_end] == "Peru condemned the OAS on Friday."
    assert found.entities[row.target].name == "OAS"
    assert found.stance_model == "words"


def test_neutral_rows_are_kept_where_they_come_near_or_their_pair_takes_a_side() -> None:
    text = "Peru met the OAS. Chile may blame the OAS. Peru praised the OAS."
    (found,) = classify_stances([article(text, PERU, CHILE, OAS)], WordModel())
    assert stated(found) == [("Peru", "neutral", "OAS"), ("Chile", "neutral", "OAS"), ("Peru", "favor", "OAS")]


def test_a_threshold_of_the_reader_wins() -> None:
    text = "Chile may blame the OAS. Peru praised the OAS."
    (found,) = classify_stances([article(text, PERU, CHILE, OAS)], WordModel(), threshold=0.85)
    assert {row.stance for row in found.stances} == {"neutral"}


def test_the_same_text_in_two_articles_gives_the_same_stances() -> None:
    same = article("Peru condemned the OAS.", PERU, OAS)
    one, two = classify_stances([same, same], WordModel())
    assert one == two
    assert stated(one) == [("Peru", "against", "OAS")]


def test_pairs_that_were_cut_are_flagged() -> None:
    names = [(f"Group{chr(65 + i)}", "ORG") for i in range(12)]
    text = " spoke of ".join(name for name, _ in names) + "."
    (found,) = classify_stances([article(text, *names)], WordModel())
    assert PAIRS_CUT in found.flags
    (short,) = classify_stances([article("Peru condemned the OAS.", PERU, OAS)], WordModel())
    assert short.flags == ()


def test_an_article_without_names_has_no_stances() -> None:
    (found,) = classify_stances([article("It rained.")], WordModel())
    assert found.stances == ()


def test_the_holder_of_a_pronoun_is_the_entity() -> None:
    text = "Ana Ruiz spoke for an hour. She condemned the OAS."
    (found,) = classify_stances([article(text, MAYOR, OAS)], WordModel())
    (row,) = found.stances
    assert (row.holder_name, row.via) == ("Ana Ruiz", "pronoun")


@pytest.mark.parametrize(
    ("text", "stance"), [("Such a splendid Ruiz left.", "favor"), ("It may blame Ruiz.", "neutral")]
)
def test_the_articles_own_voice_takes_a_side_only_when_it_is_sure(text: str, stance: str) -> None:
    (found,) = classify_stances([article(text, MAYOR)], WordModel(threshold=0.4))

    assert stated(found) == [(None, stance, "Ana Ruiz")]


def test_an_article_in_a_language_that_the_model_does_not_read_says_so_and_costs_the_others_nothing() -> None:
    model, same = WordModel(), article("Peru condemned the OAS.", PERU, OAS)
    french, english = classify_stances([replace(same, language="fr"), replace(same, language="en")], model)
    assert (french.stances, french.flags) == ((), (NOT_READ,))
    assert (stated(english), english.flags) == ([("Peru", "against", "OAS")], ())
    assert len(model.asked) == 1
