"""JSON Lines files, gzip or plain: how every data set of `training/` is stored."""

import gzip
import json
import pathlib
from collections.abc import Iterator
from typing import Any


def read_jsonl(file: pathlib.Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, gzip where its name ends in .gz."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
