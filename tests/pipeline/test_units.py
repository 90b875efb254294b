"""Cutting inputs into work units."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.units import Unit, cut_units, fingerprint
from schemas.article import Document
from transforms.inputs import list_inputs

MEGABYTE = 1_000_000


def write_lines(path: Path, count: int, *, characters: int = 40) -> Path:
    lines = [json.dumps({"title": f"Story {number}", "text": "x" * characters}) for number in range(count)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def cut(*paths: Path, articles: int = 10, size: int = MEGABYTE, salt: str = "") -> list[Unit]:
    return list(cut_units(list_inputs([str(path) for path in paths]), salt=salt, articles=articles, size=size))


def test_small_files_are_packed_together_and_a_large_one_is_cut(tmp_path: Path) -> None:
    small = [write_lines(tmp_path / f"a{number}.jsonl", 3) for number in range(4)]
    units = cut(*small, write_lines(tmp_path / "b.jsonl", 25))
    assert [unit.articles for unit in units] == [9, 10, 10, 8]
    assert [len(unit.finished) for unit in units] == [3, 0, 0, 2]


@settings(max_examples=30, deadline=None)
@given(
    counts=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    articles=st.integers(1, 12),
    size=st.integers(60, 2000),
)
def test_every_article_is_in_one_unit_and_every_input_is_finished_once(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], articles: int, size: int
) -> None:
    folder = tmp_path_factory.mktemp("inputs")
    paths = [write_lines(folder / f"{number}.jsonl", count) for number, count in enumerate(counts)]
    units = cut(*paths, articles=articles, size=size)
    found = [document.source_uri for unit in units for document in unit.documents]
    assert len(found) == len(set(found)) == sum(counts)
    assert all(1 <= unit.articles <= articles for unit in units)
    assert all(sum(len(item.payload) for item in unit.documents) <= size or unit.articles == 1 for unit in units)
    assert sorted(file.uri for unit in units for file in unit.finished) == sorted(map(str, paths))
    assert sum(unit.bytes_read for unit in units) == sum(path.stat().st_size for path in paths)


def test_a_large_file_is_cut_at_the_same_places_whatever_lies_beside_it(tmp_path: Path) -> None:
    large = write_lines(tmp_path / "large.jsonl", 25)
    alone = [unit.unit_id for unit in cut(large)]
    beside = [unit.unit_id for unit in cut(write_lines(tmp_path / "a.jsonl", 4), large)]
    assert set(alone[:2]) <= set(beside)


def test_the_first_unit_is_small_so_that_records_come_at_once(tmp_path: Path) -> None:
    files = [write_lines(tmp_path / f"{number:03}.jsonl", 1) for number in range(200)]
    assert [unit.articles for unit in cut(*files, articles=250)] == [25, 50, 100, 25]


def test_what_cannot_be_read_is_in_the_unit_as_a_dead_letter(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    (unit,) = cut(empty, write_lines(tmp_path / "good.jsonl", 2))
    assert (len(unit.documents), len(unit.dead_letters), unit.articles) == (2, 1, 3)
    assert all(isinstance(document, Document) for document in unit.documents)
    assert len(unit.finished) == 2


def test_an_input_is_known_by_its_path_its_content_and_how_it_is_worked_on(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", 1)
    other = write_lines(tmp_path / "b.jsonl", 1)
    stat = path.stat()
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the same size and time: still another file
    first, second = list_inputs([str(tmp_path)])
    marks = {fingerprint(first, ""), fingerprint(second, ""), fingerprint(first, "other model")}
    write_lines(path, 2)
    marks.add(fingerprint(list_inputs([str(path)])[0], ""))
    assert len(marks) == 4
