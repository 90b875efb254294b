"""Train a stance model: the bundled one's teacher, or one of any size.

    python -m training.train_stance BASE DATA OUT [--epochs 4] [--templates 4000] [--rename 0.25]

BASE is an encoder (MPNet, or `training.base_encoder`'s) or a trained folder to go on from (its own OUT, or the bundled
weights by `training.unpack`), DATA the folder with `stance_unified` and `cameo_st`. The encoder reads a passage with
markers around holder and target; the head reads the states of the two opening markers and of the first piece (entity
starts, Baldini Soares et al. 2019, arXiv 1906.03158). Word embeddings stay frozen, with `--frozen-layers` every
embedding and the lowest layers; the rest trains with AdamW, in bfloat16 autocast unless `--fp32` says otherwise: a
processor without bfloat16 of its own emulates it and takes twelve times as long. With `--exit-layers` the states after
those layers learn to answer too (deep supervision, Lee et al. 2015, arXiv 1409.5185), so that `training.train_exits`,
which fits the heads that are kept, finds more to leave early. Seeded: the same machine gives the same weights.
"""

import argparse
import json
import pathlib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import tokenizers
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from models.stance import MARKERS, Question, mark
from training.stance_classifier import ExitHead, StanceClassifier, answer
from training.stance_data import LABELS, Row, bare, is_held_out, name_pool, read_cameo, read_unified, rename
from training.stance_labels import (
    LABELLED,
    LABELLED_DSE,
    LABELLED_GMB,
    LABELLED_NEWSMTSC,
    LABELLED_WIKINEWS,
    read_labels,
)
from training.stance_passages import read_passages
from training.stance_readings import read_readings, told, with_readings
from training.stance_templates import make_rows

MAX_PIECES = 220
# the way back through PyTorch 2.13's fused attention takes half of all the time on a CPU
SETTINGS: dict[str, Any] = {"attn_implementation": "eager", "attention_probs_dropout_prob": 0.0}
Batch = TypeVar("Batch")
Example = tuple[list[int], int | tuple[float, ...]]  # piece ids; a number, or a probability for each label


def start(base: pathlib.Path, out: pathlib.Path, seed: int) -> tuple[StanceClassifier, tokenizers.Tokenizer]:
    """The classifier to train and its tokenizer: new markers and head on an encoder, or all of a trained folder."""
    if "dense.weight" not in load_file(base / "model.safetensors"):
        encoder, tokenizer = add_markers(base, out, seed)
        model = StanceClassifier(encoder.config, opening_markers(tokenizer))
        model.bert = encoder
        return model, tokenizer
    copy_tokenizer(base, out)
    return load_trained(base)


def copy_tokenizer(base: pathlib.Path, out: pathlib.Path) -> None:
    """The tokenizer's files, into a folder that is made."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (out / name).write_bytes((base / name).read_bytes())


def load_trained(folder: pathlib.Path) -> tuple[StanceClassifier, tokenizers.Tokenizer]:
    """A trained folder's classifier, word embeddings frozen, and its tokenizer."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = StanceClassifier(AutoConfig.from_pretrained(folder, **SETTINGS), opening_markers(tokenizer))
    take_weights(model, folder)
    return model, tokenizer


def take_weights(model: StanceClassifier, folder: pathlib.Path) -> None:
    """Give a model a trained folder's weights; its word embeddings learn no more."""
    model.load_state_dict(load_file(folder / "model.safetensors"))
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)


def opening_markers(tokenizer: tokenizers.Tokenizer) -> tuple[int, int]:
    """The pieces that open holder and target."""
    return tokenizer.token_to_id(MARKERS.holder[0]), tokenizer.token_to_id(MARKERS.target[0])


