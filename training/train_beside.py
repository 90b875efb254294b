"""Train the stance model that reads a text once for all that is asked about it (`training.stance_beside`).

    python -m training.train_beside TEACHER POOL.jsonl BASE DATA OUT [--weight 0.2] [--plain 0.5]
        [options of training.train_stance]

TEACHER, POOL, BASE, DATA and OUT are those of `training.distil_stance`; BASE is best a model that reads texts with the
markers in them, whose weights answer half as well from the start with the markers beside. The teacher is asked once
about every public row and the pool; rows that get other names have their label alone. What an epoch draws about one
text goes in together, at most `--together` questions, and every question counts the same.
"""

import argparse
import json
import pathlib
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tokenizers
import torch
from transformers import AutoConfig

from models.places import PIECES, Places, places_of
from models.stance import MARKERS, Question
from training.distil_stance import (
    CERTAIN,
    UNLABELLED,
    Wanted,
    add_teacher_options,
    ask,
    mixed,
    read_pool,
    without_plain,
)
from training.stance_beside import StanceBeside, Told
from training.stance_data import LABELS, Row
from training.stance_readings import told
from training.train_stance import (
    MAX_PIECES,
    SETTINGS,
    Training,
    copy_tokenizer,
    descend,
    draw_epoch,
    prepare,
    read_training,
    take_weights,
)

ONE_HOT = {number: tuple(float(number == other) for other in range(len(LABELS))) for number in range(len(LABELS))}


class Lesson(NamedTuple):
    """A text's pieces, where some questions' markers stand, and what is wanted of each."""

    ids: list[int]
    places: list[Places]
    wanted: list[Wanted]


def is_beside(folder: pathlib.Path) -> bool:
    """Whether a trained folder's model has the markers beside the text."""
    return bool(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("beside"))


