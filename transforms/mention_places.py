"""Mention places: which mentions stand where in a text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from schemas.article import Mention


def mention_at(mentions: Sequence[Mention], place: int) -> Mention | None:
    """The mention that covers a character, of those of a text in order."""
    at = bisect_right(mentions, place, key=lambda mention: mention.start_char) - 1
    return mentions[at] if at >= 0 and place < mentions[at].end_char else None


def mentions_in(mentions: Sequence[Mention], start: int, end: int) -> Sequence[Mention]:
    """The mentions that begin in a stretch, of those of a text in order."""
    first, last = (bisect_left(mentions, place, key=lambda mention: mention.start_char) for place in (start, end))
    return mentions[first:last]
