"""Doubtful mentions take the label that the same name has elsewhere in the text."""

from hypothesis import given
from hypothesis import strategies as st

from models.agree import agree_on_labels
from schemas.article import Label, Mention


def mention(text: str, label: str, score: float, start: int = 0) -> Mention:
    return Mention(text, start, start + len(text), label, score)


def labels(*mentions: Mention) -> list[str]:
    return [m.label for m in agree_on_labels(mentions)]


def test_a_doubtful_name_takes_the_label_of_the_sure_ones() -> None:
    assert labels(mention("Houthis", "NORP", 0.95), mention("Houthis", "LOC", 0.5)) == ["NORP", "NORP"]
    assert labels(mention("Houthis", "LOC", 0.5), mention("Houthis", "NORP", 0.95)) == ["NORP", "NORP"]


def test_a_last_word_is_the_person_whose_full_name_the_text_has() -> None:
    assert labels(mention("Moammar al-Eryani", "PERSON", 0.9), mention("al-Eryani", "ORG", 0.5)) == ["PERSON", "PERSON"]


def test_a_sure_name_stays_what_it_is() -> None:
    assert labels(mention("Jordan", "LOC", 0.95), *[mention("Jordan", "PERSON", 0.95)] * 3)[0] == "LOC"


def test_amounts_and_names_alone_stay() -> None:
    assert labels(mention("May", "DATE", 0.5), mention("May", "PERSON", 0.89)) == ["DATE", "PERSON"]
    assert labels(mention("Lagos", "LOC", 0.2)) == ["LOC"]


def test_a_changed_mention_has_the_mean_score_of_its_votes() -> None:
    changed = list(agree_on_labels([mention("Henan", "LOC", 0.9), mention("Henan", "LOC", 0.7),
                                    mention("Henan", "PERSON", 0.6)]))[-1]
    assert (changed.label, changed.score) == ("LOC", 0.8)


MENTIONS = st.builds(mention, st.sampled_from(["Ann", "Bo Ann", "Lagos"]), st.sampled_from([str(x) for x in Label]),
                     st.floats(0, 1), st.integers(0, 99))


@given(st.lists(MENTIONS, max_size=12))
def test_only_labels_and_scores_change(found: list[Mention]) -> None:
    agreed = list(agree_on_labels(found))
    assert [(m.text, m.start_char, m.end_char) for m in agreed] == [(m.text, m.start_char, m.end_char) for m in found]
    assert all(0 <= m.score <= 1 for m in agreed)
    assert all(new is old for new, old in zip(agreed, found, strict=True) if old.score >= 0.9)
