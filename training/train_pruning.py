"""Teach a trained NER model which word pieces need go no further than half-way: those that surely name nothing.

    python -m training.train_pruning TRAINED DATA [--layer 6] [--keep 0.998] [--rows 800]

TRAINED is a folder of `training.train_ner`, DATA the folder of NER sets. A linear probe over the states after a layer
learns the probability of O that the whole model gives to a piece (distillation, Hinton et al. 2015, arXiv 1503.02531),
so it needs no labels; the model stays as it is. Of every set in `SETS`, `--rows` training rows are read (of the first
one, the news, three times as many), every fifth of them only to set the mark: the highest at which, in each set, the
share `--keep` of the pieces that the whole model takes for part of a name goes on. `training.onnx_pruning` says what
then happens.

Writes `pruning.json` beside the weights, for `training.export ner`.
"""

import argparse
import json
import pathlib
import random

import tokenizers
import torch
from transformers import BertForTokenClassification

from models.pruning import write_pruning_file
from training.ner_data import TAGS, read_rows
from training.small_heads import minimise, scale, unscale
from training.train_ner import MAX_PIECES

SETS = ("worldwide", "gmb", "wnut17", "bosque")
ROUNDS, RATE, BATCH, APART = 12, 1e-2, 512, 5
OUTSIDE, EVEN = TAGS.index("O"), 0.5


def draw_texts(data: pathlib.Path, name: str, count: int, seed: int) -> list[str]:
    """`count` texts of a set's training part."""
    texts = [row.text for row in read_rows(data, name, "train", seed=seed)]
    return random.Random(seed).sample(texts, min(len(texts), count))


def look(
    model: BertForTokenClassification, tokenizer: tokenizers.Tokenizer, texts: list[str], layer: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """States after the layer, (pieces, hidden), and the whole model's probability of a name, (pieces,)."""
    states, named = [], []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids[:MAX_PIECES]])
        with torch.inference_mode():
            found = model(input_ids=ids, output_hidden_states=True)
        states.append(found.hidden_states[layer][0])
        named.append(1 - found.logits[0].softmax(-1)[:, OUTSIDE])
    return torch.cat(states).clone(), torch.cat(named).clone()


def fit_probe(states: torch.Tensor, named: torch.Tensor, seed: int) -> tuple[torch.Tensor, float]:
    """Weight (hidden,) and bias whose sigmoid gives the wanted probabilities."""
    torch.manual_seed(seed)
    mean, spread = scale(states)
    probe, scaled = torch.nn.Linear(states.shape[1], 1), (states - mean) / spread

    def loss_of(rows: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.binary_cross_entropy_with_logits(probe(scaled[rows]).squeeze(-1), named[rows])

    minimise(probe.parameters(), loss_of, len(scaled), rounds=ROUNDS, rate=RATE, decay=1e-3, batch=BATCH)
    unscale(probe, mean, spread)
    return probe.weight.detach()[0], float(probe.bias.detach())


def find_mark(scores: torch.Tensor, named: torch.Tensor, keep: float) -> float:
    """The highest mark that at least the share `keep` of the named pieces reaches; ValueError where there is none."""
    inside = scores[named >= EVEN].sort().values
    if not len(inside):
        raise ValueError("the model finds no name in the rows kept apart; give more --rows")
    return float(inside[int(len(inside) * (1 - keep))])


def train_pruning(options: argparse.Namespace) -> None:
    """Look, fit, mark and write; prints by set what share of the pieces goes on."""
    torch.set_num_threads(options.threads)
    tokenizer = tokenizers.Tokenizer.from_file(str(options.trained / "tokenizer.json"))
    model = BertForTokenClassification.from_pretrained(options.trained).eval()
    counts = {name: options.rows * (3 if name == SETS[0] else 1) for name in SETS}
    texts = {name: draw_texts(options.data, name, count, options.seed) for name, count in counts.items()}
    fitted = [text for found in texts.values() for place, text in enumerate(found) if place % APART]
    weight, bias = fit_probe(*look(model, tokenizer, fitted, options.layer), options.seed)
    apart = {name: look(model, tokenizer, found[::APART], options.layer) for name, found in texts.items()}
    scored = {name: (states @ weight, named) for name, (states, named) in apart.items()}
    marks = {name: find_mark(scores, named, options.keep) for name, (scores, named) in scored.items()}
    least = min(marks.values())
    for name, (scores, named) in scored.items():
        shares = {"named": float((named >= EVEN).float().mean()), "goes_on": float((scores >= least).float().mean())}
        print(json.dumps({"set": name, "mark": round(marks[name] + bias, 2), **shares}))
    told = {"layer": options.layer, "least": least, "weight": weight.tolist()}
    write_pruning_file(options.trained, told)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--layer", type=int, default=6)
    parser.add_argument("--keep", type=float, default=0.998)
    parser.add_argument("--rows", type=int, default=800)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    train_pruning(parser.parse_args())


if __name__ == "__main__":
    main()
