"""What Beam costs: the graph on Dateline's runner against the same functions in a plain loop; and where a second goes.

    python -m benchmarks.overhead TEXT... [--articles 250] [--characters 3000] [--rounds 3] [--json FILE]

TEXT are files with real articles (see benchmarks.synthetic), from which one work unit is made. Both ways take turns in
one process with the same loaded models, from documents in memory to staged files.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.steps import StepTimes, read_all, run_plainly
from benchmarks.synthetic import add_text_argument, make_articles, read_bodies, write_inputs
from pipeline.cli import silence_libraries
from pipeline.driver import load_models
from pipeline.options import StepOptions
from pipeline.runners import CreateDocuments, run_in_process
from schemas.article import Document


def time_beam(documents: list[Document], folder: Path) -> float:
    """Seconds of the graph."""
    began = time.perf_counter()
    run_in_process(CreateDocuments(documents, []), str(folder), StepOptions())
    return time.perf_counter() - began


def measure(documents: list[Document], rounds: int, work: Path) -> tuple[list[tuple[float, float]], StepTimes]:
    """(seconds on Beam, seconds of the plain loop) of each round, and the plain loop's steps in the last one."""
    models = load_models(StepOptions())
    run_plainly(documents[:20], work / "warm")
    pairs, times = [], StepTimes()
    for number in range(rounds):
        on_beam = time_beam(documents, work / f"beam-{number}")
        began = time.perf_counter()
        times = run_plainly(documents, work / f"plain-{number}")
        pairs.append((on_beam, time.perf_counter() - began))
        plain = pairs[-1][1]
        print(f"Beam {on_beam:.2f} s, plain loop {plain:.2f} s, ratio {on_beam / plain:.3f}", flush=True)
    assert models
    return pairs, times


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=250)
    parser.add_argument("--characters", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    silence_libraries()
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs"
        write_inputs(inputs, make_articles(read_bodies(options.text), options.articles, characters=options.characters))
        documents = read_all(sorted(inputs.iterdir()))
        pairs, times = measure(documents, options.rounds, Path(folder))
    ratio = statistics.median(on_beam / plain for on_beam, plain in pairs)
    print(f"{times.articles} articles; median ratio {ratio:.3f}: Beam adds {100 * (ratio - 1):.1f}%")
    for step, seconds in sorted(times.seconds.items(), key=lambda item: -item[1]):
        share = seconds / times.total
        print(f"  {step:10} {1000 * share:5.0f} ms of a second, {1000 * seconds / times.articles:7.2f} ms an article")
    if options.json:
        figures = {"rounds": pairs, "median_ratio": ratio, "articles": times.articles, "steps": dict(times.seconds)}
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
