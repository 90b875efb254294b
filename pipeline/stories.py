"""Keep the story columns right, commit by commit: `transforms.deduplicate.assign_stories`, done on the index.

A commit changes some groups (a group is the articles of one country, day and text). Only the groups that share a story
with them can change with them, so the cost follows what is new and not the size of the dataset: signatures are read for
the neighbourhoods of new texts, texts for candidate pairs only, and no text is shingled twice for one candidate list.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from pipeline.index import Index
from transforms.deduplicate import candidate_pairs, is_near_duplicate, shingles_of, to_matrix, words_of

Texts = Callable[[Iterable[bytes]], Mapping[bytes, str]]  # the text behind each text key


class Group(NamedTuple):
    """The articles of one country and day that have the very same words."""

    country: str
    day: int
    text_key: bytes


def update_stories(index: Index, changed: Mapping[Group, bytes], texts: Texts) -> set[str]:
    """Bring story_id and duplicate_of up to date after articles came into, left or changed in some groups.

    Reads: `changed`, every such group with its text's signature (no bytes: too short for one, or nobody came in).
    Returns: the paths of the part files in which a row's story columns are no longer what they were.
    """
    fresh = _keep_signatures(index, changed)
    for country, groups in _by_country(fresh).items():
        _find_near(index, country, groups, texts)
    affected = _affected(index, changed)
    _forget_texts(index, changed)
    return _set_originals(index, affected)


def _keep_signatures(index: Index, changed: Mapping[Group, bytes]) -> list[Group]:
    """Signatures are kept for the groups that have articles; returns the groups that are new."""
    connection = index.connection
    fresh = []
    for group, signature in changed.items():
        if not _exists(index, group):
            connection.execute("DELETE FROM signatures WHERE country = ? AND day = ? AND text_key = ?", group)
        elif signature and _insert_signature(index, group, signature):
            fresh.append(group)
    return fresh


def _insert_signature(index: Index, group: Group, signature: bytes) -> bool:
    query = "INSERT OR IGNORE INTO signatures VALUES (?, ?, ?, ?)"
    return index.connection.execute(query, (*group, signature)).rowcount > 0


def _exists(index: Index, group: Group) -> bool:
    query = "SELECT 1 FROM articles WHERE country = ? AND day = ? AND text_key = ? LIMIT 1"
    return index.connection.execute(query, group).fetchone() is not None


def _by_country(groups: Iterable[Group]) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        found[group.country].append(group)
    return found


def _find_near(index: Index, country: str, fresh: list[Group], texts: Texts) -> None:
    """Compare the new texts of one country with their neighbourhoods, and note the near-duplicates."""
    days: dict[int, list[bytes]] = defaultdict(list)
    for group in fresh:
        days[group.day].append(group.text_key)
    for day in sorted(days):
        keys, matrix = _signatures(index, country, day)
        rows = {key: row for row, key in enumerate(keys)}
        chosen = sorted(rows[key] for key in days[day])
        candidates = candidate_pairs(matrix[chosen], matrix)
        pairs = {tuple(sorted((keys[chosen[new]], keys[other]))) for new, other in candidates if chosen[new] != other}
        _note_near(index, sorted(pairs), texts)


def _signatures(index: Index, country: str, day: int) -> tuple[list[bytes], np.ndarray]:
    """The distinct texts of a neighbourhood and their signatures."""
    query = "SELECT text_key, signature FROM signatures WHERE country = ? AND day BETWEEN ? AND ?"
    found = dict(index.connection.execute(query, (country, day - 1, day + 1)))
    return list(found), to_matrix(list(found.values()))


def _note_near(index: Index, pairs: list[tuple[bytes, ...]], texts: Texts) -> None:
    known = texts({key for pair in pairs for key in pair}) if pairs else {}
    shingles = {key: shingles_of(words_of(text)) for key, text in known.items()}
    near = [pair for pair in pairs if is_near_duplicate(shingles[pair[0]], shingles[pair[1]])]
    both = [*near, *((other, one) for one, other in near)]
    index.connection.executemany("INSERT OR IGNORE INTO near VALUES (?, ?)", both)


def _affected(index: Index, changed: Iterable[Group]) -> set[Group]:
    """The groups with articles whose original may be another one now."""
    query = """SELECT DISTINCT country, day, text_key FROM articles WHERE country = :country
        AND day BETWEEN :day - 1 AND :day + 1
        AND text_key IN (SELECT other FROM near WHERE text_key = :text_key UNION ALL SELECT :text_key)"""
    return {Group(*row) for group in changed for row in index.connection.execute(query, group._asdict())}


def _forget_texts(index: Index, changed: Iterable[Group]) -> None:
    """Texts that no article has any more are nobody's near-duplicates."""
    for key in {group.text_key for group in changed}:
        if not index.connection.execute("SELECT 1 FROM articles WHERE text_key = ? LIMIT 1", (key,)).fetchone():
            index.connection.execute("DELETE FROM near WHERE other = ?1 AND text_key IN "
                                     "(SELECT other FROM near WHERE text_key = ?1)", (key,))
            index.connection.execute("DELETE FROM near WHERE text_key = ?", (key,))


def _set_originals(index: Index, affected: Iterable[Group]) -> set[str]:
    """Write duplicate_of for the members of these groups, and story_id down the chains; returns the files' paths."""
    queue: list[tuple[int, str]] = []
    touched: set[str] = set()
    for group in affected:
        original = _original(index, group)
        query = """SELECT article_id, order_us, path, duplicate_of FROM articles
            WHERE country = ? AND day = ? AND text_key = ?"""
        for article_id, order, path, present in index.connection.execute(query, group).fetchall():
            duplicate_of = None if article_id == original else original
            if present != duplicate_of:
                index.connection.execute(
                    "UPDATE articles SET duplicate_of = ? WHERE article_id = ?", (duplicate_of, article_id)
                )
                touched.add(path)
            heapq.heappush(queue, (order, article_id))
    return touched | _set_stories(index, queue)


def _original(index: Index, group: Group) -> str:
    query = """SELECT article_id FROM articles WHERE country = :country AND day BETWEEN :day - 1 AND :day + 1
        AND text_key IN (SELECT other FROM near WHERE text_key = :text_key UNION ALL SELECT :text_key)
        ORDER BY order_us, article_id LIMIT 1"""
    return str(index.connection.execute(query, group._asdict()).fetchone()[0])


def _set_stories(index: Index, queue: list[tuple[int, str]]) -> set[str]:
    """Follow the chains from these articles, originals first: an original always precedes its duplicates."""
    connection = index.connection
    touched: set[str] = set()
    while queue:
        _, article_id = heapq.heappop(queue)
        story, path, present = connection.execute(
            """SELECT coalesce(original.story_id, article.article_id), article.path, article.story_id
            FROM articles AS article LEFT JOIN articles AS original ON original.article_id = article.duplicate_of
            WHERE article.article_id = ?""",
            (article_id,),
        ).fetchone()
        if story == present:
            continue
        touched.add(path)
        connection.execute("UPDATE articles SET story_id = ? WHERE article_id = ?", (story, article_id))
        children = "SELECT order_us, article_id FROM articles WHERE duplicate_of = ?"
        for child in connection.execute(children, (article_id,)).fetchall():
            heapq.heappush(queue, child)
    return touched
