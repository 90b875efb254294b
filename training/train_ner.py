"""Train the bundled NER model.

    python -m training.train_ner BASE DATA OUT [--mix worldwide=1 bosque=1 gmb=0.25] [--epochs 3]
    python -m training.train_ner BASE DATA OUT --above-pruning --epochs 1 --rate 4e-5

BASE is the trimmed encoder (`training.base_encoder`), or a trained model to go on from; DATA a folder of NER sets as
`training.ner_data` reads them. Word embeddings stay frozen unless --train-words; everything else trains in bfloat16
autocast with AdamW. Rows are drawn anew each epoch from every source by its share in `--mix`. Seeded: the same machine
gives the same weights. With --above-pruning only the layers above the pruning of BASE (`training.train_pruning`) and
the head are trained, on the pieces that go on, with the others left behind as they will be.
"""

import argparse
import json
import pathlib
import random
import time
from collections.abc import Iterator, Sequence

import numpy as np
import tokenizers
import torch
from transformers import BertForTokenClassification

from models.pruning import FILE, pruned_logits, read_pruning_file
from models.units import build_units
from training.ner_data import TAGS, Row, read_rows

MAX_PIECES = 320
Example = tuple[list[int], np.ndarray]  # piece ids; (pieces, tags) of allowed tags, all False where there is no unit


def encode(row: Row, tokenizer: tokenizers.Tokenizer) -> Example | None:
    """Piece ids and, for the first piece of each unit, the tags its token allows. None when too long."""
    encoding = tokenizer.encode(row.text)
    if len(encoding.ids) > MAX_PIECES:
        return None
    allowed = np.zeros((len(encoding.ids), len(TAGS)), bool)
    at = 0
    for unit in build_units(row.text, encoding.offsets):
        while at < len(row.spans) - 1 and row.spans[at][1] <= unit.start:
            at += 1
        for tag in row.allowed[at]:
            # a unit that begins inside a token continues what the token began
            inside = tag[0] == "B" and unit.start > row.spans[at][0]
            allowed[unit.piece, TAGS.index(f"I{tag[1:]}" if inside else tag)] = True
    return encoding.ids, allowed


def batches(examples: Sequence[Example], tokens: int, chance: random.Random) -> Iterator[list[Example]]:
    """Batches of about `tokens` pieces, rows of like length together, in random order."""
    order = sorted(range(len(examples)), key=lambda i: (len(examples[i][0]) + chance.random() * 8))
    groups: list[list[Example]] = [[]]
    for index in order:
        if (len(groups[-1]) + 1) * len(examples[index][0]) > tokens and groups[-1]:
            groups.append([])
        groups[-1].append(examples[index])
    chance.shuffle(groups)
    yield from groups


def collate(batch: list[Example], pad: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(batch, width) ids and attention mask, (batch, width, tags) allowed tags."""
    width = max(len(ids) for ids, _ in batch)
    ids = np.full((len(batch), width), pad, np.int64)
    mask = np.zeros((len(batch), width), np.int64)
    allowed = np.zeros((len(batch), width, len(TAGS)), bool)
    for i, (row, tags) in enumerate(batch):
        ids[i, : len(row)], mask[i, : len(row)], allowed[i, : len(row)] = row, 1, tags
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(allowed)


def partial_label_loss(logits: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Mean over units of -log p(allowed set). Shapes: (batch, width, tags) both."""
    known = allowed.any(-1)
    logits, allowed = logits[known].float(), allowed[known]
    inside = logits.masked_fill(~allowed, float("-inf")).logsumexp(-1)
    return (logits.logsumexp(-1) - inside).mean()


def load_mix(data: pathlib.Path, mix: dict[str, float], tokenizer: tokenizers.Tokenizer, seed: int) -> list[Example]:
    """One epoch's examples: each source's train part, by its share (1.5 = every row once, half of them twice)."""
    chance, chosen = random.Random(seed), []
    for name, share in mix.items():
        part = "test" if name == "wikigold" else "train"  # Wikigold has one part only, named so by its source
        rows = list(read_rows(data, name, part, seed=seed, augment=True))
        for copy in range(int(share) + 1):
            want = min(1.0, share - copy)
            chosen += rows if want >= 1 else chance.sample(rows, int(len(rows) * want)) if want > 0 else []
    examples = (encode(row, tokenizer) for row in chosen)
    return [e for e in examples if e is not None]


def train(options: argparse.Namespace) -> None:
    """Train and write a Hugging Face folder to `options.out`."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    tokenizer = tokenizers.Tokenizer.from_file(str(options.base / "tokenizer.json"))
    model = BertForTokenClassification.from_pretrained(
        options.base, num_labels=len(TAGS), id2label=dict(enumerate(TAGS)), label2id={t: i for i, t in enumerate(TAGS)})
    model.bert.embeddings.word_embeddings.weight.requires_grad_(options.train_words)
    pruning = read_pruning_file(options.base) if options.above_pruning else None
    if options.above_pruning and not pruning:
        raise FileNotFoundError(f"{options.base} has no pruning.json; run `python -m training.train_pruning` first")
    if pruning:
        model.bert.embeddings.requires_grad_(False)
        model.bert.encoder.layer[: pruning["layer"]].requires_grad_(False)
    head = list(model.classifier.parameters())
    body = [p for p in model.bert.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": body, "lr": options.rate}, {"params": head, "lr": options.rate * 5}],
                                  weight_decay=0.01)
    mix = {name: float(share) for name, share in (item.split("=") for item in options.mix)}
    epochs = [load_mix(options.data, mix, tokenizer, options.seed + e) for e in range(options.epochs)]
    chance = random.Random(options.seed)
    plan = [list(batches(examples, options.tokens, chance)) for examples in epochs]
    steps, step, began = sum(map(len, plan)), 0, time.time()
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / (steps - warm)))
    )
    print(json.dumps({"steps": steps, "examples": [len(e) for e in epochs], "mix": mix}), flush=True)
    model.train()
    running = 0.0
    for epoch, groups in enumerate(plan):
        for batch in groups:
            ids, mask, allowed = collate(batch, model.config.pad_token_id)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                if pruning:
                    logits, goes_on = pruned_logits(model, ids, mask, pruning)
                    allowed = allowed & goes_on[..., None]
                else:
                    logits = model(input_ids=ids, attention_mask=mask).logits
            loss = partial_label_loss(logits, allowed)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            running = loss.item() if step == 1 else 0.98 * running + 0.02 * loss.item()
            if step % 50 == 0:
                print(f"epoch {epoch} step {step}/{steps} loss {running:.4f} {time.time() - began:.0f} s", flush=True)
        save(model, options)
    save(model, options)


def save(model: BertForTokenClassification, options: argparse.Namespace) -> None:
    """Write model and tokenizer; called each epoch, so that a long run can be stopped."""
    model.save_pretrained(options.out)
    for name in ("tokenizer.json", "tokenizer_config.json", *([FILE] if options.above_pruning else [])):
        (options.out / name).write_bytes((options.base / name).read_bytes())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    mix = ["worldwide=1", "bosque=0.7", "gmb=0.15", "wikigold=0.5", "wnut17=0.3"]
    parser.add_argument("--mix", nargs="+", default=mix)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--tokens", type=int, default=2000, help="word pieces a batch")
    parser.add_argument("--train-words", action="store_true", help="train the word embeddings too")
    parser.add_argument("--above-pruning", action="store_true", help="only the layers above BASE's pruning")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
