"""Memory and speed of `dateline run` as the input grows: each size's peak, and what a thousand articles more cost.

    python -m benchmarks.memory TEXT... [--articles 1000 10000] [--characters 3000 | --sentences 2] [--json FILE]

TEXT are files with real articles, of which as many synthetic ones are made (see benchmarks.synthetic), 30 days one
after the other. Each size is a run of the command in a process of its own into a new dataset; its resident memory is
read twice a second. `--sentences` makes short articles, of which a hundred thousand take an hour and not a day: the
index, the signatures for finding duplicates and the rows of a part file grow as they would with long ones, the bytes
of a unit and of a part file do not (benchmarks.sink has those).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.synthetic import add_text_argument, make_articles, read_bodies, write_inputs

PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: `peak` is the kernel's own record of resident memory, `samples` what it was on the way, all in bytes."""

    articles: int
    seconds: float
    peak: int
    samples: list[int]

    @property
    def late_growth(self) -> float:
        """Bytes by which the second half's last quarter is above its first, on average."""
        half = self.samples[len(self.samples) // 2 :]
        quarter = max(1, len(half) // 2)
        return sum(half[-quarter:]) / quarter - sum(half[:quarter]) / quarter


def run_measured(inputs: Path, output: Path, articles: int) -> Measured:
    """`dateline run` over a folder, watched."""
    command = [sys.executable, "-m", "pipeline.cli", "run", str(inputs), str(output), "--quiet"]
    began, samples = time.perf_counter(), []
    process = subprocess.Popen(command, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        samples.append(resident(process.pid))
        time.sleep(EVERY_SECONDS)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"`{' '.join(command)}` ended with {code}")
    return Measured(articles, time.perf_counter() - began, usage.ru_maxrss * 1024, samples)


def resident(pid: int) -> int:
    """Bytes of a process in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--characters", type=int, default=3000)
    parser.add_argument("--sentences", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    bodies, measured = read_bodies(options.text), []
    for count in options.articles:
        with tempfile.TemporaryDirectory() as folder:
            inputs = Path(folder) / "inputs"
            sizes = {"characters": options.characters, "sentences": options.sentences}
            write_inputs(inputs, make_articles(bodies, count, **sizes, day_by_day=True))
            found = run_measured(inputs, Path(folder) / "out", count)
        measured.append(found)
        print(
            f"{count:8,} articles: peak {found.peak / 1e6:,.0f} MB, {found.seconds:,.0f} s, "
            f"{count / found.seconds:.1f} articles/s, grew {found.late_growth / 1e6:+.1f} MB in the second half",
            flush=True,
        )
    first, last = measured[0], measured[-1]
    if last.articles > first.articles:
        slope = (last.peak - first.peak) / (last.articles - first.articles) * 1000
        print(f"a thousand articles more: {slope / 1e6:+.2f} MB")
    if options.json:
        options.json.write_text(json.dumps([asdict(found) for found in measured]))


if __name__ == "__main__":
    main()
