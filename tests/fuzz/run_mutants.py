"""Feed mutants of the example articles to `dateline run`, and see that each becomes a record or a dead letter.

    python -m tests.fuzz.run_mutants [SEEDS] --count 10000 [--first 0] [--seed 0] [--keep FOLDER] [--json FILE]

SEEDS is a folder of articles in every format (default: examples/articles). Mutants go through the command line in
batches, in a process of their own with the models loaded once. A batch that crashes, hangs or fails is run again file
by file to find the culprit; so is one that took longer than an article may. Findings are kept in FOLDER. Exit code 1
when there is one. What an article takes is seconds of the processor, which other work on the machine does not lengthen.
`--ner-model` and `--stance-model` take other models than the bundled ones, such as smaller ones.
"""

import argparse
import contextlib
import io
import json
import logging
import multiprocessing as mp
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from tests.fuzz.mutate import Sample, make_mutants, read_seeds

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles"
ARTICLE_SECONDS = 30  # of the processor; an article that takes longer hangs
BATCH_SECONDS = 1200  # by the clock, however busy the machine is
ACCEPTED_EXITS = (0, 3)  # 3: too many dead letters, which is what a folder of mutants is


@dataclass
class Findings:
    """What the run has seen; `bad` are the names of inputs and what is wrong with them."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bad: dict[str, str] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")
    peak_bytes: int = 0
    cpu_seconds: float = 0.0


class Child:
    """A process that runs `dateline` commands one after the other with its models loaded; a new one after a crash."""

    def __init__(self, models: list[str]) -> None:
        self.models = models
        self._context = mp.get_context("spawn")
        self._start()

    def run(self, arguments: list[str], seconds: float) -> tuple[int, str, int, float] | None:
        """Exit code, what stderr said, peak memory in bytes, processor seconds; None: it died or took too long."""
        self._pipe.send(arguments)
        try:
            if self._pipe.poll(seconds):
                answer: tuple[int, str, int, float] = self._pipe.recv()
                return answer
        except (EOFError, ConnectionError):
            pass
        self.stop()
        self._start()
        return None

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(theirs, self.models), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(120) or self._pipe.recv() != "ready":
            raise RuntimeError("the process that runs dateline did not start")


def serve(pipe: Connection, names: list[str]) -> None:
    """What the child does."""
    from pipeline.cli import main
    from pipeline.driver import load_models
    from pipeline.options import StepOptions

    logging.disable(logging.CRITICAL)
    models = load_models(StepOptions(ner_model=names[1] or None, stance_model=names[3] or None))
    pipe.send("ready")
    while models:
        arguments, errors, began = pipe.recv(), io.StringIO(), time.process_time()
        code: Any = 0
        try:
            with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
                main(arguments)
        except SystemExit as end:
            code = end.code or 0
        except BaseException as error:
            code, errors = 99, io.StringIO(f"{type(error).__name__}: {error}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        pipe.send((int(code), errors.getvalue(), peak, time.process_time() - began))


def batched_options(options: list[str]) -> list[tuple[str, str]]:
    """(option, value) pairs, but for those without a value."""
    return [pair for pair in zip(options[::2], options[1::2], strict=True) if pair[1]]


def run_folder(child: Child, folder: Path, findings: Findings, seconds: float) -> str:
    """Run one folder into a new dataset; adds up the counts, and returns what is wrong, if anything."""
    out = folder.with_name(f"{folder.name}-out")
    summary = folder.with_name(f"{folder.name}.json")
    shutil.rmtree(out, ignore_errors=True)
    models = [part for pair in batched_options(child.models) for part in pair]
    command = ["run", str(folder), str(out), "--quiet", "--summary-json", str(summary), *models]
    answer = child.run(command, seconds)
    if answer is None:
        return f"crashed, or took over {seconds:.0f} s"
    code, said, peak, cpu = answer
    findings.peak_bytes, findings.cpu_seconds = max(findings.peak_bytes, peak), findings.cpu_seconds + cpu
    if code not in ACCEPTED_EXITS:
        return f"exit code {code}: {said.strip()[:500]}"
    return check_dataset(out, folder, json.loads(summary.read_text(encoding="utf-8")), findings)


def check_dataset(out: Path, folder: Path, summary: dict[str, Any], findings: Findings) -> str:
    """Every input is accounted for, and every record holds what records must; what is wrong, if anything."""
    counts = summary["counts"]
    came_out = sum(counts[name] for name in ("new", "merged", "corrected", "unchanged", "moved", "dead_letters"))
    if came_out != counts["read"] or counts["read"] < len(list(folder.iterdir())):
        return f"the counts do not add up: {counts}"
    findings.counts.update({name: number for name, number in counts.items() if isinstance(number, int)})
    letters = str(out / "dead_letters" / "*.parquet")
    if list((out / "dead_letters").glob("*.parquet")):
        rows = duckdb.execute("SELECT step || '/' || reason, source_uri FROM read_parquet(?)", [letters]).fetchall()
        findings.reasons.update(reason for reason, _ in rows)
        for reason, uri in rows:
            if "unexpected" in reason:
                return f"{uri}: {reason}"
    return check_records(out)


def check_records(out: Path) -> str:
    """Offsets, countries, dates and scores of every record; what is wrong, if anything."""
    if not list(out.glob("articles/*/*/*.parquet")):
        return ""
    source = (
        f"read_parquet('{out}/articles/*/*/*.parquet', hive_partitioning = true,"
        " hive_types = {'country': VARCHAR, 'date': DATE})"
    )
    rows = duckdb.execute(
        f"SELECT source_uri, text, mentions, stances, entities, country, date FROM {source}"
    ).fetchall()
    for uri, text, mentions, stances, entities, country, day in rows:
        whole = all(
            text[m["start_char"] : m["end_char"]] == m["text"] and m["entity"] < len(entities) for m in mentions
        )
        within = all(0 <= s["evidence_start"] < s["evidence_end"] <= len(text) for s in stances)
        known = all(
            s["target"] < len(entities) and (s["holder"] is None or s["holder"] < len(entities)) for s in stances
        )
        placed = len(country) == 2 and country.isalpha() and (day is None or 1900 <= day.year <= 2027)
        if not (whole and within and known and placed):
            return f"{uri}: a record that cannot be ({whole=}, {within=}, {known=}, {placed=})"
    return ""


def run_batch(child: Child, samples: list[Sample], work: Path, findings: Findings) -> None:
    """One batch; where it goes wrong or is slow, each of its files alone."""
    folder = fill(work / "batch", samples)
    counted = Findings()
    wrong = run_folder(child, folder, counted, BATCH_SECONDS)
    findings.peak_bytes = max(findings.peak_bytes, counted.peak_bytes)
    findings.cpu_seconds += counted.cpu_seconds
    if not wrong and counted.cpu_seconds <= ARTICLE_SECONDS:
        findings.counts.update(counted.counts)
        findings.reasons.update(counted.reasons)
        return
    print(f"\nfile by file: {wrong or f'{counted.cpu_seconds:.0f} s'}", flush=True)
    before = len(findings.bad)
    for sample in samples:
        folder = fill(work / "single", [sample])
        before_it = findings.cpu_seconds
        alone = run_folder(child, folder, findings, BATCH_SECONDS)
        seconds = findings.cpu_seconds - before_it
        findings.slowest = max(findings.slowest, (seconds, sample.name))
        if alone or seconds > ARTICLE_SECONDS:
            findings.bad[sample.name] = alone or f"took {seconds:.0f} s"
    if wrong and len(findings.bad) == before:
        findings.bad[f"batch of {samples[0].name}"] = wrong


def fill(folder: Path, samples: list[Sample]) -> Path:
    """A folder with nothing but these files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for sample in samples:
        (folder / sample.name).write_bytes(sample.content)
    return folder


