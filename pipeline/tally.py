"""Tally: what a run found, counted from the records and dead letters that it staged."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.files import Files, files_at
from transforms.write import DEAD_LETTERS, RECORDS

NAMES_KEPT = 50_000  # at least, of the entities and of the pairs that a run counts: a run may have no end
UNREADABLE = "unreadable"  # the reason of an input that could not be opened: it may be there the next time


@dataclass(slots=True)
class Tally:
    """Counts over staged records (the same id from two sources counts twice) and dead letters.

    Entities and pairs are exact up to twice NAMES_KEPT different ones; then the rarest are forgotten, so that memory
    has an end and the frequent ones, which are shown, stay right.
    """

    records: int = 0
    dead_letters: int = 0
    countries: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    entities: Counter[tuple[str, str]] = field(default_factory=Counter)  # (name, label) to articles that name it
    stances: Counter[str] = field(default_factory=Counter)  # favor, against, neutral
    pairs: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (holder, stance, target), neutral left out
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)  # (step, reason)
    unreadable: set[str] = field(default_factory=set)  # source URIs

    def add(self, other: "Tally") -> None:
        """Add another tally to this one."""
        self.records += other.records
        self.dead_letters += other.dead_letters
        self.unreadable |= other.unreadable
        for name in ("countries", "languages", "entities", "stances", "pairs", "reasons"):
            getattr(self, name).update(getattr(other, name))
        forget_rare(self.entities)
        forget_rare(self.pairs)


def forget_rare(counts: Counter[Any]) -> None:
    """Keep the NAMES_KEPT most frequent where there are more than twice as many."""
    if len(counts) > 2 * NAMES_KEPT:
        kept = counts.most_common(NAMES_KEPT)
        counts.clear()
        counts.update(dict(kept))


def tell_apart(entity: dict[str, Any]) -> str:
    """An entity's name, fit to stand beside those of other articles: "the government" says whose it is.

    >>> tell_apart({"name": "the government", "country": "NA"})
    'the government (NA)'
    """
    first, _, rest = entity["name"].partition(" ")
    is_phrase = first.islower() or (first == "The" and rest.islower())
    return f"{entity['name']} ({entity['country']})" if is_phrase and entity["country"] else str(entity["name"])


def tally_staged(folder: str) -> Tally:
    """The tally of a unit that is staged in `folder`."""
    tally = Tally()
    files = files_at(folder)
    for record in _rows(files, RECORDS, ["country", "language", "entities", "stances"]):
        tally.records += 1
        tally.countries[record["country"]] += 1
        tally.languages[record["language"]] += 1
        names = [tell_apart(entity) for entity in record["entities"]]
        tally.entities.update({(name, entity["label"]) for name, entity in zip(names, record["entities"], strict=True)})
        tally.stances.update(stance["stance"] for stance in record["stances"])
        tally.pairs.update(
            ("" if stance["holder"] is None else names[stance["holder"]], stance["stance"], names[stance["target"]])
            for stance in record["stances"]
            if stance["stance"] != "neutral"
        )
    for letter in _rows(files, DEAD_LETTERS, ["step", "reason", "source_uri"]):
        tally.dead_letters += 1
        tally.reasons[letter["step"], letter["reason"]] += 1
        if letter["reason"] == UNREADABLE:
            tally.unreadable.add(letter["source_uri"])
    return tally


def _rows(files: Files, folder: str, columns: list[str]) -> list[dict[str, Any]]:
    paths = [path for path in files.walk(folder) if path.endswith(".parquet")]
    tables = [pq.read_table(pa.BufferReader(files.read(path)), columns=columns) for path in paths]
    return [row for table in tables for row in table.to_pylist()]