def add_markers(
    base: pathlib.Path, out: pathlib.Path, seed: int
) -> tuple[PreTrainedModel, tokenizers.Tokenizer]:
    """The base encoder with four more pieces, whose vectors are drawn like those of the others."""
    tokenizer = tokenizers.Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.add_special_tokens(list(MARKERS.all))
    encoder = AutoModel.from_pretrained(base, add_pooling_layer=False, **SETTINGS)
    old = encoder.embeddings.word_embeddings.weight.data
    chance = torch.Generator().manual_seed(seed)
    new = old.mean(0) + old.std(0) * torch.randn(len(MARKERS.all), old.shape[1], generator=chance)
    encoder.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(torch.cat([old, new]), freeze=True)
    encoder.config.vocab_size = len(old) + len(new)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))
    (out / "tokenizer_config.json").write_bytes((base / "tokenizer_config.json").read_bytes())
    return encoder, tokenizer


class Training(NamedTuple):
    """What may be trained on: the public sets, and what was answered and written for this project."""

    public: list[Row]
    answered: list[Row]
    written: list[Row]


def read_training(options: argparse.Namespace) -> Training:
    """Every row that an epoch is drawn from."""
    return Training(read_public(options.data), read_answered(options), read_passages("train"))


def read_public(data: pathlib.Path) -> list[Row]:
    """Every crowd-labelled row that may be trained on, with its reading where it has one."""
    rows = [row for row in read_unified(data / "stance_unified" / "train.jsonl.gz") if not is_held_out(row)]
    kept_out = read_unified(data / "stance_unified" / "dev.jsonl.gz")
    taken = frozenset(bare(row.question.text) for row in (*rows, *kept_out))
    rows += read_cameo(data / "cameo_st" / "train.jsonl.gz", taken)
    return with_readings(rows, read_readings())


def read_answered(options: argparse.Namespace) -> list[Row]:
    """Every question answered for this project whose text is at hand: the public sets' always, others where named."""
    unified = options.data / "stance_unified" / "train.jsonl.gz"
    texts = ((unified, LABELLED_NEWSMTSC), (unified, LABELLED_DSE), (options.newswire, LABELLED),
             (options.wikinews, LABELLED_WIKINEWS), (options.gmb, LABELLED_GMB))
    return [row for articles, labelled in texts if articles for row in read_labels(articles, "train", labelled)]


def draw_epoch(training: Training, options: argparse.Namespace, seed: int) -> list[Row]:
    """One epoch: rows, some with other names, and made sentences; neutral ones of DSE and passages by a share."""
    chance, names = random.Random(seed), name_pool(training.public)
    kept = [row for row in training.public
            if chance.random() < options.share
            and (row.dataset != "dse" or {*row.answers} != {"neutral"} or chance.random() < options.neutral_share)]
    kept += [row for row in kept if row.dataset == "newsmtsc"] * (options.newsmtsc - 1)
    kept += [row for row in kept if row.label != "neutral" and is_turned(row)] * (options.turned - 1)
    answered = training.answered * options.label_copies
    if options.answered_share < 1:  # else no chance is drawn: older recipes see what they saw
        answered = [row for row in answered if chance.random() < options.answered_share]
    if options.answered_neutral < 1:
        answered = [row for row in answered if row.label != "neutral" or chance.random() < options.answered_neutral]
    kept += answered
    kept += [row for row in training.written * options.passages
             if row.label != "neutral" or chance.random() < options.neutral_share]
    renamed = [rename(row, names, chance) if chance.random() < options.rename else row for row in kept]
    return renamed + list(make_rows(options.templates, names, seed, english=options.english))


def is_turned(row: Row) -> bool:
    """Whether the holder stands after its target (`was condemned by`): one stance in eight of the public sets."""
    return row.question.holder is not None and row.question.holder[0] > row.question.target[0]


def encode(
    rows: Sequence[Row], tokenizer: tokenizers.Tokenizer, options: argparse.Namespace, chance: random.Random
) -> list[Example]:
    """Piece ids with markers, a share of the others masked, and what the rows tell."""
    pieces = encode_questions([row.question for row in rows], tokenizer, options.hide, chance)
    return [(ids, told(row, options.reading)) for ids, row in zip(pieces, rows, strict=True)]


