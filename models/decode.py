"""From tag probabilities to spans: BIO decoding that never makes an impossible sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

FORBIDDEN = -1e9
SURE = np.float32(20.0)  # the logit of O, beside zeros, where nothing is named
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """Units `[start, end)` carry `label` with probability `score`."""

    start: int
    end: int
    label: str
    score: float


def no_name(tags: Sequence[str]) -> Floats:
    """Logits, shape (tags,), of a piece that names nothing."""
    return np.where(np.array(tags) == "O", SURE, np.float32(0))


@dataclass(frozen=True, slots=True)
class TagScheme:
    """What each output of a model means: prefix (B, I, O, or P for labels without one) and Dateline's label.

    `strict` forbids an I that continues nothing; models trained on other schemes (IOB1) begin spans with I.
    """

    prefixes: tuple[str, ...]
    labels: tuple[str, ...]
    strict: bool = False

    @property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """(tags, tags): whether the second tag may follow the first; strictly, I-X follows B-X and I-X only."""
        n = len(self.prefixes)
        if not self.strict:
            return np.ones((n, n), np.bool_)
        return np.array([[self.prefixes[b] != "I" or (self.prefixes[a] != "O" and self.labels[a] == self.labels[b])
                          for b in range(n)] for a in range(n)])


def decode(log_probabilities: Floats, scheme: TagScheme, sentence_starts: Sequence[int]) -> list[Span]:
    """Spans of one text from (units, tags) log-probabilities. No span crosses a sentence's start.

    The best tag of each unit is taken as it is where the sequence is possible (then it is also the best sequence);
    only sentences where it is not go through Viterbi.
    """
    best = log_probabilities.argmax(-1)
    allowed = scheme.allowed
    inside = np.array([scheme.strict and prefix == "I" for prefix in scheme.prefixes])
    borders = sorted({0, *sentence_starts, len(best)})
    for start, end in pairwise(borders):
        tags = best[start:end]
        if len(tags) and (inside[tags[0]] or not allowed[tags[:-1], tags[1:]].all()):
            best[start:end] = _viterbi(log_probabilities[start:end], allowed, inside)
    return _spans(best, log_probabilities, scheme, frozenset(borders))


def _viterbi(scores: Floats, allowed: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    step = np.where(allowed, 0.0, FORBIDDEN)
    total = scores[0] + np.where(inside, FORBIDDEN, 0.0)
    back = np.zeros(scores.shape, np.int64)
    for i in range(1, len(scores)):
        ways = total[:, None] + step
        back[i] = ways.argmax(0)
        total = ways.max(0) + scores[i]
    path = np.empty(len(scores), np.int64)
    path[-1] = total.argmax()
    for i in range(len(scores) - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path


def _spans(
    tags: npt.NDArray[np.int64], log_probabilities: Floats, scheme: TagScheme, borders: frozenset[int]
) -> list[Span]:
    spans: list[Span] = []
    start = 0
    while start < len(tags):
        tag = tags[start]
        end = start + 1
        if scheme.prefixes[tag] != "O":
            label = scheme.labels[tag]
            while end < len(tags) and end not in borders and _continues(scheme, tags[end], label):
                end += 1
            spans.append(Span(start, end, label, _score(log_probabilities[start:end], scheme, label)))
        start = end
    return spans


def _continues(scheme: TagScheme, tag: int, label: str) -> bool:
    return scheme.prefixes[tag] in "IP" and scheme.labels[tag] == label


def _score(log_probabilities: Floats, scheme: TagScheme, label: str) -> float:
    """The weakest unit's probability of the label, B and I together: a span is as sure as its least sure word."""
    tags = enumerate(zip(scheme.prefixes, scheme.labels, strict=True))
    of_label = [i for i, (prefix, name) in tags if prefix != "O" and name == label]
    return float(np.exp(log_probabilities[:, of_label]).sum(-1).min())
