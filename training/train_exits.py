"""Teach a trained stance model to leave early: most questions of running news are neutral, and soon seen to be.

    python -m training.train_exits TRAINED NEWS.jsonl.gz DATA [--layers 3 6] [--keep 0.99] [--questions 8000]

TRAINED is a folder of `training.train_stance`, NEWS a file of articles, whose questions are those that the pipeline
asks, DATA the folder with `stance_unified`, a fifth as many of whose training rows are asked too. Each exit is a small
head of the same form as the model's own over the states after some layer. It learns the probabilities that the whole
model gives (distillation, Hinton et al. 2015, arXiv 1503.02531), so it needs no labels; the model stays as it is. An
exit is taken where its probability of neutral reaches a mark, the lowest at which, of the questions of articles kept
apart to which the whole model gives a stance at least the probability `--stated`, the share `--keep` is left to the
layers above. (Before calibration the model is bold: what it gives less than about 0.7 is stated by no threshold after
it.)

Writes `exits.safetensors` and `exits.json` beside the weights, for `training.export stance`.
"""

import argparse
import hashlib
import json
import pathlib
import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file

from models.ner import load_ner_model
from schemas.article import Document
from training.draw_questions import news_questions
from training.small_heads import minimise, scale, unscale
from training.stance_classifier import ExitHead, StanceClassifier, answer
from training.stance_data import LABELS, Row, read_unified
from training.train_stance import batches, collate, encode_questions, load_trained
from transforms.read import read_documents

ROUNDS, RATE, BATCH = 15, 1e-3, 64
NEUTRAL = LABELS.index("neutral")
Floats = npt.NDArray[np.float32]


def draw_rows(news: pathlib.Path, data: pathlib.Path, count: int, seed: int) -> list[Row]:
    """`count` questions of the news, and a fifth as many rows of `stance_unified`; their labels are not used."""
    ner, chance = load_ner_model(), random.Random(seed)
    documents = [found for found in read_documents(str(news)) if isinstance(found, Document)]
    chance.shuffle(documents)
    rows: list[Row] = []
    for number, document in enumerate(documents):
        rows += [Row(question, "neutral", "news", f"news-{number}") for question in news_questions(document, ner)]
        if len(rows) >= count:
            break
    known = list(read_unified(data / "stance_unified" / "train.jsonl.gz"))
    return rows[:count] + chance.sample(known, min(len(known), count // 5))


def is_apart(row: Row) -> bool:
    """Whether a row belongs to the third of the articles that the marks are read from."""
    return row.dataset == "news" and hashlib.sha256(row.row_id.encode()).digest()[0] < 85


def look(
    model: StanceClassifier, questions: Sequence[list[int]], layers: Sequence[int], pad: int
) -> tuple[dict[int, torch.Tensor], torch.Tensor]:
    """Features after each of the layers, (rows, 3 * hidden), and the whole model's probabilities, (rows, labels)."""
    seen: dict[int, list[torch.Tensor]] = {layer: [] for layer in layers}
    answers, places = [], []
    for batch in batches([(ids, place) for place, ids in enumerate(questions)], 1600, random.Random(0)):
        ids, mask, numbers = collate(batch, pad)
        with torch.inference_mode():
            states = model.states(ids, mask)
            top = model.features(ids, states[-1])
            answers.append(torch.softmax(answer(model, top), -1))
            for layer in layers:
                seen[layer].append(model.features(ids, states[layer]))
        places.append(numbers)
    order = torch.argsort(torch.cat(places))
    return {layer: torch.cat(found)[order].clone() for layer, found in seen.items()}, torch.cat(answers)[order].clone()


def fit_head(features: torch.Tensor, wanted: torch.Tensor, seed: int) -> ExitHead:
    """A head that gives the wanted probabilities; features are brought to one scale, and the head undoes it."""
    torch.manual_seed(seed)
    mean, spread = scale(features)
    head = ExitHead(features.shape[1])
    scaled = (features - mean) / spread

    def loss_of(rows: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(head(scaled[rows]), wanted[rows])

    minimise(head.parameters(), loss_of, len(scaled), rounds=ROUNDS, rate=RATE, decay=0.05, batch=BATCH)
    unscale(head.dense, mean, spread)
    return head.eval()


def neutral_of(head: ExitHead, features: torch.Tensor) -> Floats:
    """The head's probability of neutral for each row."""
    with torch.inference_mode():
        return np.asarray(torch.softmax(head(features), -1)[:, NEUTRAL].numpy(), np.float32)


def find_mark(neutral: Floats, stated: npt.NDArray[np.bool_], keep: float) -> float:
    """The lowest mark at which at most 1 - keep of the stated rows leave; raises ValueError where none is stated."""
    if not stated.any():
        raise ValueError("no stance among the questions kept apart; expected are some hundred: give more --questions")
    ascending = np.sort(neutral[stated])
    return float(np.nextafter(ascending[min(len(ascending) - 1, int(np.ceil(len(ascending) * keep)) - 1)], 2.0))


def train_exits(options: argparse.Namespace) -> None:
    """Look, fit, mark and write; prints what share of the questions each exit takes."""
    torch.set_num_threads(options.threads)
    rows = draw_rows(options.news, options.data, options.questions, options.seed)
    model, tokenizer = load_trained(options.trained)
    model.eval()
    questions = encode_questions([row.question for row in rows], tokenizer, 0.0, random.Random(options.seed))
    features, wanted = look(model, questions, options.layers, 1)
    apart = np.array([is_apart(row) for row in rows])
    stated = 1 - wanted[:, NEUTRAL].numpy() >= options.stated
    inside, weights, marks = np.ones(len(rows), bool), {}, {}
    for layer in sorted(options.layers):
        head = fit_head(features[layer][~apart], wanted[~apart], options.seed)
        neutral = neutral_of(head, features[layer])
        marks[layer] = find_mark(neutral[apart], stated[apart], options.keep)
        inside &= neutral < marks[layer]
        weights |= {f"exit{layer}.{name}": value.contiguous() for name, value in head.state_dict().items()}
        print(json.dumps({"layer": layer, "mark": round(marks[layer], 4), "still_inside": float(inside[apart].mean()),
                          "stated_kept": float(inside[apart & stated].mean()), "stated": int((apart & stated).sum())}))
    save_file(weights, str(options.trained / "exits.safetensors"))
    told = {"least": {str(layer): mark for layer, mark in marks.items()}}
    (options.trained / "exits.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=pathlib.Path)
    parser.add_argument("news", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--layers", type=int, nargs="+", default=[3, 6])
    parser.add_argument("--keep", type=float, default=0.99)
    parser.add_argument("--stated", type=float, default=0.5)
    parser.add_argument("--questions", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    train_exits(parser.parse_args())


if __name__ == "__main__":
    main()