def encode_questions(
    questions: Sequence[Question], tokenizer: tokenizers.Tokenizer, hide: float, chance: random.Random
) -> list[list[int]]:
    """Piece ids with markers, a share of the others masked."""
    encodings = tokenizer.encode_batch([mark(question, MARKERS) for question in questions])
    mask, kept = tokenizer.token_to_id("<mask>"), {0, 2, *map(tokenizer.token_to_id, MARKERS.all)}
    return [[mask if piece not in kept and chance.random() < hide else piece for piece in encoding.ids[:MAX_PIECES]]
            for encoding in encodings]


def batches(examples: Sequence[Example], pieces: int, chance: random.Random) -> Iterator[list[Example]]:
    """Batches of about `pieces` pieces, rows of like length together, in random order."""
    order = sorted(range(len(examples)), key=lambda i: len(examples[i][0]) + chance.random() * 6)
    groups: list[list[Example]] = [[]]
    for index in order:
        if groups[-1] and (len(groups[-1]) + 1) * len(examples[index][0]) > pieces:
            groups.append([])
        groups[-1].append(examples[index])
    chance.shuffle(groups)
    yield from groups


def collate(batch: Sequence[Example], pad: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(batch, width) ids and attention mask, (batch,) numbers or (batch, labels) probabilities."""
    width = max(len(ids) for ids, _ in batch)
    ids = np.full((len(batch), width), pad, np.int64)
    for row, (found, _) in enumerate(batch):
        ids[row, : len(found)] = found
    labels = torch.tensor([label for _, label in batch])
    return torch.from_numpy(ids), torch.from_numpy((ids != pad).astype(np.int64)), labels


def train(options: argparse.Namespace) -> None:
    """Train; `options.out` gets config, tokenizer and model.safetensors after every epoch."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    model, tokenizer = start(options.base, options.out, options.seed)
    prepare(model, options)
    training = read_training(options)
    chance = random.Random(options.seed)
    drawn = (draw_epoch(training, options, options.seed + epoch) for epoch in range(options.epochs))
    plan = [list(batches(encode(epoch, tokenizer, options, chance), options.pieces, chance)) for epoch in drawn]
    print(json.dumps({"rows": sum(map(len, training)), "steps": [len(groups) for groups in plan]}), flush=True)
    fit(model, plan, options)


def prepare(model: StanceClassifier, options: argparse.Namespace) -> None:
    """Freeze the layers and prune the pieces that the options say."""
    if options.frozen_layers:
        model.bert.embeddings.requires_grad_(False)
        model.bert.encoder.layer[: options.frozen_layers].requires_grad_(False)
    if options.pruned_after is not None:
        model.bert.config.pruned_after = options.pruned_after


def fit(model: StanceClassifier, plan: Sequence[Sequence[list[Example]]], options: argparse.Namespace) -> None:
    """Go through the batches once."""
    exits = torch.nn.ModuleDict({str(layer): ExitHead(model.dense.in_features) for layer in options.exit_layers})

    def loss_of_batch(batch: list[Example]) -> torch.Tensor:
        ids, mask, labels = collate(batch, 1)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not options.fp32):
            whole, *early = answers(model, exits, ids, mask)
        loss = loss_of(whole, labels, options)
        return loss + options.exit_weight * sum(loss_of(logits, labels, options) for logits in early)

    descend(model, plan, loss_of_batch, options, more=exits.parameters())


