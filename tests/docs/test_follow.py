"""docs/follow.md: its commands, options and metrics are there. Its code runs in tests/pipeline/test_windows.py."""

import re
from pathlib import Path

from prometheus_client import generate_latest

from pipeline.metrics import Metrics
from pipeline.status import FollowStatus
from tests.conftest import dateline

PAGE = (Path(__file__).parents[2] / "docs" / "follow.md").read_text(encoding="utf-8")


def test_every_command_and_option_on_the_page_exists() -> None:
    commands = set(re.findall(r"\bdateline ([a-z]+)\b", PAGE)) - {"cd"}
    assert commands == {"follow", "run", "status", "tables"}
    known = " ".join(dateline(name, "--help").stdout for name in commands)
    lines = [line for line in PAGE.splitlines() if "docker" not in line and "jq" not in line]
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join(lines)))
    assert options >= {"--every", "--feeds", "--settle", "--kafka-config"}
    assert not {option for option in options if option not in known}


def test_every_metric_on_the_page_exists_and_no_other() -> None:
    metrics = generate_latest(Metrics(FollowStatus(("in",))).registry).decode()
    there = {name for name in re.findall(r"^# TYPE (dateline_\w+)", metrics, re.M) if not name.endswith("_created")}
    assert set(re.findall(r"`(dateline_\w+)", PAGE)) == there
