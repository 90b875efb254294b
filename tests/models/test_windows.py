import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.windows import cut_windows, sentence_piece_ends


@given(st.lists(st.integers(1, 120), max_size=60), st.integers(16, 200), st.data())
def test_every_piece_is_answered_for_exactly_once(lengths, size, data):
    context = data.draw(st.integers(0, (size - 1) // 2))
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    pieces = sum(lengths)
    windows = cut_windows(ends, pieces, size=size, context=context)
    cores = [piece for w in windows for piece in range(w.core_start, w.core_end)]
    assert cores == list(range(pieces))
    assert all(w.end - w.start <= size for w in windows)
    assert all(w.start <= w.core_start < w.core_end <= w.end for w in windows)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_no_sentence_that_fits_is_cut(lengths):
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    windows = cut_windows(ends, ends[-1], size=64, context=8)
    assert {w.core_end for w in windows} <= set(ends)


def test_a_long_sentence_is_read_on_both_sides_of_the_cut():
    windows = cut_windows([300], 300, size=100, context=20)
    assert all(w.end > w.core_end for w in windows[:-1])
    assert all(w.start < w.core_start for w in windows[1:])


def test_an_empty_text_has_no_windows():
    assert cut_windows([], 0, size=100, context=10) == []


def test_a_context_of_half_a_window_is_refused():
    with pytest.raises(ValueError, match="context"):
        cut_windows([10], 10, size=20, context=10)


def test_pieces_are_counted_into_their_sentences():
    offsets = [(0, 3), (3, 7), (7, 8), (9, 12), (12, 13)]
    assert sentence_piece_ends(offsets, [(0, 8), (9, 13)]) == [3, 5]
