"""How much faster the NER handler reads articles than a plain `transformers.pipeline` with the same weights in fp32.

    python -m benchmarks.ner_speed TRAINED_FOLDER ARTICLES.jsonl[.gz] [--articles 60] [--rounds 3] [--json FILE]

TRAINED_FOLDER holds the PyTorch weights that the bundled int8 model was exported from (training.train_ner makes
them; torch and transformers are needed). The pipeline gets the same articles paragraph by paragraph, for it would
fail on a text of more than 512 pieces, with its default batching and its default threads. Both count the same word
pieces, in turn, in one process, so the ratio holds when the machine's speed drifts.
"""

import argparse
import gzip
import json
import pathlib
import statistics
import time
import warnings
from typing import Any

from models.ner import NerModel, load_ner_model
from transforms.sentences import split_sentences


def read_bodies(file: pathlib.Path, count: int) -> list[str]:
    """The bodies of the first articles of a JSON Lines file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [str(json.loads(line)["body"]) for _, line in zip(range(count), lines, strict=False)]


def load_plain_pipeline(folder: pathlib.Path) -> Any:
    """transformers' own pipeline, as its documentation shows it."""
    import transformers

    transformers.logging.set_verbosity_error()
    return transformers.pipeline("token-classification", model=str(folder), aggregation_strategy="simple", device="cpu")


def time_ours(model: NerModel, bodies: list[str]) -> tuple[float, int]:
    """Seconds, and word pieces of the articles."""
    began = time.perf_counter()
    found = model.recognize(bodies, [split_sentences(body) for body in bodies])
    return time.perf_counter() - began, sum(r.tokens for r in found)


def time_plain(pipeline: Any, bodies: list[str]) -> float:
    """Seconds of the plain loop."""
    began = time.perf_counter()
    for body in bodies:
        for paragraph in filter(str.strip, body.split("\n")):
            pipeline(paragraph)
    return time.perf_counter() - began


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("articles", type=pathlib.Path)
    parser.add_argument("--articles", type=int, default=60, dest="count")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    bodies = read_bodies(options.articles, options.count)
    model, plain = load_ner_model(), load_plain_pipeline(options.folder)
    time_ours(model, bodies[:5])
    time_plain(plain, bodies[:2])
    ratios, tokens = [], 0
    for _ in range(options.rounds):
        ours, tokens = time_ours(model, bodies)
        theirs = time_plain(plain, bodies)
        ratios.append(theirs / ours)
        print(f"{tokens:,} pieces: Dateline {tokens / ours:,.0f}/s, plain pipeline {tokens / theirs:,.0f}/s, "
              f"ratio {theirs / ours:.2f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.2f}")
    if options.json:
        options.json.write_text(json.dumps({"ratios": ratios, "median": statistics.median(ratios), "pieces": tokens}))


if __name__ == "__main__":
    main()
