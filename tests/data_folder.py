"""Where the collected news lies that some tests read: it is not part of the project, so they skip without it."""

import gzip
import json
import os
from pathlib import Path

import pytest

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


def find_data(name: str) -> Path:
    """The file or folder `name` in DATELINE_DATA, or beside the checkout; skips the test where there is none."""
    path = Path(os.environ.get("DATELINE_DATA", _BESIDE_CHECKOUT)) / name
    if not path.exists():
        pytest.skip(f"needs {name} of the collected news: set DATELINE_DATA to its folder")
    return path


def read_rows(path: Path) -> list[dict]:
    """The rows of a (gzipped) JSON Lines file."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]
