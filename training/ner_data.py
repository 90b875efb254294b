"""NER training rows: what each data set labels, how its labels map to ours, and raw text rebuilt from tokens.

A set that does not label a type must not teach that the type is absent. So every token carries the *set* of tags
that its source allows: `O` in a set without dates allows `O` and every date tag, and Wikigold's MISC allows MISC,
NORP and PRODUCT. The loss is the negative log of the probability given to the whole set (partial labels,
Mayhew et al. 2019; Effland and Collins 2021).
"""

import pathlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.jsonl import read_jsonl

LABELS = ("PERSON", "ORG", "LOC", "NORP", "FAC", "PRODUCT", "MISC", "DATE", "MONEY")
TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))
CORE = {"PER": ("PERSON",), "ORG": ("ORG",), "LOC": ("LOC",), "NORP": ("NORP",)}
WORLDWIDE = {"Person": ("PERSON",), "Organization": ("ORG",), "Location": ("LOC",), "NORP": ("NORP",),
             "Facility": ("FAC",), "Product": ("PRODUCT",), "Misc": ("MISC",), "Date": ("DATE",), "Money": ("MONEY",)}


@dataclass(frozen=True, slots=True)
class Source:
    """One data set: its folder, the column of tags, its labels in ours, and the labels that its O may hide."""

    folder: str
    column: str
    labels: dict[str, tuple[str, ...]]
    hidden: tuple[str, ...]
    tier: str
    language: str = "en"


SOURCES = {
    "worldwide": Source("worldwide_newswire_ner", "tags", WORLDWIDE, (), "C"),
    "gmb": Source("gmb", "tags_core", CORE | {"LOC": ("LOC", "FAC"), "MISC": ("MISC", "PRODUCT")},
                  ("FAC", "PRODUCT", "MISC", "DATE", "MONEY"), "B"),
    "wikigold": Source("wikigold", "tags_core", CORE | {"LOC": ("LOC", "FAC"), "MISC": ("MISC", "NORP", "PRODUCT")},
                       ("DATE", "MONEY"), "A"),
    "wnut17": Source("wnut17", "tags_core", CORE | {"LOC": ("LOC", "FAC"), "MISC": ("MISC", "PRODUCT")},
                     ("NORP", "DATE", "MONEY", "MISC"), "A"),
    "crossner": Source("crossner_politics", "tags_core",
                       CORE | {"LOC": ("LOC", "FAC"), "MISC": ("MISC", "NORP", "PRODUCT")},
                       ("NORP", "DATE", "MONEY", "FAC", "PRODUCT"), "B"),
    "bosque": Source("uner_pt_bosque", "tags_core", CORE | {"LOC": ("LOC", "FAC")},
                     ("NORP", "FAC", "PRODUCT", "MISC", "DATE", "MONEY"), "B", "pt"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One training row: raw text, the (start, end) of each token in it, and the tags each token may have."""

    text: str
    spans: tuple[tuple[int, int], ...]
    allowed: tuple[frozenset[str], ...]


def read_rows(data: pathlib.Path, name: str, part: str, *, seed: int = 0, augment: bool = False) -> Iterator[Row]:
    """Rows of one part (`train`, `dev`, …) of a source, long paragraphs cut near 120 words at a sentence's end."""
    source, chance = SOURCES[name], random.Random(f"{name}-{part}-{seed}")
    for row in read_jsonl(data / source.folder / f"{part}.jsonl.gz"):
        for tokens, tags in split_long(row["tokens"], row[source.column]):
            if augment:
                tokens = _change_case(tokens, chance)
            text, spans = detokenise(tokens, chance if augment else None)
            yield Row(text, spans, tuple(allowed_tags(tag, source) for tag in tags))


def allowed_tags(tag: str, source: Source) -> frozenset[str]:
    """Our tags that a source's `tag` may stand for."""
    if tag == "O":
        return frozenset({"O", *(f"{prefix}-{label}" for label in source.hidden for prefix in "BI")})
    return frozenset(f"{tag[0]}-{label}" for label in source.labels[tag[2:]])


def split_long(tokens: list[str], tags: list[str], limit: int = 120) -> Iterator[tuple[list[str], list[str]]]:
    """Cut a row into parts of about `limit` tokens, at a full stop where there is one, never inside an entity."""
    while len(tokens) > limit:
        ends = [i + 1 for i in range(limit // 2, limit) if tokens[i] in ".?!" and tags[i] == "O"]
        cut = ends[-1] if ends else limit
        while cut < len(tokens) and tags[cut].startswith("I-"):
            cut += 1
        yield tokens[:cut], tags[:cut]
        tokens, tags = tokens[cut:], tags[cut:]
    if tokens:
        yield tokens, tags


NO_SPACE_BEFORE = frozenset(".,;:!?%)]}’'”…") | {
    "'s", "’s", "n't", "n’t", "'re", "'ve", "'ll", "'d", "'m", "...", "’re", "’ve", "’ll"
}  # fmt: skip
NO_SPACE_AFTER = frozenset("([{$£€#@“‘")


def detokenise(tokens: Sequence[str], chance: random.Random | None = None) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Text as a newsroom would write it, and each token's place. With `chance`, some rows keep their spaces."""
    spaced = chance is not None and chance.random() < 0.15
    text, spans, quote_open, glue = "", [], False, True
    for index, token in enumerate(tokens):
        before = not (glue or token in NO_SPACE_BEFORE)
        glue = token in NO_SPACE_AFTER
        if token in ('"', "``", "''"):
            before, glue, quote_open = (before, True, True) if not quote_open else (False, False, False)
        elif token in ("-", "/", "–") and 0 < index < len(tokens) - 1 and _joins(tokens, index, chance):
            before, glue = False, True
        text += " " if text and (before or spaced) else ""
        spans.append((len(text), len(text) + len(token)))
        text += token
    return text, tuple(spans)


def _joins(tokens: Sequence[str], index: int, chance: random.Random | None) -> bool:
    """Whether a lone hyphen was inside a word: the tokeniser of the news set splits every hyphen."""
    left, right = tokens[index - 1], tokens[index + 1]
    if not (left[-1].isalnum() and right[0].isalnum()):
        return False
    likely = right[0].islower() or left[0].isdigit() or left.istitle() == right.istitle()
    return likely if chance is None else chance.random() < (0.9 if likely else 0.3)


def _change_case(tokens: list[str], chance: random.Random) -> list[str]:
    """Some rows in capitals or title case, as headlines are."""
    draw = chance.random()
    if draw < 0.03:
        return [t.upper() for t in tokens]
    if draw < 0.05:
        return [t if t.isupper() else t.capitalize() for t in tokens]
    return tokens
