"""Train the stance model on labels and a bigger model's answers (distillation, Hinton et al. 2015, arXiv 1503.02531).

    python -m training.distil_stance TEACHER POOL.jsonl BASE DATA OUT [--weight 0.5] [options of training.train_stance]

TEACHER is a folder of `training.train_stance`, of any encoder; POOL the questions of `training.draw_questions`, which
have no labels; BASE, DATA and OUT as `training.train_stance` takes them. Labelled rows ask for a mixture, `--weight` of
the teacher's probabilities and the rest of the label; drawn questions for the teacher's alone. Every epoch sees the
rows that `train_stance` would draw for its first one, and the whole pool: the teacher is asked once.
"""

import argparse
import json
import pathlib
import random
from collections.abc import Sequence

import torch

from models.stance import Question
from training.jsonl import read_jsonl
from training.stance_data import LABELS, Row
from training.train_exits import look
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


def mixed(row: Row, answer: Sequence[float], weight: float) -> tuple[float, ...]:
    """What the model is to say of a row: the teacher's probabilities, with the label's where there is one."""
    if row.label == UNLABELLED:
        return tuple(answer)
    return tuple(weight * p + (1 - weight) * (label == row.label) for label, p in zip(LABELS, answer, strict=True))


def distil(options: argparse.Namespace) -> None:
    """Draw, ask, train; `options.out` gets what `train_stance` writes."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    rows, pool, chance = read_training(options.data), read_pool(options.pool), random.Random(options.seed)
    drawn = [*draw_epoch(rows, options, options.seed), *pool]
    unique = list({row.question: row for row in drawn}.values())
    print(json.dumps({"pool": len(pool), "rows": len(drawn), "asked": len(unique)}), flush=True)
    answers = dict(zip((row.question for row in unique), ask(options.teacher, unique, bfloat16=not options.fp32),
                       strict=True))
    model, tokenizer = start(options.base, options.out, options.seed)
    prepare(model, options)
    wanted = [mixed(row, answers[row.question], options.weight) for row in drawn]
    plan = []
    for _ in range(options.epochs):
        ids = encode_questions([row.question for row in drawn], tokenizer, options.hide, chance)
        plan.append(list(batches(list(zip(ids, wanted, strict=True)), options.pieces, chance)))
    fit(model, plan, options)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher", type=pathlib.Path)
    parser.add_argument("pool", type=pathlib.Path)
    parser.add_argument("--weight", type=float, default=0.5, help="of the teacher's probabilities beside a label")
    add_options(parser)
    distil(parser.parse_args())


if __name__ == "__main__":
    main()
