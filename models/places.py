"""Where a question's markers stand among the pieces of its text, for a model that reads a text once for all questions.

The markers are not written into the text. Each has the place of the piece just outside what it marks: an opening
marker that of the piece before, a closing one that of the piece after (levitated markers: Zhong and Chen 2021, arXiv
2010.12812). So the text is the same whatever is asked, and is read once.
"""

from collections.abc import Sequence

Span = tuple[int, int]
Places = tuple[int, int, int, int]  # of the holder's opening and closing marker and the target's; -1 for no holder's
ABSENT = (-1, -1)
PIECES = 5  # that a question adds to its text: the first piece once more, the holder's two markers, the target's two
HOLDER, TARGET = 1, 3  # where among them the opening markers stand


def places_of(holder: Span | None, target: Span, offsets: Sequence[Span]) -> Places:
    """The places of the four markers around spans of a text (code points, half-open).

    `offsets` are the spans of the text's pieces, the special ones, which are empty, first and last.
    """
    return (*(ABSENT if holder is None else _around(holder, offsets)), *_around(target, offsets))


def _around(span: Span, offsets: Sequence[Span]) -> tuple[int, int]:
    """The pieces before and after those inside a span; the last two where the text was cut before it."""
    inside = [place for place, (start, end) in enumerate(offsets) if start < span[1] and end > max(span[0], start)]
    last = len(offsets) - 1
    return (inside[0] - 1, inside[-1] + 1) if inside else (last - 1, last)
