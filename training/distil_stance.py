"""Train the stance model on labels and a bigger model's answers (distillation, Hinton et al. 2015, arXiv 1503.02531).

    python -m training.distil_stance TEACHER POOL.jsonl BASE DATA OUT [--weight 0.5] [--plain 1.0]
        [options of training.train_stance]

TEACHER is a folder of `training.train_stance`, of any encoder; POOL the questions of `training.draw_questions`, which
have no labels; BASE, DATA and OUT as `training.train_stance` takes them. Labelled rows ask for a mixture, `--weight` of
the teacher's probabilities and the rest of the label; drawn questions for the teacher's alone; what was made, written
or answered for this project, whose label is surer than a teacher's, for the label alone. Every epoch sees the rows that
`train_stance` would draw for its first one, and the whole pool: the teacher is asked once. Of the rows of both that the
mixture has as surely neutral an epoch sees the share `--plain`, others each time.
"""

import argparse
import json
import pathlib
import random
from collections.abc import Iterable, Sequence

import torch

from models.stance import Question
from training import stance_labels, stance_passages
from training.jsonl import read_jsonl
from training.stance_data import Row
from training.stance_readings import told
from training.stance_templates import MADE
from training.train_exits import NEUTRAL, look
from training.train_stance import (
    add_options,
    batches,
    draw_epoch,
    encode_questions,
    fit,
    load_trained,
    prepare,
    read_training,
    start,
)

UNLABELLED = ""
CERTAIN = (MADE, stance_passages.DATASET, stance_labels.DATASET)
SURELY_NEUTRAL = 0.93
Wanted = tuple[float, ...]  # a probability for each of LABELS


def read_pool(file: pathlib.Path) -> list[Row]:
    """The drawn questions, as rows without a label."""
    questions = (Question(row["text"], row["holder"] and tuple(row["holder"]), tuple(row["target"]))
                 for row in read_jsonl(file))
    return [Row(question, UNLABELLED, "pool", f"pool-{number}") for number, question in enumerate(questions)]


def ask(teacher: pathlib.Path, rows: Sequence[Row], *, bfloat16: bool) -> list[list[float]]:
    """The teacher's probabilities of each row, in the order of LABELS."""
    model, tokenizer = load_trained(teacher)
    model.eval()
    pieces = encode_questions([row.question for row in rows], tokenizer, 0.0, random.Random(0))
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        _, answers = look(model, pieces, (), 1)
    return answers.tolist()


def mixed(row: Row, answer: Sequence[float], options: argparse.Namespace) -> Wanted:
    """What the model is to say of a row: the teacher's probabilities, with what the row tells where it has a label."""
    if row.label == UNLABELLED:
        return tuple(answer)
    return tuple(options.weight * p + (1 - options.weight) * own
                 for p, own in zip(answer, told(row, options.reading), strict=True))


def lessons(rows: Sequence[Row], options: argparse.Namespace) -> list[tuple[Row, Wanted]]:
    """Each row with what the model is to say of it; asks the teacher about all but the written ones."""
    unique = list({row.question: row for row in rows if row.dataset not in CERTAIN}.values())
    print(json.dumps({"rows": len(rows), "asked": len(unique)}), flush=True)
    answers = dict(zip((row.question for row in unique), ask(options.teacher, unique, bfloat16=not options.fp32),
                       strict=True))
    return [(row, told(row, 0.0) if row.dataset in CERTAIN else mixed(row, answers[row.question], options))
            for row in rows]


def without_plain(
    known: Iterable[tuple[Row, Wanted]], share: float, chance: random.Random
) -> list[tuple[Row, Wanted]]:
    """All rows, but of those that are surely neutral, unless written for this project, a share."""
    return [(row, wanted) for row, wanted in known
            if row.dataset in CERTAIN or wanted[NEUTRAL] < SURELY_NEUTRAL or chance.random() < share]


def distil(options: argparse.Namespace) -> None:
    """Draw, ask, train; `options.out` gets what `train_stance` writes."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    chance = random.Random(options.seed)
    drawn = [*draw_epoch(read_training(options), options, options.seed), *read_pool(options.pool)]
    known = lessons(drawn, options)
    model, tokenizer = start(options.base, options.out, options.seed)
    prepare(model, options)
    plan = []
    for _ in range(options.epochs):
        seen = without_plain(known, options.plain, chance)
        ids = encode_questions([row.question for row, _ in seen], tokenizer, options.hide, chance)
        examples = list(zip(ids, (wanted for _, wanted in seen), strict=True))
        plan.append(list(batches(examples, options.pieces, chance)))
    fit(model, plan, options)


def add_teacher_options(parser: argparse.ArgumentParser) -> None:
    """What every training on a teacher's answers is told."""
    parser.add_argument("teacher", type=pathlib.Path)
    parser.add_argument("pool", type=pathlib.Path)
    parser.add_argument("--weight", type=float, default=0.5, help="of the teacher's probabilities beside a label")
    parser.add_argument("--plain", type=float, default=1.0, help="share of plainly neutral rows that an epoch sees")
    add_options(parser)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_teacher_options(parser)
    distil(parser.parse_args())


if __name__ == "__main__":
    main()
