"""Stance classification: is the holder in favour of the target, against it, or neither, as a passage of text has it."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tokenizers

from models.engine import Engine, load_engine
from models.folder import ModelFolder, find_model_folder
from models.mentions import SCORE_DIGITS
from models.ner import log_softmax
from models.places import Span as Span
from models.places import places_of
from schemas.article import Attitude
from schemas.errors import ModelError

# Labels of well-known models in the words of Dateline; anything else must be mapped in dateline.json.
KNOWN_LABELS = {
    "favor": Attitude.FAVOR, "favour": Attitude.FAVOR, "for": Attitude.FAVOR, "pro": Attitude.FAVOR,
    "support": Attitude.FAVOR, "positive": Attitude.FAVOR, "against": Attitude.AGAINST, "anti": Attitude.AGAINST,
    "con": Attitude.AGAINST, "oppose": Attitude.AGAINST, "negative": Attitude.AGAINST, "neutral": Attitude.NEUTRAL,
    "none": Attitude.NEUTRAL, "neither": Attitude.NEUTRAL,
}  # fmt: skip
ORDER = (Attitude.FAVOR, Attitude.AGAINST, Attitude.NEUTRAL)
PAIR = "the stance of {holder} towards {target}"  # what a model without markers of its own is asked, as a second text
AUTHOR = "the author"
DEFAULT_THRESHOLD = 0.5
Reading = tuple["Question", ...]  # what is asked about one text at once
Threshold = float | Mapping[str, float]  # the least probability of a stance: one for both, or one each


@dataclass(frozen=True, slots=True)
class Markers:
    """What a model expects around the holder and the target: pieces of their own in its vocabulary."""

    holder: tuple[str, str]
    target: tuple[str, str]

    @property
    def all(self) -> tuple[str, ...]:
        """The four of them."""
        return (*self.holder, *self.target)


MARKERS = Markers(("[HOLDER]", "[/HOLDER]"), ("[TARGET]", "[/TARGET]"))  # of the bundled model


@dataclass(frozen=True, slots=True)
class Question:
    """How does the holder at `holder` stand towards the target at `target`, as `text` has it?

    Spans are code points into `text`, half-open, and not the same; `holder` None asks for the text's own voice.
    """

    text: str
    holder: Span | None
    target: Span


@dataclass(frozen=True, slots=True)
class Verdict:
    """The three probabilities; they add up to 1 but for rounding."""

    favor: float
    against: float
    neutral: float

    def decide(self, threshold: Threshold) -> tuple[Attitude, float]:
        """The attitude and its probability: a stance that is not as sure as `threshold` is neutral."""
        stance = Attitude.FAVOR if self.favor >= self.against else Attitude.AGAINST
        sure = max(self.favor, self.against)
        least = threshold if isinstance(threshold, float) else threshold[stance]
        return (stance, sure) if sure >= least and sure >= self.neutral else (Attitude.NEUTRAL, self.neutral)


def _read_threshold(told: Any) -> Threshold:
    if not isinstance(told, dict):
        return float(told)
    return {stance: float(told.get(stance, DEFAULT_THRESHOLD)) for stance in (Attitude.FAVOR, Attitude.AGAINST)}


def mark(question: Question, markers: Markers) -> str:
    """The text with markers around holder and target; text that looks like a marker is defused."""
    inserts = [(question.target, markers.target)]
    if question.holder is not None:
        inserts.append((question.holder, markers.holder))
    # of two marks at one place the end of what stands before comes first, then the longer span opens first
    points = [(end, 0, -start, close) for (start, end), (_, close) in inserts]
    points += [(start, 1, -end, opening) for (start, end), (opening, _) in inserts]
    parts, at = [], 0
    for place, _, _, marker in sorted(points):
        parts += [_defuse(question.text[at:place], markers), marker]
        at = place
    return "".join([*parts, _defuse(question.text[at:], markers)])


def _defuse(text: str, markers: Markers) -> str:
    for marker in markers.all:
        if marker in text:
            text = text.replace(marker, marker.replace("[", "( ").replace("]", " )").replace("<", "( "))
    return text


class StanceModel:
    """A loaded sequence-classification model. Thread-safe after loading; one a process is enough."""

    def __init__(self, folder: ModelFolder, engine: Engine) -> None:
        self.name = folder.name
        self.threshold = _read_threshold(folder.dateline.get("threshold", DEFAULT_THRESHOLD))
        self._engine = engine
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder.path / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = engine.takes_places  # then no text holds a marker
        limit = int(folder.config.get("max_position_embeddings") or 512) - 2  # RoBERTa counts from 2
        self._tokenizer.enable_truncation(limit)
        self._columns = read_columns(folder)
        self._temperature = float(folder.dateline.get("temperature", 1.0))
        bias = folder.dateline.get("bias") or {}
        self._bias = np.array([float(bias.get(attitude, 0.0)) for attitude in ORDER], np.float32)
        markers = folder.dateline.get("markers")
        self._markers = Markers(tuple(markers["holder"]), tuple(markers["target"])) if markers else None
        self._pair = str(folder.dateline.get("pair", PAIR))
        self.reads = folder.reads  # whether it was made for a language

    def classify(self, questions: Sequence[Question]) -> list[Verdict]:
        """The verdict on each question, whatever else is asked with it."""
        return self.classify_each([questions])[0]

    def classify_each(self, groups: Sequence[Sequence[Question]]) -> list[list[Verdict]]:
        """The verdicts on each group's questions, such as those of one article, whatever the other groups ask.

        What is read together is a matter of one group alone, so that no company changes how sums are rounded.
        """
        readings = [self._readings(group) for group in groups]
        unique = list(dict.fromkeys(itertools.chain(*readings)))
        verdicts = dict(zip(unique, self._read(unique), strict=True))
        answers = [dict(pair for asked in own for pair in zip(asked, verdicts[asked], strict=True)) for own in readings]
        return [[known[question] for question in group] for group, known in zip(groups, answers, strict=True)]

    def _readings(self, group: Sequence[Question]) -> list[Reading]:
        """What is read together: all that is asked about a text by a model that takes places, else one question."""
        if not self._engine.takes_places:
            return [(question,) for question in group]
        by_text: dict[str, dict[Question, None]] = {}
        for question in group:
            by_text.setdefault(question.text, {})[question] = None
        return [tuple(asked) for asked in by_text.values()]

    def _read(self, readings: Sequence[Reading]) -> list[list[Verdict]]:
        if not readings:
            return []
        if self._engine.takes_places:
            encodings = self._tokenizer.encode_batch([asked[0].text for asked in readings])
            offsets = [encoding.offsets for encoding in encodings]  # a new list each time it is asked for
            places = [[places_of(question.holder, question.target, pieces) for question in asked]
                      for asked, pieces in zip(readings, offsets, strict=True)]
            outputs = self._engine.run([encoding.ids for encoding in encodings], places)
        else:
            encodings = self._tokenizer.encode_batch([self._ask(question) for (question,) in readings])
            outputs = [logits[None] for logits in self._engine.run([encoding.ids for encoding in encodings])]
        logits = np.concatenate(outputs)[:, self._columns] / self._temperature + self._bias
        verdicts = map(_verdict, np.exp(log_softmax(logits)))
        return [list(itertools.islice(verdicts, len(asked))) for asked in readings]

    def _ask(self, question: Question) -> str | tuple[str, str]:
        if self._markers is not None:
            return mark(question, self._markers)
        holder = AUTHOR if question.holder is None else question.text[slice(*question.holder)]
        return question.text, self._pair.format(holder=holder, target=question.text[slice(*question.target)])


def _verdict(probabilities: Sequence[float]) -> Verdict:
    favor, against, neutral = (round(float(p), SCORE_DIGITS) for p in probabilities)
    return Verdict(favor, against, neutral)


def load_stance_model(name: str | None = None, *, engine: str = "auto", threads: int | None = None) -> StanceModel:
    """The bundled model, or the one in a folder or of a hub name; raises ModelError."""
    folder = find_model_folder(name, "stance")
    return StanceModel(folder, load_engine(folder, engine=engine, threads=threads))


def read_columns(folder: ModelFolder) -> list[int]:
    """The column of the output for favor, against and neutral, in this order."""
    own: Mapping[str, object] = dict(folder.dateline.get("label_map", {}))
    columns: dict[Attitude, int] = {}
    for column, label in enumerate(folder.labels):
        attitude = KNOWN_LABELS.get(str(own.get(label, label)).lower())
        if attitude is not None and attitude not in columns:
            columns[attitude] = column
    if missing := [attitude.value for attitude in ORDER if attitude not in columns]:
        raise ModelError(f"the stance model {folder.path} has the labels {', '.join(folder.labels)}, none of which "
                         f"says {' or '.join(missing)}; add \"label_map\": {{LABEL: favor|against|neutral}} for all "
                         f"three to {folder.path}/dateline.json")
    return [columns[attitude] for attitude in ORDER]
