"""How `dateline run` scales on this machine: one core, one process on all cores, and a process a core.

    python -m benchmarks.scaling TEXT... [--articles 400] [--characters 3000] [--rounds 3] [--json FILE]

The processes of the last way read disjoint inputs into datasets of their own and share nothing, so it is the most that
several processes into one dataset could reach. Each process is pinned to its cores and sizes its threads by them. Time
runs from the first article to the last commit (the `seconds` of the summary; the slowest process counts), so that
start-up, which a long run does not feel, is left out. Seconds of the processor, start-up and all, stand beside it:
where they grow with the number of threads or processes, those fight. Beside other work only these mean something.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.synthetic import add_text_argument, make_articles, read_bodies, write_inputs
from models.engine import available_cores


def run_pinned(inputs: Path, output: Path, cores: Sequence[int]) -> subprocess.Popen[bytes]:
    """`dateline run` on some cores."""
    command = [sys.executable, "-m", "pipeline.cli", "run", str(inputs), str(output), "--quiet",
               "--summary-json", f"{output}.json"]  # fmt: skip
    return subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, cores))


def seconds_of(processes: Sequence[subprocess.Popen[bytes]], outputs: Sequence[Path]) -> tuple[float, float]:
    """The seconds that the slowest of some runs took by the clock, and those of the processor of all."""
    ended = [os.wait4(process.pid, 0) for process in processes]
    if any(status for _, status, _ in ended):
        raise SystemExit("a run failed")
    clock = max(float(json.loads(Path(f"{output}.json").read_text())["seconds"]) for output in outputs)
    return clock, sum(usage.ru_utime + usage.ru_stime for _, _, usage in ended)


def measure(parts: Sequence[Path], whole: Path, work: Path, cores: Sequence[int]) -> dict[str, tuple[float, float]]:
    """Seconds of each way by the clock and of the processor, over the same articles."""
    outputs = [work / f"out-{name}" for name in ("one", "all", *map(str, range(len(parts))))]
    one = seconds_of([run_pinned(whole, outputs[0], cores[:1])], outputs[:1])
    everything = seconds_of([run_pinned(whole, outputs[1], cores)], outputs[1:2])
    each = [run_pinned(part, output, [core]) for part, output, core in zip(parts, outputs[2:], cores, strict=True)]
    return {"one core": one, "one process": everything, "a process a core": seconds_of(each, outputs[2:])}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--characters", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[: available_cores()]
    articles = list(make_articles(read_bodies(options.text), options.articles, characters=options.characters))
    rounds = []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            write_inputs(work / "whole", iter(articles))
            parts = [work / f"part-{core}" for core in cores]
            for number, part in enumerate(parts):
                write_inputs(part, iter(articles[number :: len(cores)]))
            rounds.append(measure(parts, work / "whole", work, cores))
        speeds = (f"{name} {options.articles / clock:.1f}/s" for name, (clock, _) in rounds[-1].items())
        print("articles:", ", ".join(speeds), f"load {os.getloadavg()[0]:.1f}", flush=True)
    for name in rounds[0]:
        ratio = statistics.median(found["one core"][0] / found[name][0] for found in rounds)
        cpu = statistics.median(found[name][1] / found["one core"][1] for found in rounds)
        print(f"{name:17} {ratio:.2f} times one core ({len(cores)} cores), {cpu:.2f} times its processor seconds")
    if options.json:
        options.json.write_text(json.dumps({"articles": options.articles, "cores": len(cores), "rounds": rounds}))


if __name__ == "__main__":
    main()
