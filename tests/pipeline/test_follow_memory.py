"""The soak in short: what a unit leaves behind when it is over. DATELINE_SOAK=500 makes it long, and so does
benchmarks/follow_soak.py, over time and in a process of its own.
"""

import gc
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.follow_news import drop
from benchmarks.follow_soak import resident_megabytes, soak
from pipeline.status import FollowStatus
from tests.pipeline.following import follow_until, options
from transforms import classify, recognize

WARM_UNITS, UNITS = 8, int(os.environ.get("DATELINE_SOAK", "24"))
OBJECTS_A_UNIT = 50  # 5 were measured; one pipeline of Beam's makes tens of thousands
MEGABYTES = 30.0


def test_units_leave_nothing_in_memory_and_share_the_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    for module, loader in ((recognize, "load_ner_model"), (classify, "load_stance_model")):
        monkeypatch.setattr(module, loader, counting(getattr(module, loader), loaded))
    drop(tmp_path / "in", UNITS, 0, articles_a_day=5)
    samples: dict[int, tuple[int, float]] = {}

    def enough(status: FollowStatus) -> bool:
        if status.units in (WARM_UNITS, UNITS) and status.units not in samples:
            gc.collect()
            samples[status.units] = (len(gc.get_objects()), resident_megabytes("self"))
        return status.units >= UNITS

    logging.disable(logging.CRITICAL)  # or pytest keeps what Beam says of every pipeline
    try:
        follow_until(options(tmp_path / "in", output=tmp_path / "out", max_articles=1), enough)
    finally:
        logging.disable(logging.NOTSET)
    (objects, megabytes), (more_objects, more_megabytes) = samples[WARM_UNITS], samples[UNITS]
    print(f"{(more_objects - objects) / (UNITS - WARM_UNITS):.1f} objects a unit, {more_megabytes - megabytes:.1f} MB")
    assert more_objects - objects < OBJECTS_A_UNIT * (UNITS - WARM_UNITS)
    assert more_megabytes - megabytes < MEGABYTES
    assert len(loaded) == len(set(loaded))  # each once, or not at all where another test holds it


def counting(load: Callable[[str | None], Any], loaded: list[str]) -> Callable[[str | None], Any]:
    """The loader, which notes that it was asked."""

    def noting(name: str | None) -> Any:
        loaded.append(load.__name__)
        return load(name)

    return noting


def test_the_long_form_measures_latency_and_memory(tmp_path: Path) -> None:
    found = soak(tmp_path, rate=8, seconds=2, every="0.2s", articles_a_day=5)
    assert found.articles == 16
    assert 0 < found.latency_median <= found.latency_p95 <= found.latency_max
    assert len(found.memory_fifths) == 5
