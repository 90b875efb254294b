"""What the sink costs: staging and merging records, new, again, and late ones, against a plain Parquet writer.

    python -m benchmarks.sink TEXT... [--articles 20000] [--unit 250] [--json FILE]

TEXT are files with real articles; from them synthetic ones are made over 40 countries and 30 days, with made-up
entities and stances (see benchmarks.query), so no model is needed, and none are held: the peak is the sink's. The plain
writer is `pyarrow.dataset.write_dataset` over the same rows: it merges nothing, finds no duplicates and leaves a file a
unit and partition. Seconds are those of the processor, which other work on the machine does not lengthen.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pyarrow.dataset as ds

from benchmarks.query import CODES, invent
from benchmarks.steps import batches, stage_plainly
from benchmarks.synthetic import add_text_argument, make_articles, read_bodies
from pipeline.dataset import Dataset
from schemas.article import Article
from schemas.record import PARTITION_SCHEMA
from transforms.staged import stage_articles


def invent_articles(bodies: list[list[str]], count: int) -> Iterator[Article]:
    """Synthetic articles with entities and stances, of 40 countries; the same ones every time."""
    codes = CODES.split()
    for number, row in enumerate(make_articles(bodies, count)):
        yield invent(row, random.Random(number).choice(codes))


def merge_units(root: Path, articles: Iterable[Article], unit: int, name: str) -> dict[str, float]:
    """Seconds of the processor for staging and for committing the articles, `unit` at a time."""
    seconds = {"stage": 0.0, "commit": 0.0}
    with Dataset(str(root)) as dataset, dataset.lock():
        for number, batch in enumerate(batches(articles, unit)):
            folder = dataset.staging(f"{name}-{number}")
            began = time.process_time()
            stage_plainly(batch, Path(folder))
            staged = time.process_time()
            dataset.commit(f"{name}-{number}", run_id=name)
            seconds["stage"] += staged - began
            seconds["commit"] += time.process_time() - staged
    return seconds


def write_plainly(root: Path, articles: Iterable[Article], unit: int) -> float:
    """Seconds of the processor of pyarrow's own partitioned writer over the same rows."""
    seconds = 0.0
    partitioning = ds.partitioning(PARTITION_SCHEMA, flavor="hive")
    for number, batch in enumerate(batches(articles, unit)):
        began = time.process_time()
        ds.write_dataset(
            stage_articles(batch), root, format="parquet", partitioning=partitioning,
            basename_template=f"unit-{number}-{{i}}.parquet", existing_data_behavior="overwrite_or_ignore",
        )  # fmt: skip
        seconds += time.process_time() - began
    return seconds


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--unit", type=int, default=250)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    bodies, step = read_bodies(options.text), max(1, options.articles // options.unit)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "out"
        articles = partial(invent_articles, bodies, options.articles)
        late = [article for number, article in enumerate(articles()) if number % step == 0]
        rest = (article for number, article in enumerate(articles()) if number % step)
        figures = {"new": merge_units(root, rest, options.unit, "new")}
        figures["late"] = merge_units(root, late, options.unit, "late")
        figures["again"] = merge_units(root, articles(), options.unit, "again")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        size = sum(path.stat().st_size for path in root.glob("articles/*/*/*.parquet"))
        plain = write_plainly(Path(folder) / "plain", articles(), options.unit)
        plain_files = len(list((Path(folder) / "plain").glob("*/*/*.parquet")))
        files = len(list(root.glob("articles/*/*/*.parquet")))
    counts = {"new": options.articles - len(late), "late": len(late), "again": options.articles}
    for name, seconds in figures.items():
        each = {part: 1000 * value / counts[name] for part, value in seconds.items()}
        told = f"stage {each['stage']:.2f} ms, commit {each['commit']:.2f} ms an article"
        print(f"{name:6} {counts[name]:7,} articles: {told}")
    total = sum(figures["new"].values()) / counts["new"] * options.articles
    print(f"{files:,} files, {size / 1e6:.1f} MB; plain writer {1000 * plain / options.articles:.2f} ms an article, "
          f"{plain_files:,} files; ratio {total / plain:.2f}")  # fmt: skip
    print(f"peak memory of the sink {peak / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}")
    if options.json:
        written = {"seconds": figures, "articles": counts, "plain_seconds": plain, "peak": peak}
        options.json.write_text(json.dumps(written | {"files": files, "plain_files": plain_files}, indent=1))


if __name__ == "__main__":
    main()
