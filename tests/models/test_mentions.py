"""Spans become mentions without styles, and a name in two pieces becomes one."""

import pytest

from models.mentions import drop_doubtful, join_pieces, make_mention


@pytest.mark.parametrize(
    ("text", "expected"),
    [("H E Jean-Baptiste Faivre", "Jean-Baptiste Faivre"), ("HH Sheikh Tamim", "Sheikh Tamim"),
     ("H. H. Asquith", "H. H. Asquith"), ("HERBERT HOOVER", "HERBERT HOOVER"), ("H E", "H E")],
)
def test_a_style_is_no_part_of_a_persons_name(text: str, expected: str) -> None:
    made = make_mention(text, 0, len(text), "PERSON", 0.9)
    assert made is not None
    assert (made.text, text[made.start_char : made.end_char]) == (expected, expected)


def test_a_style_stays_in_names_of_other_types() -> None:
    made = make_mention("HE Space", 0, 8, "ORG", 0.9)
    assert made is not None
    assert made.text == "HE Space"


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("Kingdom of Guatemala", [("Kingdom of", "LOC"), ("Guatemala", "LOC")], ["Kingdom of Guatemala"]),
        ("Port of Tema", [("Port of", "FAC"), ("Tema", "LOC")], ["Port of Tema"]),
        ("Angel Celis Botto", [("Angel", "PERSON"), ("Celis Botto", "PERSON")], ["Angel Celis Botto"]),
        ("Angel, Celis", [("Angel", "PERSON"), ("Celis", "PERSON")], ["Angel", "Celis"]),
        ("Lagos Nigeria", [("Lagos", "LOC"), ("Nigeria", "LOC")], ["Lagos", "Nigeria"]),
        ("am 3. März", [("3", "DATE"), ("März", "DATE")], ["3. März"]),
        ("in 2019. Friday", [("2019", "DATE"), ("Friday", "DATE")], ["2019", "Friday"]),
        ("President of Chad", [("President of", "PERSON"), ("Chad", "LOC")], ["President of", "Chad"]),
    ],
)
def test_a_name_in_two_pieces_is_one_mention(text: str, pieces: list[tuple[str, str]], expected: list[str]) -> None:
    made = [make_mention(text, text.index(words), text.index(words) + len(words), label, 0.9 - 0.1 * i)
            for i, (words, label) in enumerate(pieces)]
    joined = list(join_pieces(text, [m for m in made if m is not None]))
    assert [m.text for m in joined] == expected
    assert [text[m.start_char : m.end_char] for m in joined] == expected
    assert joined[0].score == (0.8 if len(expected) == 1 else 0.9)
    assert joined[0].label == pieces[0][1]


def test_a_doubtful_body_is_kept_where_its_name_is_sure_elsewhere_in_the_text() -> None:
    made = [make_mention("GERD and GERD, TE and GERD", *span, "ORG", score)
            for *span, score in ((0, 4, 0.8), (9, 13, 0.3), (15, 17, 0.4), (22, 26, 0.2))]
    kept = drop_doubtful([m for m in made if m is not None], {"ORG": 0.5})
    assert [(m.text, m.score) for m in kept] == [("GERD", 0.8), ("GERD", 0.3), ("GERD", 0.2)]