def load_beside(folder: pathlib.Path) -> tuple[StanceBeside, tokenizers.Tokenizer]:
    """A trained folder's weights, of either way of marking, and its tokenizer, for which no text holds a marker."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    config = AutoConfig.from_pretrained(folder, **SETTINGS)
    config.beside = True
    opening, closing, *target = (tokenizer.token_to_id(marker) for marker in MARKERS.all)
    model = StanceBeside(config, (opening, closing, target[0], target[1]))
    take_weights(model, folder)
    return model, tokenizer


def one_question(question: Question, tokenizer: tokenizers.Tokenizer) -> Told:
    """What the model reads of a question asked alone; texts are cut at MAX_PIECES."""
    encoding = tokenizer.encode(question.text)
    ids = torch.tensor([encoding.ids[:MAX_PIECES]])
    places = places_of(question.holder, question.target, encoding.offsets[:MAX_PIECES])
    return Told(ids, torch.ones_like(ids), torch.tensor([[places]]))


def lessons(
    rows: Sequence[tuple[Row, Wanted]], tokenizer: tokenizers.Tokenizer, together: int
) -> Iterator[Lesson]:
    """Rows about one text together, at most so many; texts are cut at MAX_PIECES."""
    by_text: dict[str, list[tuple[Question, Wanted]]] = {}
    for row, wanted in rows:
        by_text.setdefault(row.question.text, []).append((row.question, wanted))
    for encoding, asked in zip(tokenizer.encode_batch(list(by_text)), by_text.values(), strict=True):
        ids, offsets = encoding.ids[:MAX_PIECES], encoding.offsets[:MAX_PIECES]
        parts = -(-len(asked) // together)
        for part in (asked[number::parts] for number in range(parts)):
            places = [places_of(question.holder, question.target, offsets) for question, _ in part]
            yield Lesson(ids, places, [wanted for _, wanted in part])


def batches_of(found: Sequence[Lesson], pieces: int, chance: random.Random) -> list[list[Lesson]]:
    """Batches of about `pieces` pieces, as many questions a text and like lengths in each, in random order."""
    batches: list[list[Lesson]] = [[]]
    for lesson in sorted(found, key=lambda one: (len(one.places), len(one.ids) + chance.random() * 6)):
        batch, size = batches[-1], len(lesson.ids) + PIECES * len(lesson.places)
        if batch and (len(batch[0].places) != len(lesson.places) or (len(batch) + 1) * size > pieces):
            batches.append([])
        batches[-1].append(lesson)
    chance.shuffle(batches)
    return batches


def collate_lessons(batch: Sequence[Lesson], pad: int) -> tuple[Told, torch.Tensor]:
    """What the model reads, and (texts, questions, labels) of what is wanted."""
    ids = np.full((len(batch), max(len(lesson.ids) for lesson in batch)), pad, np.int64)
    for row, lesson in enumerate(batch):
        ids[row, : len(lesson.ids)] = lesson.ids
    places, wanted = (torch.tensor([getattr(lesson, name) for lesson in batch]) for name in ("places", "wanted"))
    return Told(torch.from_numpy(ids), torch.from_numpy((ids != pad).astype(np.int64)), places), wanted


def wanted_of(row: Row, answers: Mapping[Question, Sequence[float]], options: argparse.Namespace) -> Wanted | None:
    """What the model is to say of a row; None where nothing tells."""
    if row.dataset not in CERTAIN and row.question in answers:
        return mixed(row, answers[row.question], options)
    if row.label == UNLABELLED:
        return None
    own = told(row, 0.0 if row.dataset in CERTAIN else options.reading)
    return ONE_HOT[own] if isinstance(own, int) else own


def draw_lessons(
    training: Training, pool: Sequence[Row], answers: Mapping[Question, Sequence[float]], seed: int,
    tokenizer: tokenizers.Tokenizer, options: argparse.Namespace,
) -> list[Lesson]:
    """What one epoch sees; of the rows that are surely neutral the share `--plain`."""
    chance = random.Random(seed)
    rows = ((row, wanted_of(row, answers, options)) for row in (*draw_epoch(training, options, seed), *pool))
    known = ((row, wanted) for row, wanted in rows if wanted is not None)
    return list(lessons(without_plain(known, options.plain, chance), tokenizer, options.together))


def fit_beside(model: StanceBeside, plan: Sequence[Sequence[list[Lesson]]], options: argparse.Namespace) -> None:
    """Go through the batches once; a question's loss counts the same in every batch."""
    usual = float(np.mean([sum(len(lesson.places) for lesson in batch) for groups in plan for batch in groups]))

    def loss_of_batch(batch: list[Lesson]) -> torch.Tensor:
        given, wanted = collate_lessons(batch, 1)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not options.fp32):
            logits = model(*given)
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(0, 1), reduction="sum",
                                                 label_smoothing=options.smoothing) / usual

    descend(model, plan, loss_of_batch, options)


def train_beside(options: argparse.Namespace) -> None:
    """Ask the teacher, draw, train; `options.out` gets what `train_stance` writes."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    training, pool = read_training(options), read_pool(options.pool)
    asked = list({row.question: row for row in (*training.public, *pool)}.values())
    answers = dict(zip((row.question for row in asked), ask(options.teacher, asked, bfloat16=not options.fp32),
                       strict=True))
    model, tokenizer = load_beside(options.base)
    prepare(model, options)
    copy_tokenizer(options.base, options.out)
    chance = random.Random(options.seed)
    drawn = [draw_lessons(training, pool, answers, options.seed + epoch, tokenizer, options)
             for epoch in range(options.epochs)]
    plan = [batches_of(epoch, options.pieces, chance) for epoch in drawn]
    print(json.dumps({"texts": list(map(len, drawn)), "steps": list(map(len, plan))}), flush=True)
    fit_beside(model, plan, options)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_teacher_options(parser)
    parser.add_argument("--together", type=int, default=6, help="questions about one text at most")
    parser.set_defaults(weight=0.2, plain=0.5)
    train_beside(parser.parse_args())


if __name__ == "__main__":
    main()
