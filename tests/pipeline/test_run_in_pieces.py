"""The same articles, brought by the command in other pieces and orders, are the same dataset, story by story."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import contents, dateline

TEXT = (
    "CARACAS, Jan. 11 (Reuters) - The Lima Group rejected the new term of President Nicolás Maduro on Friday. Canada "
    "and Peru said that they would not recognise it, while Cuba praised Maduro. Foreign ministers are to meet again in "
    "Bogotá next month, and Brazil has asked the Organization of American States to join them there."
)
NAMES = ("oas", "storm", "strike", "vote", "harbour", "bridge", "school")


def wire(number: int, name: str) -> list[dict[str, str]]:
    """An article, a copy of the story that all of them share, and a correction of the article's own address."""
    own = TEXT.replace("Bogotá", name).replace("Peru", "Norway") + f" The {name} was the talk of day {number} there."
    day = f"2019-01-{11 + number % 2}"
    longer = own + " More of it." * number
    return [
        {"url": f"https://wire.example/{name}", "title": f"About the {name}", "body": own, "date": day},
        {"url": f"https://copy{number}.example/x", "title": "Lima Group", "body": TEXT, "date": f"{day}T0{number}:00Z"},
        {"url": "https://wire.example/shared", "title": "Shared", "body": longer, "date": "2019-01-12"},
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("in")
    for number, name in enumerate(NAMES):
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in wire(number, name)))
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def whole(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("whole") / "out"
    assert dateline("run", *files, root).exit_code == 0
    found = [row for path in root.glob("articles/*/*/*.parquet") for row in pq.ParquetFile(path).read().to_pylist()]
    assert len(found) == 2 * len(NAMES) + 1  # the shared address is one row
    assert sum(row["duplicate_of"] is not None for row in found) >= len(NAMES) - 1
    return contents(root)


@pytest.mark.parametrize("halves", [slice(None), slice(None, None, -1)], ids=["in order", "in the other order"])
def test_two_halves_are_the_whole(files: list[Path], whole: dict[str, str], tmp_path: Path, halves: slice) -> None:
    for half in [files[:3], files[3:]][halves]:
        assert dateline("run", *half, tmp_path / "out").exit_code == 0
    assert contents(tmp_path / "out") == whole
    assert dateline("check", tmp_path / "out").exit_code == 0


def test_seven_units_are_the_whole(files: list[Path], whole: dict[str, str], tmp_path: Path) -> None:
    finished = dateline("run", *reversed(files), tmp_path / "out", "--unit-articles", "3", "--run-id", "seven")
    assert finished.exit_code == 0
    assert len(json.loads((tmp_path / "out/_runs/seven.json").read_text())["units"]) == 7
    assert contents(tmp_path / "out") == whole
