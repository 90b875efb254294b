"""Readings of directed sentiment: a second answer to every row that may be trained on, beside the crowd's.

The crowd's labels are noisy, those of its rare classes most: of the rows in which what stands second is for or against
what stands first about half say so. Two large language models read each sentence once more without the row's label, in
random order: one under a guideline of what the annotators were asked, with examples of what they answered, one under
this project's own. They agree with the crowd on 78.2% and 79.1% of 10,698 rows (macro-F1 62.2 and 58.3). Where the
first did not, another had read the sentence anew. Of what then stood, the second reading and the crowd's label the
majority stands, else the second reading: it is the crowd's label in 85.1% of the rows.

`stance_readings.jsonl` has one row of `directed_sentiment` a line: its id and one of `DSE_CLASSES`.
"""

import pathlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from training.jsonl import read_jsonl
from training.stance_data import LABELS, Row

READINGS = pathlib.Path(__file__).with_name("stance_readings.jsonl")
DSE_CLASSES = ("neutral", "p favor q", "p against q", "q favor p", "q against p")


def read_readings(file: pathlib.Path = READINGS) -> dict[str, str]:
    """The read stance of each directed row that `stance_unified` makes of a read one, by its id.

    Raises ValueError for a reading that is none of `DSE_CLASSES`.
    """
    return dict(stance for row in read_jsonl(file) for stance in directed(row["id"], row["reading"]))


def directed(row_id: str, reading: str) -> Iterator[tuple[str, str]]:
    """Both directions' (id, stance) of a reading in five classes."""
    if reading not in DSE_CLASSES:
        raise ValueError(f"reading {reading!r} of {row_id}: expected one of {', '.join(DSE_CLASSES)}")
    holder, stance = ("", "") if reading == "neutral" else reading.split()[:2]
    for first, second in ("pq", "qp"):
        yield f"{row_id}-{first}{second}", stance if holder == first else "neutral"


def told(row: Row, share: float) -> tuple[float, ...]:
    """What a row says of each of LABELS: all for its label, or `share` of it for its reading."""
    if row.reading is None:
        share = 0.0
    return tuple((1 - share) * (label == row.label) + share * (label == row.reading) for label in LABELS)


def with_readings(rows: Sequence[Row], readings: dict[str, str]) -> list[Row]:
    """The rows, each with its reading where there is one."""
    return [replace(row, reading=readings.get(row.row_id)) for row in rows]