def descend(
    model: StanceClassifier,
    plan: Sequence[Sequence[Batch]],
    loss_of_batch: Callable[[Batch], torch.Tensor],
    options: argparse.Namespace,
    more: Iterable[torch.nn.Parameter] = (),
) -> None:
    """A step of AdamW for each batch, over the model and what `more` there is; linear warm-up and decay."""
    head = [*model.dense.parameters(), *model.classifier.parameters(), *more]
    body = [p for p in model.bert.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": body, "lr": options.rate}, {"params": head, "lr": options.rate * 4}],
                                  weight_decay=0.01)
    steps, step, began, running = sum(map(len, plan)), 0, time.time(), 1.0
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / max(1, steps - warm)))
    )
    for epoch, groups in enumerate(plan):
        model.train()
        for batch in groups:
            loss = loss_of_batch(batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            running = 0.98 * running + 0.02 * loss.item()
            if step % 200 == 0:
                save(model, model.bert.config, options.out)
            if step % 50 == 0:
                print(f"epoch {epoch} step {step}/{steps} loss {running:.4f} {time.time() - began:.0f} s", flush=True)
        save(model, model.bert.config, options.out)


def answers(
    model: StanceClassifier, exits: torch.nn.ModuleDict, ids: torch.Tensor, mask: torch.Tensor
) -> list[torch.Tensor]:
    """(batch, labels) logits of the whole model and of each head of `exits`, which are named by their layers."""
    states = model.states(ids, mask)
    early = [head(model.features(ids, states[int(layer)])) for layer, head in exits.items()]
    return [answer(model, model.features(ids, states[-1])), *early]


def loss_of(logits: torch.Tensor, labels: torch.Tensor, options: argparse.Namespace) -> torch.Tensor:
    """Cross-entropy with what the rows tell."""
    return torch.nn.functional.cross_entropy(logits.float(), labels, label_smoothing=options.smoothing)


def save(model: StanceClassifier, config: PretrainedConfig, out: pathlib.Path) -> None:
    """Weights as safetensors, and a configuration that names the labels."""
    weights = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    save_file(weights, str(out / "model.safetensors"))
    told = config.to_dict() | {"architectures": ["StanceClassifier"], "id2label": dict(enumerate(LABELS)),
                               "label2id": {label: i for i, label in enumerate(LABELS)}}
    (out / "config.json").write_text(json.dumps(told, indent=1, sort_keys=True, default=str), encoding="utf-8")


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every training of a stance model is told."""
    parser.add_argument("base", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--pieces", type=int, default=1600, help="word pieces in a batch")
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--neutral-share", type=float, default=0.6)
    parser.add_argument("--newsmtsc", type=int, default=1, help="how often an epoch sees each row of NewsMTSC")
    parser.add_argument("--turned", type=int, default=1, help="how often stances whose holder comes after its target")
    parser.add_argument("--reading", type=float, default=0.5, help="of a second reading beside the crowd's label")
    parser.add_argument("--share", type=float, default=1.0, help="of the public sets' rows that an epoch sees")
    parser.add_argument("--newswire", type=pathlib.Path, help="the newswire's articles: train on our labels too")
    parser.add_argument("--wikinews", type=pathlib.Path, help="the same of English Wikinews")
    parser.add_argument("--gmb", type=pathlib.Path, help="the same of the Groningen Meaning Bank's sentences")
    parser.add_argument("--label-copies", type=int, default=3, help="how often an epoch sees each of our labels")
    parser.add_argument("--answered-share", type=float, default=1.0, help="of our labels that an epoch sees")
    parser.add_argument("--answered-neutral", type=float, default=1.0, help="of the neutral ones of them")
    parser.add_argument("--templates", type=int, default=4000, help="made rows an epoch")
    parser.add_argument("--english", action="store_true", help="make no rows in other languages")
    parser.add_argument("--passages", type=int, default=1, help="how often an epoch sees the passages written for it")
    parser.add_argument("--rename", type=float, default=0.25)
    parser.add_argument("--hide", type=float, default=0.0, help="share of the word pieces that are masked")
    parser.add_argument("--frozen-layers", type=int, default=0, help="how many of the lowest layers stay as they are")
    parser.add_argument("--exit-layers", type=int, nargs="+", default=[], help="layers whose states are to tell too")
    parser.add_argument("--exit-weight", type=float, default=0.1, help="of each exit layer's loss beside the whole's")
    parser.add_argument("--pruned-after", type=int, help="layers after which only the pieces that the head reads go on")
    parser.add_argument("--fp32", action="store_true", help="no bfloat16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
