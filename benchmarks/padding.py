"""How many of the word pieces that the models compute are padding, and how many are read only as context.

    python -m benchmarks.padding TEXT... [--articles 100] [--json FILE]

Counted at the sessions: what each call of ONNX Runtime is given, against the pieces of the texts. Sequences go through
one by one, so there should be no padding at all; what fixed batches of 32 would have padded stands beside it.
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
from transforms.sentences import split_sentences

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
    texts = ["\n\n".join(body) for body in read_bodies(options.text)[: options.articles]]
    model = load_ner_model(threads=1)
    with counting() as counted:
        found = model.recognize(texts, [split_sentences(text) for text in texts])
    pieces, fixed = sum(item.tokens for item in found), padded_in_fixed_batches(counted.lengths)
    print(f"{len(texts)} articles, {pieces:,} pieces in {len(counted.lengths):,} windows")
    print(f"computed / real pieces of the windows: {counted.computed / counted.real:.3f} (padding)")
    print(f"computed / pieces of the articles:     {counted.computed / pieces:.3f} (context and special pieces too)")
    print(f"fixed batches of {FIXED_BATCH} would compute:      {fixed / counted.real:.3f}")
    if options.json:
        figures = asdict(counted) | {"articles": len(texts), "pieces": pieces, "fixed_batches": fixed}
        options.json.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
