"""Named-entity recognition over whole articles with any token-classification model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tokenizers

from models.agree import agree_on_labels
from models.decode import Floats, TagScheme, decode, no_name
from models.engine import Engine, load_engine
from models.folder import ModelFolder, find_model_folder
from models.mentions import drop_doubtful, join_pieces, make_mention
from models.units import Unit, build_units
from models.windows import Window, cut_windows, sentence_piece_ends
from schemas.article import Label, Mention
from schemas.errors import ModelError

WINDOW = 192  # pieces read at once, special ones not counted; attention costs grow with it
CONTEXT = 24

# Labels of well-known models in the words of Dateline; anything else must be mapped in dateline.json.
KNOWN_LABELS = {
    "PER": Label.PERSON, "PERS": Label.PERSON, "ORGANIZATION": Label.ORG, "ORGANISATION": Label.ORG,
    "GPE": Label.LOC, "LOCATION": Label.LOC, "FACILITY": Label.FAC, "WORK_OF_ART": Label.MISC, "EVENT": Label.MISC,
    "LAW": Label.MISC, "LANGUAGE": Label.MISC, "MISCELLANEOUS": Label.MISC, "TIME": Label.DATE,
} | {label.value: label for label in Label}
IGNORED_LABELS = frozenset({"O", "CARDINAL", "ORDINAL", "PERCENT", "QUANTITY"})

Sentences = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the model read and found in one text; `tokens` counts its word pieces, each read in a core once."""

    mentions: tuple[Mention, ...]
    windows: int
    tokens: int


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    sentences: Sentences
    ids: list[int]
    offsets: list[tuple[int, int]]
    windows: list[Window]

    def has_words(self, window: Window) -> bool:
        """Whether a letter or a digit is in what the window answers for."""
        start, end = self.offsets[window.core_start][0], self.offsets[window.core_end - 1][1]
        return any(map(str.isalnum, self.text[start:end]))


class NerModel:
    """A loaded model. Thread-safe after loading; one a process is enough."""

    def __init__(self, folder: ModelFolder, engine: Engine) -> None:
        self.name = folder.name
        self._engine = engine
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder.path / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        special = self._tokenizer.encode("")
        ids = list(special.ids)
        self._before, self._after = ids[: len(ids) // 2], ids[len(ids) // 2 :]
        limit = int(folder.config.get("max_position_embeddings") or 512) - len(ids) - 2  # RoBERTa counts from 2
        self._size = min(WINDOW, limit)
        self._temperature = float(folder.dateline.get("temperature", 1.0))
        self._min_scores = {str(k): float(v) for k, v in dict(folder.dateline.get("min_scores", {})).items()}
        self._scheme = read_scheme(folder)

    def recognize(self, texts: Sequence[str], sentences: Sequence[Sentences]) -> list[Recognition]:
        """Mentions of each text, whose sentences are given as (start, end) code points, ascending."""
        readings = [self._read(text, spans) for text, spans in zip(texts, sentences, strict=True)]
        jobs = [[*self._before, *r.ids[w.start : w.end], *self._after]
                for r in readings for w in r.windows if r.has_words(w)]
        outputs = iter(self._engine.run(jobs))
        return [self._answer(reading, [next(outputs) if reading.has_words(window) else self._no_name(window)
                                       for window in reading.windows]) for reading in readings]

    def _no_name(self, window: Window) -> Floats:
        """What the model need not be asked: marks alone name nobody, and a text of dots has a piece a dot."""
        pieces = len(self._before) + window.end - window.start
        return np.tile(no_name(self._scheme.labels), (pieces, 1))

    def _read(self, text: str, sentences: Sentences) -> _Reading:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        ends = sentence_piece_ends(encoding.offsets, sentences)
        windows = cut_windows(ends, len(encoding.ids), size=self._size, context=min(CONTEXT, self._size // 4))
        return _Reading(text, sentences, encoding.ids, encoding.offsets, windows)

    def _answer(self, reading: _Reading, outputs: list[Floats]) -> Recognition:
        units = build_units(reading.text, reading.offsets)
        if not units:
            return Recognition((), len(reading.windows), len(reading.ids))
        before = len(self._before)
        logits = np.concatenate([output[before + w.core_start - w.start : before + w.core_end - w.start]
                                 for w, output in zip(reading.windows, outputs, strict=True)])
        scaled = np.asarray(logits[[unit.piece for unit in units]] / self._temperature, np.float32)
        log_probabilities = log_softmax(scaled)
        starts = sentence_unit_starts(units, reading.sentences)
        mentions = []
        for span in decode(log_probabilities, self._scheme, starts):
            if span.label in IGNORED_LABELS:
                continue
            start, end = units[span.start].start, units[span.end - 1].end
            mention = make_mention(reading.text, start, end, span.label, span.score)
            if mention is not None:
                mentions.append(mention)
        agreed = list(agree_on_labels(list(join_pieces(reading.text, mentions))))
        kept = tuple(drop_doubtful(agreed, self._min_scores))
        return Recognition(kept, len(reading.windows), len(reading.ids))


def load_ner_model(name: str | None = None, *, engine: str = "auto", threads: int | None = None) -> NerModel:
    """The bundled model, or the one in a folder or of a hub name; raises ModelError."""
    folder = find_model_folder(name, "ner")
    return NerModel(folder, load_engine(folder, engine=engine, threads=threads))


def read_scheme(folder: ModelFolder) -> TagScheme:
    """The tag scheme of a model's labels: BIO and BIOES (E and S read as I and B), or labels without a prefix."""
    own = {str(key): str(value) for key, value in dict(folder.dateline.get("label_map", {})).items()}
    prefixes, labels = [], []
    plain = not any(label[:2] in ("B-", "I-") for label in folder.labels)
    for full in folder.labels:
        prefix, _, rest = full.partition("-") if full[1:2] == "-" else ("B", "", full)
        if full == "O" or rest == "O":
            prefixes.append("O")
            labels.append("O")
            continue
        ignored = rest.upper() if rest.upper() in IGNORED_LABELS else None
        label = own.get(rest) or KNOWN_LABELS.get(rest.upper()) or ignored
        if label is None:
            raise ModelError(f"the NER model {folder.path} has the label {full!r}, which Dateline does not know; add "
                             f'"label_map": {{"{rest}": one of {", ".join(Label)}}} to {folder.path}/dateline.json')
        prefixes.append("P" if plain else {"S": "B", "E": "I", "L": "I", "U": "B"}.get(prefix, prefix))
        labels.append(str(label))
    return TagScheme(tuple(prefixes), tuple(labels), strict=bool(folder.dateline.get("strict_bio", False)))


def log_softmax(logits: Floats) -> Floats:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)), np.float32)


def sentence_unit_starts(units: Sequence[Unit], sentences: Sentences) -> list[int]:
    """The index of the first unit of each sentence."""
    starts, at = [], 0
    for start, _ in sentences:
        while at < len(units) and units[at].start < start:
            at += 1
        starts.append(at)
    return starts
