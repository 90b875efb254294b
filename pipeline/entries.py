"""Entries: what the index knows of each record, and what a staged record is to the one that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.index import UNDATED, Entry
from pipeline.parts import part_path
from pipeline.stories import Group
from transforms.deduplicate import order_key

HEAD_COLUMNS = ["article_id", "country", "date", "published_at", "source_uri", "row_hash", "text_key"]
EPOCH = date(1970, 1, 1).toordinal()


def to_entry(head: Mapping[str, Any], characters: int, content_hash: str, part_files: int) -> Entry:
    """The index's entry of one row, as a story of its own."""
    day, published = head["date"], head["published_at"]
    return Entry(
        article_id=head["article_id"],
        path=part_path(head["country"], day, head["article_id"], part_files),
        country=head["country"],
        day=UNDATED if day is None else day.toordinal() - EPOCH,
        order_us=order_key(published, day, head["article_id"])[0],
        published_us=None if published is None else order_key(published, None, "")[0],
        characters=characters,
        content_hash=content_hash,
        source_uri=head["source_uri"] or "",
        row_hash=head["row_hash"],
        text_key=head["text_key"],
        story_id=head["article_id"],
        duplicate_of=None,
    )


def best_of_each(entries: Sequence[Entry]) -> tuple[dict[str, int], int]:
    """The row to keep of each id, and how many rows went into another one of the same id."""
    winners: dict[str, int] = {}
    for row, entry in enumerate(entries):
        best = winners.setdefault(entry.article_id, row)
        if entry.preference > entries[best].preference:
            winners[entry.article_id] = row
    return winners, len(entries) - len(winners)


def compare(entry: Entry, old: Entry | None, *, is_replaced: bool) -> tuple[str, bool]:
    """What a staged record is to the one that is there (a word of CommitCounts), and whether it takes its place.

    `is_replaced` says that the source of the one that is there has another version now, which lost to this record.
    """
    if old is None:
        return "new", True
    if entry.row_hash == old.row_hash and entry.path == old.path:
        return "unchanged", False
    if entry.source_uri != old.source_uri and not is_replaced:
        return "merged", entry.preference > old.preference
    same_partition = (entry.country, entry.day) == (old.country, old.day)
    return ("corrected" if same_partition else "moved"), True


def with_stories(entry: Entry, old: Entry | None) -> Entry:
    """The entry with the story columns it had, until `update_stories` looks at them."""
    return entry if old is None else replace(entry, story_id=old.story_id, duplicate_of=old.duplicate_of)


def group_of(entry: Entry) -> Group:
    """The country, day and text of which copies are looked for."""
    return Group(entry.country, entry.day, entry.text_key)
