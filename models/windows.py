"""Windows: an article of any length cut into overlapping runs of word pieces that a model can read.

A window is a run of whole sentences (its core, which it alone answers for) preceded by a little of the text before
it (context, which it only reads). So every piece is answered for exactly once, no sentence is cut while it fits,
and no mention can be lost or counted twice at a border. A sentence longer than a window is cut into cores of equal
rights, each with context on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces `[start, end)` are read; those in `[core_start, core_end)` are answered for."""

    start: int
    core_start: int
    core_end: int
    end: int


def cut_windows(sentence_ends: Sequence[int], pieces: int, *, size: int, context: int) -> list[Window]:
    """Windows of at most `size` pieces over `pieces` pieces whose sentences end before the indices given (ascending).

    `context` is how much text before the core is read along, at most; it must be under half of `size`.
    """
    if not 0 <= context < size / 2:
        raise ValueError(f"a context of {context} pieces does not fit windows of {size}")
    windows: list[Window] = []
    core_start = 0
    room = size - context
    ends = [end for end in sentence_ends if 0 < end < pieces] + ([pieces] if pieces else [])
    at = 0
    while core_start < pieces:
        while at < len(ends) and ends[at] <= core_start:
            at += 1
        fits = at
        while fits < len(ends) and ends[fits] - core_start <= room:
            fits += 1
        if fits > at:
            core_end, end = ends[fits - 1], ends[fits - 1]
        else:  # one sentence longer than a window: leave room to read on beyond the core
            core_end = min(pieces, core_start + room - context)
            end = min(pieces, core_end + context)
        windows.append(Window(max(0, core_start - context), core_start, core_end, end))
        core_start = core_end
        at = fits
    return windows


def sentence_piece_ends(offsets: Sequence[tuple[int, int]], sentences: Sequence[tuple[int, int]]) -> list[int]:
    """For each sentence, the index after its last piece; `offsets` are the pieces' places in the same text."""
    ends, piece = [], 0
    for _, sentence_end in sentences:
        while piece < len(offsets) and offsets[piece][0] < sentence_end:
            piece += 1
        ends.append(piece)
    return ends
