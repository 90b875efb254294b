"""The README: its code runs as it stands, and its commands are commands."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FinishedRun, dateline

PAGE = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
READERS = dict(re.findall(r"^```python reader=(\S+)\n(.*?)^```$", PAGE, re.M | re.S))
COMMANDS = re.findall(r"^\$ dateline (\w+)(.*?)(?:#.*)?$", PAGE, re.M)
OPTIONS = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))


@pytest.mark.parametrize("name", ["duckdb", "pandas", "polars"])
def test_a_snippet_reads_a_real_dataset(name: str, examples_run: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(examples_run.root.parent)
    scope: dict[str, Any] = {}
    exec(compile(READERS[name], f"README:{name}", "exec"), scope)
    if "frame" in scope:
        assert len(scope["frame"]) == 31
        assert set(scope["frame"]["country"]) >= {"VE", "NO"}


def test_every_command_and_option_on_the_page_exists() -> None:
    assert len(COMMANDS) >= 4
    known = " ".join(dateline(name, "--help").stdout for name in {command for command, _ in COMMANDS})
    questions = dateline("query", "who-is-against", "--list").stdout
    missing = {option for option in OPTIONS if option not in known and option.removeprefix("--") not in questions}
    assert not missing