def batches(samples: Iterator[Sample], size: int) -> Iterator[list[Sample]]:
    """Samples by `size`."""
    while batch := list(islice(samples, size)):
        yield batch


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", type=Path, nargs="?", default=EXAMPLES)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="go on from this mutant")
    parser.add_argument("--ner-model", default="")
    parser.add_argument("--stance-model", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--keep", type=Path, help="where inputs go that went wrong")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    findings, began, done = Findings(), time.monotonic(), 0
    child = Child(["--ner-model", options.ner_model, "--stance-model", options.stance_model])
    mutants = islice(make_mutants(read_seeds(options.seeds), options.count, seed=options.seed), options.first, None)
    with tempfile.TemporaryDirectory() as work:
        for samples in batches(mutants, options.batch):
            known = set(findings.bad)
            run_batch(child, samples, Path(work), findings)
            done += len(samples)
            if options.json:  # after every batch, for a run of hours may be cut off
                figures = {"inputs": done, "first": options.first, "seconds": time.monotonic() - began}
                options.json.write_text(json.dumps(figures | vars(findings), indent=1))
            keep(options.keep, samples, {name: why for name, why in findings.bad.items() if name not in known})
            print(
                f"\r{done:,} of {options.count:,}: {dict(findings.counts)}, {len(findings.bad)} bad", end="", flush=True
            )
    child.stop()
    seconds = time.monotonic() - began
    print(f"\n{done:,} inputs in {seconds:.0f} s, {findings.cpu_seconds:.0f} s of the processor, "
          f"peak {findings.peak_bytes / 1e6:,.0f} MB, {len(findings.bad)} bad")  # fmt: skip
    for reason, number in findings.reasons.most_common():
        print(f"  {number:6,} {reason}")
    sys.exit(1 if findings.bad else 0)


def keep(folder: Path | None, samples: list[Sample], bad: dict[str, str]) -> None:
    """Say what went wrong, and keep the inputs."""
    for name, why in bad.items():
        print(f"\n{name}: {why}", flush=True)
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for sample in samples:
                if sample.name == name or name.startswith("batch"):
                    (folder / sample.name).write_bytes(sample.content)


if __name__ == "__main__":
    main()
