"""Deduplicate: which articles tell the same story in (nearly) the same words.

Two texts are near-duplicates when most word shingles of the shorter one stand in the longer one. Containment, not
resemblance, because newspapers cut wire copy from the tail: a copy of a third of the original is still a copy. MinHash
(rensa) only proposes pairs; every pair is settled on the exact shingles, so the answer depends on the two texts alone.

The story columns are a function of the set of records: an article's neighbourhood is its country, a day either side
(undated articles: the undated ones of the country). `duplicate_of` is the earliest near-duplicate in it, `story_id` the
end of that chain. `pipeline/stories.py` keeps the same answer up to date, commit by commit; `assign_stories` is its
plain definition.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b

import numpy as np
from rensa import RMinHash

SHINGLE_WORDS = 3
MINIMUM_WORDS = 20  # below, only the very same headline and text are duplicates
CONTAINMENT = 0.65  # of the shorter text's shingles in the longer: 999 of 1,000 made rewrites keep 0.79, interviews
# of one series share 0.58 (benchmarks/duplicates.py)
SHORTEST_SHARE = 0.2  # of the longer text's shingles; a brief of less is a story of its own
SLOTS = 128  # MinHash values a text, 16 bits each
BAND_SLOTS = 2  # two equal neighbouring slots make a candidate: 99.8% of the pairs at Jaccard 0.3, 93% at 0.2
SEED = 20190111
CHUNK_CHARS = 300_000  # of texts whose shingles are held at a time
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Han, kana, Thai, Lao, Khmer and Burmese are written without spaces: each character counts as a word.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")


@dataclass(frozen=True, slots=True)
class StoryInput:
    """What the story columns of one record depend on; `date` None: undated."""

    article_id: str
    country: str
    date: date | None
    published_at: datetime | None
    headline: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """The two story columns of a record."""

    story_id: str
    duplicate_of: str | None


def words_of(text: str) -> list[str]:
    """The words of a text, case folded, without punctuation."""
    return _WORD.findall(text.casefold())


def shingles_of(words: Sequence[str]) -> set[str]:
    """Every run of SHINGLE_WORDS words."""
    return {" ".join(words[start : start + SHINGLE_WORDS]) for start in range(len(words) - SHINGLE_WORDS + 1)}


def text_key(headline: str | None, text: str) -> bytes:
    """16 bytes that are equal for equal words; a very short text ("Photos") says nothing without its headline."""
    words = words_of(text)
    if len(words) < MINIMUM_WORDS:
        words = [*words_of(headline or ""), "\n", *words]
    return blake2b(" ".join(words).encode(), digest_size=16).digest()


def signatures_of(texts: Sequence[str]) -> list[bytes]:
    """The MinHash signature of each text: SLOTS little-endian 16-bit numbers, or no bytes for a very short text."""
    return [signature for few in _few_at_a_time(texts) for signature in _signatures_of_few(few)]


def _few_at_a_time(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in groups of about CHUNK_CHARS, because their shingles take a hundred times their memory."""
    few: list[str] = []
    characters = 0
    for text in texts:
        few.append(text)
        characters += len(text)
        if characters >= CHUNK_CHARS:
            yield few
            few, characters = [], 0
    yield few


def _signatures_of_few(texts: Sequence[str]) -> list[bytes]:
    words = [words_of(text) for text in texts]
    long_enough = [row for row, found in enumerate(words) if len(found) >= MINIMUM_WORDS]
    signatures = [b""] * len(words)
    if long_enough:
        # In the order of their sorting: a set's own order changes from process to process.
        token_sets = [sorted(shingles_of(words[row])) for row in long_enough]
        matrix = RMinHash.digest_matrix_from_token_sets(token_sets, SLOTS, SEED)
        values = (np.array(matrix.to_rows(), dtype=np.uint32) & 0xFFFF).astype("<u2")
        for row, value in zip(long_enough, values, strict=True):
            signatures[row] = value.tobytes()
    return signatures


