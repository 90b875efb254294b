import random

import pytest

from training.ner_data import SOURCES, allowed_tags, detokenise, split_long


def test_a_type_that_a_set_does_not_label_is_not_taught_to_be_absent():
    allowed = allowed_tags("O", SOURCES["bosque"])
    assert {"O", "B-DATE", "I-MONEY", "B-NORP"} <= allowed
    assert "B-PERSON" not in allowed
    assert allowed_tags("O", SOURCES["worldwide"]) == {"O"}


def test_a_coarser_label_allows_each_of_ours_that_it_covers():
    assert allowed_tags("B-MISC", SOURCES["wikigold"]) == {"B-MISC", "B-NORP", "B-PRODUCT"}
    assert allowed_tags("I-PER", SOURCES["gmb"]) == {"I-PERSON"}


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["Maduro", "'s", "term", "."], "Maduro's term."),
        (["the", "OAS", "(", "Washington", ")", ",", "said"], "the OAS (Washington), said"),
        (["worst", "-", "ever", "scandal"], "worst-ever scandal"),
        (["He", "said", '"', "no", '"', "."], 'He said "no".'),
    ],
)
def test_tokens_become_text_as_a_newsroom_writes_it(tokens, expected):
    text, spans = detokenise(tokens)
    assert text == expected
    assert [text[s:e] for s, e in spans] == tokens


def test_every_token_keeps_its_place_when_spacing_is_random():
    tokens = ["15", "October", "-", "As", "Malawi", "'s", "(", "worst", "-", "ever", ")", '"', "day", '"', "%"]
    for seed in range(50):
        text, spans = detokenise(tokens, random.Random(seed))
        assert [text[s:e] for s, e in spans] == tokens


def test_long_rows_are_cut_without_cutting_an_entity():
    tokens, tags = ["w"] * 300, ["O"] * 300
    tags[118:125] = ["B-ORG", *["I-ORG"] * 6]
    parts = list(split_long(tokens, tags))
    assert sum(len(part) for part, _ in parts) == 300
    assert all(not part_tags[0].startswith("I-") for _, part_tags in parts)
