"""docs/storage.md: its commands are commands, and the words to look for are words that Dateline says."""

import re
from pathlib import Path

from tests.conftest import dateline

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "storage.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "pipeline").glob("*.py")))
OUTSIDE = ("No space left on device", "database or disk is full", "Read-only file system", "Permission denied")


def test_every_command_and_option_on_the_page_exists() -> None:
    commands = re.findall(r"`dateline ([a-z]+)([^`]*)`", PAGE)
    assert {command for command, _ in commands} >= {"check", "rebuild"}
    for command, rest in commands:
        page = dateline(command, "--help").stdout
        assert "Usage" in page
        assert all(option in page for option in re.findall(r"--[a-z-]+", rest))


def test_the_words_to_look_for_are_said() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    words = [word for row in rows for word in re.findall(r"`([^`]+)`", row) if word not in OUTSIDE]
    assert len(words) >= 6
    for word in words:
        for piece in re.split(r"…|\bN\b|\bM\b", word):
            assert piece.strip() in SOURCES, word
