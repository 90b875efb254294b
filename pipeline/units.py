"""Work units: the inputs of a run, cut into pieces that fit in memory and are committed one by one.

Small files are packed together. A file that does not fit in a unit is cut at every `articles` articles or `size`
bytes, always at the same places, so that a run that was cut off half-way through it goes on where it stopped.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.article import DeadLetter, Document
from transforms.inputs import InputFile
from transforms.read import read_documents

PACKED = 3  # news text takes about a third of its size when packed; only the time left depends on it
FIRST_ARTICLES = 25  # the first unit is small and the next ones double: the first records come at once


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive articles of one input; `bytes_read` is the part of the input's size that they stand for."""

    input: InputFile
    first: int
    found: tuple[Document | DeadLetter, ...]
    is_last: bool
    bytes_read: int

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(len(item.payload) for item in self.found)


@dataclass(frozen=True, slots=True)
class Unit:
    """What one bounded pipeline works on."""

    unit_id: str
    pieces: tuple[Piece, ...]

    @property
    def documents(self) -> list[Document]:
        """The articles that could be read."""
        return [item for piece in self.pieces for item in piece.found if isinstance(item, Document)]

    @property
    def dead_letters(self) -> list[DeadLetter]:
        """Those that could not."""
        return [item for piece in self.pieces for item in piece.found if isinstance(item, DeadLetter)]

    @property
    def articles(self) -> int:
        """How many articles it brings, dead letters included."""
        return sum(len(piece.found) for piece in self.pieces)

    @property
    def bytes_read(self) -> int:
        """The part of the inputs' size that it stands for."""
        return sum(piece.bytes_read for piece in self.pieces)

    @property
    def finished(self) -> list[InputFile]:
        """The inputs that have nothing left after this unit (or the units before it)."""
        return [piece.input for piece in self.pieces if piece.is_last]


def fingerprint(file: InputFile, salt: str) -> str:
    """What an input is known by: its path, size and time of change, and `salt`, which says how it is worked on."""
    return digest(file.uri, file.fingerprint, salt)


def cut_units(inputs: Iterable[InputFile], *, salt: str, articles: int, size: int) -> Iterator[Unit]:
    """Read the inputs and cut them into units of at most `articles` articles and about `size` bytes."""
    packed: list[Piece] = []
    limit = min(FIRST_ARTICLES, articles)
    for file in inputs:
        for piece in cut_pieces(file, articles=articles, size=size):
            if not piece.is_last:
                yield make_unit([piece], salt)
                continue
            if packed and not _fits(packed, piece, limit, size):
                yield make_unit(packed, salt)
                packed, limit = [], min(2 * limit, articles)
            packed.append(piece)
    if packed:
        yield make_unit(packed, salt)


def cut_pieces(file: InputFile, *, articles: int, size: int) -> Iterator[Piece]:
    """The articles of one input in pieces; all but the last one are full."""
    found: list[Document | DeadLetter] = []
    first = held = accounted = 0
    packed = PACKED if file.uri.endswith((".gz", ".zst")) else 1
    for item in read_documents(file.uri):
        if found and (len(found) == articles or held + len(item.payload) > size):
            share = min(held // packed, file.size - accounted)
            yield Piece(file, first, tuple(found), False, share)
            first, accounted, found, held = first + len(found), accounted + share, [], 0
        found.append(item)
        held += len(item.payload)
    yield Piece(file, first, tuple(found), True, file.size - accounted)


def _fits(packed: list[Piece], piece: Piece, articles: int, size: int) -> bool:
    count = len(piece.found) + sum(len(other.found) for other in packed)
    return count <= articles and piece.size + sum(other.size for other in packed) <= size


def make_unit(pieces: list[Piece], salt: str) -> Unit:
    """The unit of these pieces, under a name that is the same for the same pieces."""
    parts = [f"{fingerprint(piece.input, salt)}:{piece.first}:{len(piece.found)}" for piece in pieces]
    return Unit(digest(*parts), tuple(pieces))


def digest(*parts: str) -> str:
    """32 hexadecimal digits of strings, in their order."""
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
