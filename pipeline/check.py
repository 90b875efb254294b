"""Check: is a dataset what it should be? Every file is read; each problem says what is wrong and what to run.

A reader's access is enough. Rows are compared with the index by a hash over all their columns and their partition, so
a row that was changed, lost, doubled or put into another folder is found, wherever it is.
"""

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.dataset import RUNS, Dataset
from pipeline.files import Files, files_at
from pipeline.index import INDEX, Index
from pipeline.parts import (
    ARTICLES,
    DEAD_LETTERS,
    dead_letter_path,
    part_path,
    partition_of,
    read_part,
    sort_records,
    with_partition,
)
from schemas.errors import DatasetError
from schemas.record import DEAD_LETTER_SCHEMA, RECORD_SCHEMA
from transforms.staged import row_hashes

REBUILD = "dateline rebuild OUT"
RUN_AGAIN = "dateline run INPUT OUT"
OUTCOMES = ("new", "merged", "corrected", "moved", "unchanged", "dead_letters")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a dataset, and the way out."""

    path: str
    what: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}. {self.way_out}"


def run_check(root: str) -> int:
    """Check a dataset and print what is wrong; the exit code is 0 when nothing is, 1 otherwise."""
    files = files_at(root)
    if not files.exists(INDEX) and not files.walk(ARTICLES):
        raise DatasetError(f"there is no dataset at {root}: it has neither articles nor an index")
    writable = "://" not in root and os.access(root, os.W_OK)
    with Dataset(root) as dataset, dataset.lock() if writable else nullcontext():
        articles = dataset.index.count()
        problems = check_dataset(root)
    for problem in problems:
        print(problem)
    print(f"{root}: {len(problems)} problems" if problems else f"{root}: {articles} articles, nothing wrong")
    return 1 if problems else 0


def check_dataset(root: str) -> list[Problem]:
    """Everything that is wrong with a dataset that nobody writes at the moment."""
    files = files_at(root)
    try:
        if not files.exists(INDEX):
            return [Problem(INDEX, "there is no index", f"Run `{REBUILD}`.")]
        index = Index(files.open_index(INDEX), read_only=True)
    except (DatasetError, sqlite3.DatabaseError) as error:
        return [Problem(INDEX, f"the index cannot be read ({error})", f"Run `{REBUILD}`.")]
    try:
        return [*_check_index(index), *_check_records(files, index), *_check_dead_letters(files, index),
                *_check_manifests(files, index)]
    except sqlite3.DatabaseError as error:
        return [Problem(INDEX, f"the index is damaged ({error})", f"Run `{REBUILD}`.")]
    finally:
        index.close()


def _check_index(index: Index) -> Iterator[Problem]:
    if (found := index.connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        yield Problem(INDEX, f"the index is damaged ({found})", f"Run `{REBUILD}`.")
    if steps := index.pending():
        yield Problem(INDEX, f"a commit was cut off with {len(steps)} file steps to do", f"Run `{RUN_AGAIN}`.")
    query = """SELECT count(*) FROM articles AS article WHERE duplicate_of IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM articles WHERE article_id = article.duplicate_of)"""
    if lost := index.connection.execute(query).fetchone()[0]:
        yield Problem(INDEX, f"{lost} articles are duplicates of one that is not there", f"Run `{REBUILD}`.")


def _check_records(files: Files, index: Index) -> Iterator[Problem]:
    part_files = int(index.about()["part_files"])
    present, known = files.walk(ARTICLES), index.files()
    for path in sorted({path for path in known if path.startswith(f"{ARTICLES}/")} | set(index.paths()) - set(present)):
        if path not in present:
            yield Problem(path, "the file is gone, the index knows its rows", _restore())
    for path in present:
        try:
            country, day = partition_of(path)
        except ValueError:
            yield Problem(path, "this is no part file", f"Move it out of the dataset, or run `{REBUILD}`, which does.")
            continue
        try:
            records = read_part(files, path, RECORD_SCHEMA)
        except (DatasetError, pa.ArrowException) as error:
            yield Problem(path, f"the file cannot be read ({error})", _restore())
            continue
        yield from _check_part(index, path, records, part_files)
        yield from _compare_rows(index, path, with_partition(records, country, day))


def _check_part(index: Index, path: str, records: pa.Table, part_files: int) -> Iterator[Problem]:
    country, day = partition_of(path)
    ids = records["article_id"].to_pylist()
    if twice := [article_id for article_id, times in Counter(ids).items() if times > 1]:
        yield Problem(path, f"{len(twice)} articles are in it twice, {twice[0]} first", f"Run `{REBUILD}`.")
    if any(part_path(country, day, article_id, part_files) != path for article_id in ids):
        yield Problem(path, "it holds articles of another part file", f"Run `{REBUILD}`.")
    if sort_records(records)["article_id"].to_pylist() != ids:
        yield Problem(path, "its rows are out of order", f"Run `{REBUILD}`.")
    stories = index.stories_in(path)
    columns = zip(ids, records["story_id"].to_pylist(), records["duplicate_of"].to_pylist(), strict=True)
    if any(stories.get(article_id, (story, original)) != (story, original) for article_id, story, original in columns):
        yield Problem(path, "story columns differ from the index", f"Run `{REBUILD}`.")


def _compare_rows(index: Index, path: str, records: pa.Table) -> Iterator[Problem]:
    known = index.hashes_in(path)
    found = dict(zip(records["article_id"].to_pylist(), row_hashes(records), strict=True))
    for article_id in found.keys() - known.keys():
        elsewhere = index.entries([article_id]).get(article_id)
        where = f"the index has it in {elsewhere.path}" if elsewhere else "the index does not know it"
        yield Problem(path, f"article {article_id}: {where}", f"Run `{REBUILD}`.")
    if lost := known.keys() - found.keys():
        yield Problem(path, f"{len(lost)} articles of the index are not in it, {min(lost)} first", _restore())
    if changed := [article_id for article_id in found if known.get(article_id, found[article_id]) != found[article_id]]:
        yield Problem(path, f"{len(changed)} rows were changed by another program, {changed[0]} first", _restore())


def _restore() -> str:
    return f"Run `{REBUILD}` and then `{RUN_AGAIN}` over the same inputs to get the rows back."


def _check_dead_letters(files: Files, index: Index) -> Iterator[Problem]:
    known = dict(index.connection.execute("SELECT source_uri, path FROM dead_letters"))
    for path in files.walk(DEAD_LETTERS):
        try:
            sources = set(read_part(files, path, DEAD_LETTER_SCHEMA)["source_uri"].to_pylist())
        except DatasetError as error:
            yield Problem(path, f"the file cannot be read ({error})", _restore())
            continue
        if any(known.get(source) != path or dead_letter_path(source) != path for source in sources):
            yield Problem(path, "it holds dead letters that the index does not have here", f"Run `{REBUILD}`.")
        known = {source: place for source, place in known.items() if source not in sources}
    if known:
        yield Problem(DEAD_LETTERS, f"{len(known)} dead letters of the index are gone", _restore())


def _check_manifests(files: Files, index: Index) -> Iterator[Problem]:
    counted: dict[str, Counter[str]] = {}
    for _, run_id, counts in index.commits():
        total = counted.setdefault(run_id, Counter())
        total.update({name: counts.get(name, 0) for name in OUTCOMES})
    total_new = sum(total["new"] for total in counted.values())
    if total_new != index.count():
        yield Problem(INDEX, f"{index.count()} articles are there, {total_new} were committed", f"Run `{REBUILD}`.")
    for path in files.walk(RUNS):
        try:
            manifest = json.loads(files.read(path))
        except ValueError:
            yield Problem(path, "the run manifest cannot be read", "Remove it: it is a report, nothing depends on it.")
            continue
        run_id = path.removeprefix(f"{RUNS}/").removesuffix(".json")
        yield from _check_counts(path, manifest.get("counts"), counted.get(run_id))


def _check_counts(path: str, counts: Any, committed: Counter[str] | None) -> Iterator[Problem]:
    if not isinstance(counts, dict):
        return
    way_out = "The dataset itself is as the index says; keep the manifest for a bug report."
    shared = [name for name in OUTCOMES if name in counts]
    if "read" in counts and len(shared) == len(OUTCOMES) and counts["read"] != sum(counts[name] for name in shared):
        yield Problem(path, f"its counts do not add up to the {counts['read']} articles read", way_out)
    # fewer are those of a run that was tried again under its id and killed before it could write them
    if committed and any(counts[name] > committed[name] for name in shared):
        yield Problem(path, "its counts are not those of the commits of this run", way_out)
