"""How a dataset grows: many small records in many runs, what each run's merge takes, and what asking it takes after.

    python -m benchmarks.growth TEXT... [--articles 1000000] [--runs 20] [--unit 1000] [--json FILE]

TEXT are files with real articles; from their sentences short synthetic ones are made over 40 countries, with made-up
entities and stances (see benchmarks.query), so no model is needed. Each run brings a day of its own and 2% late
articles of the days before, in units that are staged and committed one after the other as `dateline run` does. Before
that, 5,000 articles go into 300 partitions. At the end the dataset is checked, row by row. Seconds are those of the
processor, but for questions, whose ratios count.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from benchmarks.query import CODES, Measured, invent, measure
from benchmarks.steps import batches, stage_plainly
from benchmarks.synthetic import FIRST_DAY, add_text_argument, make_articles, read_bodies
from pipeline.check import check_dataset
from pipeline.dataset import Dataset
from pipeline.index import INDEX
from schemas.article import Article

SENTENCES = 3
LATE = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """One run: processor seconds of staging and of merging, and what the dataset is after it, its index apart."""

    articles: int
    stage_seconds: float
    merge_seconds: float
    files: int
    megabytes: float
    index_megabytes: float


def short_articles(bodies: list[list[str]], count: int, days: int) -> Iterator[Article]:
    """Short articles, one day after the other; some come late."""
    codes = CODES.split()
    for number, row in enumerate(make_articles(bodies, count, sentences=SENTENCES, days=days, day_by_day=True)):
        chance = random.Random(number)
        article = invent(row, chance.choice(codes))
        late = chance.random() < LATE and article.date and article.date > FIRST_DAY
        past = (article.date - FIRST_DAY).days if article.date else 0
        yield replace(article, date=FIRST_DAY + timedelta(chance.randrange(past))) if late else article


def bring(root: Path, articles: Iterable[Article], unit: int, run_id: str) -> Run:
    """Bring articles into the dataset, `unit` at a time."""
    count, stage_seconds, merge_seconds = 0, 0.0, 0.0
    with Dataset(str(root)) as dataset, dataset.lock():
        for number, batch in enumerate(batches(articles, unit)):
            folder = dataset.staging(f"{run_id}-{number}")
            began = time.process_time()
            stage_plainly(batch, Path(folder))
            staged = time.process_time()
            dataset.commit(f"{run_id}-{number}", run_id=run_id)
            merge_seconds += time.process_time() - staged
            stage_seconds += staged - began
            count += len(batch)
    sizes = [path.stat().st_size for path in root.glob("articles/*/*/*.parquet")]
    index = (root / INDEX).stat().st_size
    return Run(count, stage_seconds, merge_seconds, len(sizes), sum(sizes) / 1e6, index / 1e6)


def partition_once(bodies: list[list[str]], folder: Path) -> Iterator[tuple[int, Run]]:
    """5,000 articles into 300 partitions: in one unit, and in units of 250."""
    rows = make_articles(bodies, 5000, sentences=SENTENCES, days=30)
    codes = CODES.split()[:10]
    articles = [invent(row, codes[number // 30 % 10]) for number, row in enumerate(rows)]
    for unit in (5000, 250):
        yield unit, bring(folder / f"unit-{unit}", articles, unit, "run")


def grow(root: Path, bodies: list[list[str]], count: int, runs: int, unit: int) -> Iterator[Run]:
    """Every run, as it ends."""
    articles = short_articles(bodies, count, runs)
    for number in range(runs):
        share = count * (number + 1) // runs - count * number // runs
        yield bring(root, islice(articles, share), unit, f"run-{number}")


def check(root: Path) -> float:
    """Seconds of reading and checking the whole dataset."""
    began = time.process_time()
    if problems := check_dataset(str(root)):
        raise SystemExit(f"the dataset is wrong: {problems[0]}")
    return time.process_time() - began


def print_run(name: str, run: Run) -> None:
    """One line a run."""
    print(f"{name:16} {run.articles:9,} articles: stage {run.stage_seconds:7.1f} s, merge {run.merge_seconds:7.1f} s; "
          f"{run.files:,} files, {run.megabytes:,.1f} MB, index {run.index_megabytes:,.1f} MB", flush=True)  # fmt: skip


def print_question(row: Measured) -> None:
    """One line a question."""
    print(f"{row.question:16} one country-day {row.one_seconds * 1e3:8.1f} ms ({row.one_files} file)   all "
          f"{row.all_seconds * 1e3:8.1f} ms ({row.all_files} files)   ratio {row.all_seconds / row.one_seconds:.1f}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--unit", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    bodies = read_bodies(options.text)
    with tempfile.TemporaryDirectory() as folder:
        once: dict[int, Run] = {}
        for unit, run in partition_once(bodies, Path(folder)):
            once[unit] = run
            print_run(f"units of {unit}", run)
        root, runs = Path(folder) / "out", []
        for run in grow(root, bodies, options.articles, options.runs, options.unit):
            runs.append(run)
            print_run(f"run {len(runs)}", run)
        check_seconds, questions = check(root), measure(root)
    print(f"checked in {check_seconds:.1f} s")
    for row in questions:
        print_question(row)
    if options.json:
        figures = {"partitioned": {unit: asdict(run) for unit, run in once.items()}, "check_seconds": check_seconds}
        figures |= {"runs": [asdict(run) for run in runs], "questions": [asdict(row) for row in questions]}
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
