"""What Beam costs: the graph on Dateline's runner against the same functions in a plain loop; and where a second goes.

    python -m benchmarks.overhead TEXT... [--articles 250] [--characters 3000] [--rounds 3] [--json FILE]

TEXT are files with real articles (see benchmarks.synthetic), from which one work unit is made. Both ways take turns in
one process with the same loaded models, from documents in memory to staged files. Seconds of the processor stand
beside those of the clock: other work on the machine lengthens the second. The steps are seconds of the processor.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.steps import StepTimes, read_all, run_plainly
from benchmarks.synthetic import add_text_argument, make_articles, read_bodies, write_inputs
from pipeline.cli import silence_libraries
from pipeline.driver import load_models
from pipeline.options import StepOptions
from pipeline.runners import CreateDocuments, run_in_process
from schemas.article import Document

Seconds = tuple[float, float]  # by the clock, of the processor


def time_beam(documents: list[Document], folder: Path, steps: StepOptions) -> Seconds:
    """Seconds of the graph, by the clock and of the processor."""
    began, cpu = time.perf_counter(), time.process_time()
    run_in_process(CreateDocuments(documents, []), str(folder), steps)
    return time.perf_counter() - began, time.process_time() - cpu


def time_plainly(documents: list[Document], folder: Path, models: StepOptions, steps: list[StepTimes]) -> Seconds:
    """Seconds of the plain loop; `steps` gets what each step took."""
    began, cpu = time.perf_counter(), time.process_time()
    steps.append(run_plainly(documents, folder, ner_model=models.ner_model, stance_model=models.stance_model))
    return time.perf_counter() - began, time.process_time() - cpu


def measure(
    documents: list[Document], rounds: int, work: Path, options: StepOptions
) -> tuple[list[tuple[Seconds, Seconds]], list[StepTimes]]:
    """(on Beam, plain loop) of each round, which go first in turns, and the steps of each plain loop."""
    models = load_models(options)
    time_plainly(documents[:20], work / "warm", options, [])
    pairs: list[tuple[Seconds, Seconds]] = []
    steps: list[StepTimes] = []
    for number in range(rounds):
        beam = partial(time_beam, documents, work / f"beam-{number}", options)
        loop = partial(time_plainly, documents, work / f"plain-{number}", options, steps)
        if number % 2:
            plain, on_beam = loop(), beam()
        else:
            on_beam, plain = beam(), loop()
        pairs.append((on_beam, plain))
        print(f"Beam {on_beam[0]:.2f} s ({on_beam[1]:.2f} s of the processor), plain loop {plain[0]:.2f} s "
              f"({plain[1]:.2f} s), ratio {on_beam[0] / plain[0]:.3f} ({on_beam[1] / plain[1]:.3f}), "
              f"load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    assert models
    return pairs, steps


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=250)
    parser.add_argument("--characters", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ner-model", help="another model than the bundled one, such as a smaller one")
    parser.add_argument("--stance-model", help="another model than the bundled one")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    silence_libraries()
    models = StepOptions(ner_model=options.ner_model, stance_model=options.stance_model)
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs"
        write_inputs(inputs, make_articles(read_bodies(options.text), options.articles, characters=options.characters))
        documents = read_all(sorted(inputs.iterdir()))
        pairs, steps = measure(documents, options.rounds, Path(folder), models)
    ratio = statistics.median(on_beam[0] / plain[0] for on_beam, plain in pairs)
    of_cpu = sum(on_beam[1] for on_beam, _ in pairs) / sum(plain[1] for _, plain in pairs)
    print(f"{steps[0].articles} articles; median ratio {ratio:.3f}, of all processor seconds {of_cpu:.3f}: "
          f"Beam adds {100 * (of_cpu - 1):.1f}%")  # fmt: skip
    added = sum(on_beam[1] - plain[1] for on_beam, plain in pairs) / sum(times.articles for times in steps)
    print(f"that is {1000 * added:.2f} ms of the processor an article")
    seconds = {name: sum(times.seconds[name] for times in steps) for name in steps[0].seconds}
    articles, total = sum(times.articles for times in steps), sum(seconds.values())
    for step, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        share = f"{1000 * spent / total:5.0f} ms of a second"
        print(f"  {step:10} {share}, {1000 * spent / articles:7.2f} ms of the processor an article")
    if options.json:
        figures = {"rounds": pairs, "median_ratio": ratio, "processor_ratio": of_cpu, "articles": articles}
        options.json.write_text(json.dumps(figures | {"steps": seconds}, indent=1))


if __name__ == "__main__":
    main()
