"""Stance rows from passages written for this project: what the public sets hold little of, in the words of news.

Large language models wrote them, each passage anew, under written guidelines; no person checked them. A second reader
of that kind who answered 200 of the pairs apart agreed on 95.5% (Cohen's kappa 0.93); the last 2,700 passages were read
by nobody but who wrote them. Persons are invented, and no text is taken from anywhere. The themes: acts, and attacks on
what is done to somebody; what one says of the stance of others; targets that stand before their holder, speakers that
come last among them; speech and nouns without a plain verb; favor; the rough text of news sites; and passages in which
the wrong pair, direction or side lies near.

`stance_passages.jsonl` has one passage a line: `text`, in which `[2|the Senate]` marks the mention of entity 2, and
`stances`, such as `1>2 against`: holder, target and stance, with `?` where a fair reader would hesitate and holder 0
for the passage's own voice. Every other ordered pair of its entities is neutral.
"""

import itertools
import json
import pathlib
import re
from collections.abc import Iterator, Mapping, Sequence

from models.stance import Question, Span
from training.stance_data import LABELS, Row, is_in_tenth

PASSAGES = pathlib.Path(__file__).with_name("stance_passages.jsonl")
DATASET = "passages"
DOUBTFUL = "?"
OWN_VOICE = "0"
MARKED = re.compile(r"\[(\d)\|([^\]|]+)\]")
STANCE = re.compile(rf"(\d)>(\d) ({'|'.join(LABELS)}|{re.escape(DOUBTFUL)})")


def read_passages(part: str, passages: pathlib.Path = PASSAGES) -> list[Row]:
    """Every asked pair of one part: `train`, or `dev`, a tenth of the passages, chosen by a hash of their text.

    Raises ValueError for a stance that names an entity without a mark or one twice, or no known label.
    """
    written = map(json.loads, passages.read_text(encoding="utf-8").splitlines())
    return [row for number, passage in enumerate(written)
            if part == ("dev" if is_in_tenth(passage["text"]) else "train")
            for row in rows_of(passage["text"], passage["stances"], f"passage-{number}")]


def rows_of(marked: str, told: Sequence[str], name: str) -> Iterator[Row]:
    """A row for each asked pair of a passage."""
    text, spans = unmark(marked)
    for (holder, target), label in stances_of(told, spans).items():
        yield Row(Question(text, spans.get(holder), spans[target]), label, DATASET, f"{name}-{holder}{target}")


def unmark(text: str) -> tuple[str, dict[str, Span]]:
    """The text without marks, and the place of each marked entity in it."""
    plain, spans, end = "", {}, 0
    for match in MARKED.finditer(text):
        plain += text[end : match.start()]
        spans[match[1]] = (len(plain), len(plain) + len(match[2]))
        plain, end = plain + match[2], match.end()
    return plain + text[end:], spans


def stances_of(told: Sequence[str], spans: Mapping[str, Span]) -> dict[tuple[str, str], str]:
    """The label of each pair: what is told, without the doubtful ones, and neutral between all others."""
    labels = dict.fromkeys(itertools.permutations(spans, 2), "neutral")
    known = {*labels, *((OWN_VOICE, target) for target in spans)}
    for stance in told:
        match = STANCE.fullmatch(stance)
        if not match or match.group(1, 2) not in known:
            raise ValueError(f"stance {stance!r}: expected 'HOLDER>TARGET favor|against|neutral|?' of {sorted(spans)}")
        labels[match.group(1, 2)] = match[3]
    return {pair: label for pair, label in labels.items() if label != DOUBTFUL}