def candidate_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pairs of rows that may be near-duplicates.

    Reads: (n, SLOTS) and (m, SLOTS) uint16 signatures. Returns: (k, 2) int64 rows of `first` and of `second`, unique
    and sorted. Whether a pair is a candidate depends on its two signatures alone.
    """
    found = [np.empty((0, 2), dtype=np.int64)]
    bands_first, bands_second = _bands(first), _bands(second)
    for band in range(SLOTS // BAND_SLOTS):
        order = np.argsort(bands_first[:, band], kind="stable")
        ordered = bands_first[order, band]
        starts = np.searchsorted(ordered, bands_second[:, band], side="left")
        counts = np.searchsorted(ordered, bands_second[:, band], side="right") - starts
        rows = np.flatnonzero(counts)
        if not len(rows):
            continue
        repeats = counts[rows]
        within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        found.append(np.column_stack([order[np.repeat(starts[rows], repeats) + within], np.repeat(rows, repeats)]))
    return np.unique(np.concatenate(found), axis=0)


def _bands(signatures: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(signatures.astype("<u2")).view("<u4")


def is_near_duplicate(first: set[str], second: set[str]) -> bool:
    """Whether two texts, given as their shingles, are copies of one another but for cuts and small changes."""
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) < max(MINIMUM_WORDS - SHINGLE_WORDS + 1, SHORTEST_SHARE * len(longer)):
        return False
    return len(shorter & longer) >= CONTAINMENT * len(shorter)


def order_key(published_at: datetime | None, day: date | None, article_id: str) -> tuple[int, str]:
    """Sorts a story's articles, the original first: microseconds of the time (or of the day's start), then the id."""
    moment = published_at or (datetime.combine(day, time(), UTC) if day else None)
    return (0 if moment is None else (moment - EPOCH) // timedelta(microseconds=1), article_id)


def neighbour_days(day: date | None) -> tuple[date | None, ...]:
    """The days of an article's neighbourhood; the undated have only each other."""
    return (None,) if day is None else tuple(day + timedelta(days=step) for step in (-1, 0, 1))


def assign_stories(records: Iterable[StoryInput]) -> dict[str, Story]:
    """The story columns of a set of records, whatever their order."""
    ordered = sorted(records, key=lambda record: order_key(record.published_at, record.date, record.article_id))
    place = {record.article_id: at for at, record in enumerate(ordered)}
    stories: dict[str, Story] = {}
    partners = _near_duplicates(ordered)
    for record in ordered:
        near = partners[record.article_id] & stories.keys()
        original = min(near, key=place.__getitem__, default=None)
        story_id = stories[original].story_id if original else record.article_id
        stories[record.article_id] = Story(story_id, original)
    return stories


def _near_duplicates(records: Sequence[StoryInput]) -> dict[str, set[str]]:
    signatures = signatures_of([record.text for record in records])
    keys = [text_key(record.headline, record.text) for record in records]
    shingles = [shingles_of(words_of(record.text)) for record in records]
    partners: dict[str, set[str]] = {record.article_id: set() for record in records}
    for first, second in _possible_pairs(keys, signatures):
        one, other = records[first], records[second]
        near = one.country == other.country and other.date in neighbour_days(one.date)
        if near and (keys[first] == keys[second] or is_near_duplicate(shingles[first], shingles[second])):
            partners[one.article_id].add(other.article_id)
            partners[other.article_id].add(one.article_id)
    return partners


def _possible_pairs(keys: Sequence[bytes], signatures: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    for first, key in enumerate(keys):
        yield from ((first, second) for second in range(first) if keys[second] == key)
    rows = [row for row, signature in enumerate(signatures) if signature]
    matrix = to_matrix([signatures[row] for row in rows])
    yield from ((rows[first], rows[second]) for first, second in candidate_pairs(matrix, matrix) if first < second)


def to_matrix(signatures: Sequence[bytes]) -> np.ndarray:
    """Signatures as an (n, SLOTS) uint16 matrix; none of them may be empty."""
    return np.frombuffer(b"".join(signatures), dtype="<u2").reshape(len(signatures), SLOTS)
