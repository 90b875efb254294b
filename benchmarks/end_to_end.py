"""How much faster `dateline run` is than a plain loop over transformers, with the same weights and steps around it.

    python -m training.unpack models/weights/ner-e5-small runs/ner-fp32
    python -m benchmarks.end_to_end runs/ner-fp32 STANCE TEXT... [--articles 60] [--rounds 3] [--json FILE]

The plain loop is what one writes first: each article's paragraphs through `transformers.pipeline` in fp32, then one
stance question after the other through the fp32 module that training made (STANCE is its folder), with Dateline's own
functions for all the other steps and one Parquet file a partition at the end. TEXT are files with real articles (see
benchmarks.synthetic). Both have their models loaded, take the same documents in turns in one process, and use all
cores; needs the train extra.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.steps import StepTimes, before_models, read_all, stage_plainly
from benchmarks.synthetic import FIRST_DAY, read_bodies
from models.ner import KNOWN_LABELS
from models.stance import MARKERS, Question, Verdict, mark
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
    """Seconds of one way through the articles, and what came out."""

    seconds: float
    articles: int
    mentions: int
    stances: int


class PlainStanceModel:
    """The fp32 module, asked one question at a time; takes the place of `models.stance.StanceModel`."""

    def __init__(self, folder: Path) -> None:
        import tokenizers
        import torch
        from safetensors.torch import load_file
        from transformers import BertConfig

        from training.train_stance import MAX_PIECES, StanceClassifier

        self.name, self.threshold, self._torch, self._limit = folder.name, 0.5, torch, MAX_PIECES
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        marker_ids = [self._tokenizer.token_to_id(marker) for marker in (MARKERS.holder[0], MARKERS.target[0])]
        self._model = StanceClassifier(BertConfig.from_pretrained(folder), (marker_ids[0], marker_ids[1]))
        self._model.load_state_dict(load_file(folder / "model.safetensors"))
        self._model.eval()

    def classify(self, questions: Sequence[Question]) -> list[Verdict]:
        """As `StanceModel.classify`, without temperature and bias."""
        return [self._ask(question) for question in questions]

    def _ask(self, question: Question) -> Verdict:
        torch = self._torch
        ids = torch.tensor([self._tokenizer.encode(mark(question, MARKERS)).ids[: self._limit]])
        with torch.inference_mode():
            favor, against, neutral = self._model(ids, torch.ones_like(ids))[0].softmax(-1).tolist()
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
    began = time.perf_counter()
    done: list[Article] = []
    for document in read_all(paths):
        article = before_models(document, StepTimes())
        if article is not None:
            article = resolve_entities(recognize_plainly(article, pipeline))
            [article] = classify_stances([article], stance)
            done.append(date_article(locate_article(article)))
    stage_plainly(done, folder)
    mentions, stances = sum(len(item.mentions) for item in done), sum(len(item.stances) for item in done)
    return Figures(time.perf_counter() - began, len(done), mentions, stances)


def run_dateline(paths: Sequence[Path], output: Path) -> Figures:
    """`dateline run` into a new dataset, commits and all."""
    began = time.perf_counter()
    options = RunOptions(inputs=tuple(map(str, paths)), output=str(output))
    run_batch(options, watch=lambda progress: None, interrupts=Interrupts())
    seconds = time.perf_counter() - began
    parts = [pq.read_table(path, partitioning=None) for path in output.glob("articles/*/*/*.parquet")]
    lengths = [sum(len(row) for part in parts for row in part[name].to_pylist()) for name in ("mentions", "stances")]
    return Figures(seconds, sum(len(part) for part in parts), *lengths)


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
    step = max(1, len(bodies) // options.articles)
    paths = write_articles(bodies[::step][: options.articles], work / "inputs")
    few = write_articles(bodies[:3], work / "few")
    models = load_models(StepOptions())
    pipeline, stance = load_plain_pipeline(options.ner), PlainStanceModel(options.stance)
    run_dateline(few, work / "warm"), run_plain(few, work / "warm-plain", pipeline, stance)
    rounds = []
    for number in range(options.rounds):
        ours = run_dateline(paths, work / f"out-{number}")
        theirs = run_plain(paths, work / f"plain-{number}", pipeline, stance)
        rounds.append((ours, theirs))
        print(f"Dateline {ours}\nplain    {theirs}\nratio {theirs.seconds / ours.seconds:.2f}", flush=True)
    assert models
    return rounds


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ner", type=Path, help="fp32 safetensors of the NER model")
    parser.add_argument("stance", type=Path, help="the folder that training.train_stance wrote")
    parser.add_argument("text", nargs="+", type=Path, help="JSON Lines or text files with real articles")
    parser.add_argument("--articles", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    silence_libraries()
    try:
        import torch
        import transformers
    except ImportError as error:
        sys.exit(f'skipped: the plain loop needs the train extra: pip install ".[train]" ({error})')
    with tempfile.TemporaryDirectory() as folder:
        rounds = measure(options, Path(folder))
    ratio = statistics.median(theirs.seconds / ours.seconds for ours, theirs in rounds)
    print(f"median ratio {ratio:.2f} (torch {torch.__version__}, transformers {transformers.__version__})")
    if options.json:
        seconds = [(ours.seconds, theirs.seconds) for ours, theirs in rounds]
        options.json.write_text(json.dumps({"median_ratio": ratio, "seconds": seconds, "articles": options.articles}))


if __name__ == "__main__":
    main()
