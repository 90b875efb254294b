"""How much faster `dateline run` is than a plain loop over transformers, with the same weights and steps around it.

    python -m training.unpack models/weights/ner-e5-small runs/ner
    python -m training.unpack models/weights/stance-mpnet-6 runs/stance
    python -m benchmarks.end_to_end runs/ner runs/stance TEXT... [--articles 30] [--rounds 4] [--cores 2] [--json FILE]

The plain loop is what one writes first: each article's paragraphs through `transformers.pipeline` in fp32, then one
stance question after the other through the fp32 module, with Dateline's own functions for all the other steps and a
few Parquet files at the end. TEXT are files with real articles (see benchmarks.synthetic). Both have their
models loaded and take the same documents, other ones each round, in turns in one process; which of them goes first
alternates. Seconds of the processor stand beside those of the clock: other work on the machine lengthens the second.
Needs the train extra.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.steps import StepTimes, before_models, read_all, stage_plainly
from benchmarks.synthetic import FIRST_DAY, add_text_argument, read_bodies
from models.engine import available_cores
from models.folder import read_folder
from models.ner import KNOWN_LABELS
from models.stance import Question, Verdict
from pipeline.cli import silence_libraries
from pipeline.driver import load_models, run_batch
from pipeline.interrupts import Interrupts
from pipeline.options import RunOptions, StepOptions
from schemas.article import Article, Mention
from transforms.classify import classify_stances
from transforms.date import date_article
from transforms.locate import locate_article
from transforms.resolve import resolve_entities

Pipeline = Callable[[str], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of one way through the articles, by the clock and of the processor, and what came out."""

    seconds: float
    cpu_seconds: float
    articles: int
    mentions: int
    stances: int


class PlainStanceModel:
    """The fp32 module, asked one question at a time; takes the place of `models.stance.StanceModel`."""

    def __init__(self, folder: Path) -> None:
        import torch

        from training.train_beside import load_beside, one_question

        self.name, self.threshold, self._torch, self._as_told = folder.name, 0.5, torch, one_question
        self.reads = read_folder(folder, folder.name).reads
        self._model, self._tokenizer = load_beside(folder)
        self._model.eval()

    def classify_each(self, groups: Sequence[Sequence[Question]]) -> list[list[Verdict]]:
        """As `StanceModel.classify_each`, without temperature and bias."""
        return [[self._ask(question) for question in group] for group in groups]

    def _ask(self, question: Question) -> Verdict:
        with self._torch.inference_mode():
            logits = self._model(*self._as_told(question, self._tokenizer))[0, 0]
        favor, against, neutral = logits.softmax(-1).tolist()
        return Verdict(favor, against, neutral)


def load_plain_pipeline(folder: Path) -> Pipeline:
    """transformers' own pipeline, as its documentation shows it."""
    import transformers

    transformers.logging.set_verbosity_error()
    made: Pipeline = transformers.pipeline(
        "token-classification", model=str(folder), aggregation_strategy="simple", device="cpu"
    )
    return made


def recognize_plainly(article: Article, pipeline: Pipeline) -> Article:
    """The mentions of each paragraph, for a whole article would be cut at 512 pieces."""
    mentions: list[Mention] = []
    start = 0
    for paragraph in article.text.split("\n"):
        if paragraph.strip():
            mentions += to_mentions(article.text, start, pipeline(paragraph))
        start += len(paragraph) + 1
    return replace(article, mentions=tuple(mentions))


def to_mentions(text: str, start: int, found: Iterable[dict[str, Any]]) -> Iterable[Mention]:
    """Mentions of what the pipeline found in the paragraph at `start`."""
    for item in found:
        begin, end = start + int(item["start"]), start + int(item["end"])
        while begin < end and text[begin].isspace():
            begin += 1
        if begin < end:
            label = KNOWN_LABELS.get(str(item["entity_group"]).upper(), "MISC")
            yield Mention(text[begin:end], begin, end, str(label), float(item["score"]))


