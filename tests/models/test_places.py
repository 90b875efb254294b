"""Where a question's markers stand among the pieces of its text."""

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from models.folder import BUNDLED, WEIGHTS
from models.places import places_of


@pytest.fixture(scope="module")
def tokenizer() -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(WEIGHTS / BUNDLED["stance"] / "tokenizer.json"))


def inside(text: str, span: tuple[int, int], tokenizer: tokenizers.Tokenizer) -> list[str]:
    """The pieces between the markers of a target."""
    encoding = tokenizer.encode(text)
    *_, opening, closing = places_of(None, span, encoding.offsets)
    return encoding.tokens[opening + 1 : closing]


def test_markers_stand_just_outside_of_what_they_mark(tokenizer: tokenizers.Tokenizer) -> None:
    text = "Peru’s president thanked the Kuczynskis."
    assert inside(text, (0, 4), tokenizer) == ["peru"]
    assert inside(text, (0, 16), tokenizer) == ["peru", "’", "s", "president"]
    assert "".join(inside(text, (29, 39), tokenizer)).replace("#", "") == "kuczynskis"


def test_no_holder_has_no_place_and_a_holder_comes_first() -> None:
    offsets = [(0, 0), (0, 4), (5, 12), (13, 18), (0, 0)]
    assert places_of(None, (13, 18), offsets) == (-1, -1, 2, 4)
    assert places_of((0, 4), (13, 18), offsets) == (0, 2, 2, 4)


def test_a_span_after_the_end_of_a_cut_text_is_put_at_its_end() -> None:
    assert places_of((0, 4), (100, 105), [(0, 0), (0, 4), (5, 12), (0, 0)]) == (0, 2, 2, 3)


@given(st.text(max_size=80), st.data())
def test_places_are_those_of_pieces(text: str, data: st.DataObject) -> None:
    tokenizer = tokenizers.Tokenizer.from_file(str(WEIGHTS / BUNDLED["stance"] / "tokenizer.json"))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    offsets = tokenizer.encode(text).offsets
    _, _, opening, closing = places_of(None, (start, end), offsets)
    assert 0 <= opening < closing < len(offsets)
    assert all(a < end and b > start for a, b in offsets[opening + 1 : closing] if closing - opening > 1)
