"""The recipes of docs/recipes.md, taken from the page and run as they stand."""

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.record import rows_to_table, to_row
from tests.conftest import dateline
from tests.sample_dataset import SAMPLE, with_column, write_part, write_sample

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
RECIPES = dict(re.findall(r"^```python recipe=(\S+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S))
DAY = dt.date(2019, 1, 11)
MADURO = "Nicolás Maduro"
PAIRS = {("Cuba", MADURO, "favor"), (None, MADURO, "against"), ("Lima Group", MADURO, "against")}


def check_counts(result: Any) -> None:
    assert result == [("NA", dt.date(2019, 1, 10), 1), ("NO", dt.date(2019, 1, 10), 1), ("VE", dt.date(2019, 1, 10), 1),
                      ("VE", DAY, 1), ("VE", dt.date(2019, 2, 3), 1)]


def check_evidence(result: Any) -> None:
    assert {row[:3] for row in result} == PAIRS
    shown = {"Cuba praised Maduro.", "Reckless Maduro!", "The Lima Group condemned Maduro."}
    assert {row[3] for row in result} == shown


def check_headlines(result: Any) -> None:
    assert sorted((row["date"], row["headline"]) for row in result)[:2] == [(DAY, "Headline 2"), (DAY, "Headline 3")]
    assert len(result) == 3


def check_undated(result: Any) -> None:
    assert result == 2


def check_pandas(result: Any) -> None:
    assert result == 3


def check_stances(result: Any) -> None:
    assert {row[2:5] for row in result} == PAIRS
    assert {row[1] for row in result} == {DAY}


CHECKS: dict[str, Callable[[Any], None]] = {
    "duckdb": check_counts,
    "duckdb-stances": check_evidence,
    "pyarrow": check_headlines,
    "pyarrow-schema": check_undated,
    "pandas": check_pandas,
    "polars": check_stances,
    "polars-schema": check_undated,
    "spark": check_stances,
}


def test_the_plan_on_the_page_is_the_plan_there_is(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    question = " ".join(re.findall(r'dateline query "(EXPLAIN[^"]*)"', page)[0].split())
    shown = dateline("query", question, "--data", write_sample(tmp_path / "out")).stdout
    plan = [line.strip(" │") for line in re.findall(r"^  │(.*)│$", page, re.M)]
    assert plan[-1].startswith("Scanning Files: 1/")
    assert all(line in shown for line in [*plan[:-1], "Scanning Files: 1/7"])


def test_every_recipe_on_the_page_is_checked() -> None:
    assert set(RECIPES) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("mixed", [False, True], ids=["one schema", "old and new files"])
def test_recipe(name: str, mixed: bool, tmp_path: Path) -> None:
    if name == "spark":
        pytest.importorskip("pyspark", reason="the Spark recipe needs `pip install pyspark`")
        if shutil.which("java") is None:
            pytest.skip("the Spark recipe needs Java 17")
    root = write_sample(tmp_path / "out")
    if mixed:
        table = with_column(rows_to_table([to_row(SAMPLE[3])]), "topic", "weather")
        write_part(root, SAMPLE[3].partition, table)
        write_part(root, SAMPLE[4].partition, rows_to_table([to_row(SAMPLE[4])]).drop_columns(["date_evidence"]))
    scope: dict[str, Any] = {"DATASET": str(root)}
    exec(compile(RECIPES[name], f"{PAGE.name}:{name}", "exec"), scope)
    CHECKS[name](scope["result"])
