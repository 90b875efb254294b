"""Names of bodies that the model marked in two pieces."""

from schemas.article import Mention
from transforms.split_names import join_split_names


def mention(text: str, words: str, label: str) -> Mention:
    start = text.index(words)
    return Mention(words, start, start + len(words), label, 0.9 if label == "ORG" else 0.8)


def test_a_body_whose_name_ends_in_a_preposition_takes_in_the_name_after_it() -> None:
    text = "The Group of Lima met. The Society of was late. The Bank of 2019 failed."
    found = [mention(text, words, label) for words, label in (
        ("Group of", "ORG"), ("Lima", "LOC"), ("Society of", "ORG"), ("Bank of", "ORG"), ("2019", "DATE"))]
    joined = list(join_split_names(text, found))
    assert [(m.text, m.label, m.score) for m in joined] == [
        ("Group of Lima", "ORG", 0.8), ("Society", "ORG", 0.9), ("Bank", "ORG", 0.9), ("2019", "DATE", 0.8)
    ]
    assert all(text[m.start_char : m.end_char] == m.text for m in joined)