def run_plain(paths: Sequence[Path], folder: Path, pipeline: Pipeline, stance: Any) -> Figures:
    """The plain loop."""
    began, cpu = time.perf_counter(), time.process_time()
    done: list[Article] = []
    for document in read_all(paths):
        article = before_models(document, StepTimes())
        if article is not None:
            article = resolve_entities(recognize_plainly(article, pipeline))
            [article] = classify_stances([article], stance)
            done.append(date_article(locate_article(article)))
    stage_plainly(done, folder)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    mentions, stances = sum(len(item.mentions) for item in done), sum(len(item.stances) for item in done)
    return Figures(seconds, cpu, len(done), mentions, stances)


def run_dateline(paths: Sequence[Path], output: Path) -> Figures:
    """`dateline run` into a new dataset, commits and all."""
    began, cpu = time.perf_counter(), time.process_time()
    options = RunOptions(inputs=tuple(map(str, paths)), output=str(output))
    run_batch(options, watch=lambda progress: None, interrupts=Interrupts())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    parts = [pq.read_table(path, partitioning=None) for path in output.glob("articles/*/*/*.parquet")]
    lengths = [sum(len(row) for part in parts for row in part[name].to_pylist()) for name in ("mentions", "stances")]
    return Figures(seconds, cpu, sum(len(part) for part in parts), *lengths)


def write_articles(bodies: Sequence[Sequence[str]], folder: Path) -> list[Path]:
    """Real articles as a JSON Lines file."""
    folder.mkdir(parents=True)
    rows = [
        {"url": f"https://news.example/{number}", "date": FIRST_DAY.isoformat(), "title": body[0][:90],
         "body": "\n\n".join(body)}
        for number, body in enumerate(bodies)
    ]  # fmt: skip
    path = folder / "articles.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return [path]


def measure(options: argparse.Namespace, work: Path) -> list[tuple[Figures, Figures]]:
    """(Dateline, plain loop) of each round."""
    bodies = read_bodies(options.text)
    wanted = options.articles * options.rounds
    chosen = bodies[:: max(1, len(bodies) // wanted)][:wanted]
    few = write_articles(bodies[:3], work / "few")
    models = load_models(StepOptions())
    pipeline, stance = load_plain_pipeline(options.ner), PlainStanceModel(options.stance)
    run_dateline(few, work / "warm"), run_plain(few, work / "warm-plain", pipeline, stance)
    rounds = []
    for number in range(options.rounds):
        paths = write_articles(chosen[number :: options.rounds], work / f"inputs-{number}")
        dateline = partial(run_dateline, paths, work / f"out-{number}")
        plain = partial(run_plain, paths, work / f"plain-{number}", pipeline, stance)
        if number % 2:
            theirs, ours = plain(), dateline()
        else:
            ours, theirs = dateline(), plain()
        rounds.append((ours, theirs))
        by_clock, by_cpu = theirs.seconds / ours.seconds, theirs.cpu_seconds / ours.cpu_seconds
        print(f"Dateline {ours}\nplain    {theirs}", flush=True)
        print(f"ratio {by_clock:.2f}, of the processor {by_cpu:.2f}, load {os.getloadavg()[0]:.1f}", flush=True)
    assert models
    return rounds


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ner", type=Path, help="fp32 safetensors of the NER model")
    parser.add_argument("stance", type=Path, help="fp32 safetensors of the stance model")
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=30, help="of a round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--cores", type=int, default=available_cores())
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    silence_libraries()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    try:
        import torch
        import transformers
    except ImportError as error:
        sys.exit(f'skipped: the plain loop needs the train extra: pip install ".[train]" ({error})')
    torch.set_num_threads(options.cores)
    with tempfile.TemporaryDirectory() as folder:
        rounds = measure(options, Path(folder))
    ratio = statistics.median(theirs.seconds / ours.seconds for ours, theirs in rounds)
    of_cpu = sum(theirs.cpu_seconds for _, theirs in rounds) / sum(ours.cpu_seconds for ours, _ in rounds)
    print(f"median ratio {ratio:.2f}, of all processor seconds {of_cpu:.2f}, on {options.cores} cores "
          f"(torch {torch.__version__}, transformers {transformers.__version__})")  # fmt: skip
    if options.json:
        found = [{"dateline": asdict(ours), "plain": asdict(theirs)} for ours, theirs in rounds]
        figures = {"median_ratio": ratio, "processor_ratio": of_cpu, "cores": options.cores, "rounds": found}
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
