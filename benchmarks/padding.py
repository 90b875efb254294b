"""How many of the word pieces that the models compute are padding, and how many are read only as context.

    python -m benchmarks.padding TEXT... [--articles 100] [--json FILE]

Counted at the sessions: what each call of ONNX Runtime is given by NER (windows) and by stance (questions), against the
pieces of the texts. Sequences go through one by one, so there should be no padding at all; what fixed batches of 32
would have padded stands beside it.
"""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.steps import batches
from benchmarks.synthetic import add_text_argument, read_bodies
from models.engine import OnnxEngine
from models.ner import load_ner_model
from models.stance import load_stance_model
from schemas.article import Article
from transforms.classify import classify_stances
from transforms.pairs import find_pairs
from transforms.recognize import recognize_mentions
from transforms.resolve import resolve_entities

FIXED_BATCH = 32


@dataclass(slots=True)
class Counted:
    """Pieces computed by the session (rows times width of each call) and the real ones among them."""

    computed: int = 0
    real: int = 0
    lengths: list[int] = field(default_factory=list)


@contextmanager
def counting() -> Iterator[Counted]:
    """Count what every ONNX engine is given from here on."""
    counted, run_one = Counted(), OnnxEngine._run_one

    def count(self: OnnxEngine, ids: Any) -> Any:
        logits = run_one(self, ids)
        counted.computed += logits.shape[0] if logits.ndim == 2 else len(ids)
        counted.real += len(ids)
        counted.lengths.append(len(ids))
        return logits

    OnnxEngine._run_one = count  # type: ignore[method-assign]
    try:
        yield counted
    finally:
        OnnxEngine._run_one = run_one  # type: ignore[method-assign]


def padded_in_fixed_batches(lengths: list[int]) -> int:
    """Pieces that batches of 32 in order of arrival compute."""
    return sum(max(batch) * len(batch) for batch in batches(lengths, FIXED_BATCH))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_text_argument(parser)
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    articles = [
        Article(f"{number:032}", "\n\n".join(body), f"{number}.txt", language="en")
        for number, body in enumerate(read_bodies(options.text)[: options.articles])
    ]
    with counting() as ner:
        articles = recognize_mentions(articles, load_ner_model(threads=1))
    pieces = sum(article.tokens for article in articles)
    articles = [resolve_entities(article) for article in articles]
    with counting() as stance:
        classify_stances(articles, load_stance_model(threads=1))
    raised = sum(len(find_pairs(article).asked) for article in articles)
    print(f"{len(articles)} articles, {pieces:,} pieces")
    for name, counted in (("windows", ner), ("questions", stance)):
        fixed = padded_in_fixed_batches(counted.lengths)
        print(
            f"{len(counted.lengths):,} {name}: computed / real pieces {counted.computed / counted.real:.3f}; "
            f"fixed batches of {FIXED_BATCH} would compute {fixed / counted.real:.3f}"
        )
    print(f"pieces of windows / pieces of the articles {ner.real / pieces:.3f} (context and special pieces too)")
    print(f"questions raised / asked {raised / len(stance.lengths):.3f} (equal ones are asked once)")
    if options.json:
        figures = {"articles": len(articles), "pieces": pieces, "raised": raised}
        options.json.write_text(json.dumps(figures | {"windows": asdict(ner), "questions": asdict(stance)}))


if __name__ == "__main__":
    main()
