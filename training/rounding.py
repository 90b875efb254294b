"""Round a trained stance model's matrices to int8 so that what they give changes least; `training.export` takes them.

    python -m training.rounding TRAINED DATA [--questions 400]

TRAINED is a folder of `training.train_stance`, DATA the folder with `stance_unified`, of whose training rows some are
asked to see what comes into each matrix; their labels are not used. Two things make plain rounding of a BERT coarse:

- A few channels of a matrix's input are ten times as high as the others, and as one sequence's input is rounded with
  one scale, they leave few steps to the rest. Channels above `STEEP` times the median are divided before rounding, and
  the matrix's rows multiplied instead (SmoothQuant, Xiao et al. 2023, arXiv 2211.10438; here for the feed-forward
  matrices, whose inputs are the steep ones).
- Seven bits a weight are few. Each row is rounded so that the next ones make up for its error on the inputs seen (GPTQ,
  Frantar et al. 2023, arXiv 2210.17323), after each column's scale was chosen for the least error.

Writes `rounded.safetensors` beside the weights: for each matrix NAME its rounded `NAME.weight`, as PyTorch has it
(outputs, inputs), the `NAME.scale` of each output, and `NAME.divisor` of each input where there is one.
"""

import argparse
import pathlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from safetensors.torch import save_file

from models.stance import Question
from training.export import ROUNDED, ROUNDED_OF, sha256_of
from training.onnx_builder import MATRIX_BITS, highest_integer
from training.stance_classifier import StanceClassifier
from training.stance_data import is_held_out, read_unified
from training.train_beside import is_beside, load_beside, one_question
from training.train_stance import encode_questions, load_trained

STEEP = 3.0  # times the median of the channels' highest inputs
TOP = highest_integer(MATRIX_BITS)
DAMPING = 0.01  # of the mean diagonal, lest inputs that hardly vary make the inverse wild
BLOCK = 128
NARROWINGS = tuple(1 - step / 20 for step in range(8))  # of a column's scale; what is cut off is made up for


@dataclass(slots=True)
class Inputs:
    """What came into a matrix: each channel's highest magnitude, and the sum of x xᵀ over all inputs x."""

    highest: torch.Tensor
    products: torch.Tensor

    def see(self, x: torch.Tensor) -> None:
        """Add some inputs, (..., channels)."""
        flat = x.reshape(-1, x.shape[-1]).float()
        self.highest = torch.maximum(self.highest, flat.abs().amax(0))
        self.products += flat.T @ flat


def watch(linears: Mapping[str, torch.nn.Linear], run: Callable[[], object]) -> dict[str, Inputs]:
    """What comes into each of the matrices while `run` uses them."""
    seen = {name: Inputs(torch.zeros(linear.in_features), torch.zeros(linear.in_features, linear.in_features))
            for name, linear in linears.items()}
    hooks = [linear.register_forward_pre_hook(lambda _, given, inputs=seen[name]: inputs.see(given[0]))
             for name, linear in linears.items()]
    with torch.inference_mode():
        run()
    for hook in hooks:
        hook.remove()
    return seen


def divisor_of(highest: torch.Tensor) -> torch.Tensor:
    """By what each channel is divided, so that none is higher than `STEEP` times the median: at least 1."""
    return (highest / (STEEP * highest.median()).clamp(min=1e-9)).clamp(min=1.0)


def round_matrix(weight: torch.Tensor, products: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(rounded weight, scale of each output) of an (outputs, inputs) weight; every entry is a whole number of scales.

    `products` is the sum of x xᵀ of the inputs.
    """
    scale = _best_scale(weight, products.diagonal())
    damped = products.double() + torch.eye(len(products)) * (DAMPING * products.diagonal().mean() + 1e-9)
    order = damped.diagonal().argsort(descending=True)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped[order][:, order]))
    upper = torch.linalg.cholesky(inverse, upper=True).float()
    left, rounded = weight[:, order].clone(), torch.zeros_like(weight)
    for start in range(0, weight.shape[1], BLOCK):
        end = min(start + BLOCK, weight.shape[1])
        errors = torch.zeros(len(weight), end - start)
        for column in range(start, end):
            whole = _nearest(left[:, column], scale)
            error = (left[:, column] - whole) / upper[column, column]
            left[:, column:end] -= error[:, None] * upper[column, column:end]
            rounded[:, order[column]], errors[:, column - start] = whole, error
        left[:, end:] -= errors @ upper[start:end, end:]
    return rounded, scale


def _best_scale(weight: torch.Tensor, importance: torch.Tensor) -> torch.Tensor:
    widest = (weight.abs().amax(1) / TOP).clamp(min=1e-12)
    tried = torch.stack([widest * narrowing for narrowing in NARROWINGS])
    wrong = [((_nearest(weight, scale[:, None]) - weight) ** 2 * importance).sum(1) for scale in tried]
    return tried.gather(0, torch.stack(wrong).argmin(0)[None])[0]


def _nearest(values: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The nearest whole multiples of the scale that there are bits for."""
    return (values / scale).round().clamp(-TOP, TOP) * scale


def round_all(linears: Mapping[str, torch.nn.Linear], seen: Mapping[str, Inputs]) -> dict[str, torch.Tensor]:
    """What `rounded.safetensors` holds."""
    told: dict[str, torch.Tensor] = {}
    for name, linear in linears.items():
        weight, products = linear.weight.detach(), seen[name].products
        if ".attention." not in name:  # of the feed-forward part
            divisor = divisor_of(seen[name].highest)
            weight, products = weight * divisor, products / divisor[:, None] / divisor
            told[f"{name}.divisor"] = divisor
        rounded, scale = round_matrix(weight, products)
        told |= {f"{name}.weight": rounded.contiguous(), f"{name}.scale": scale}
    return told


def write_rounded(trained: pathlib.Path, told: Mapping[str, torch.Tensor]) -> None:
    """`rounded.safetensors` in a trained folder, with what tells which weights it rounds."""
    save_file(dict(told), str(trained / ROUNDED), {ROUNDED_OF: sha256_of(trained / "model.safetensors")})


def asker(trained: pathlib.Path, questions: Sequence[Question]) -> tuple[StanceClassifier, Callable[[], object]]:
    """The model of a trained folder, of either way of marking, and what asks it the questions one by one."""
    if is_beside(trained):
        beside, tokenizer = load_beside(trained)
        given = [one_question(question, tokenizer) for question in questions]
        return beside.eval(), lambda: [beside(*told) for told in given]
    model, tokenizer = load_trained(trained)
    rows = [torch.tensor([ids]) for ids in encode_questions(questions, tokenizer, 0.0, random.Random(0))]
    return model.eval(), lambda: [model(ids, torch.ones_like(ids)) for ids in rows]


def round_stance(options: argparse.Namespace) -> None:
    """Ask, watch, round and write."""
    torch.set_num_threads(options.threads)
    known = [row for row in read_unified(options.data / "stance_unified" / "train.jsonl.gz") if not is_held_out(row)]
    questions = random.Random(options.seed).sample(known, options.questions)
    model, ask = asker(options.trained, [row.question for row in questions])
    linears = {name: module for name, module in model.named_modules()
               if ".encoder.layer." in name and isinstance(module, torch.nn.Linear)}
    told = round_all(linears, watch(linears, ask))
    write_rounded(options.trained, told)
    highest = max(float(value.max()) for name, value in told.items() if name.endswith(".divisor"))
    print(f"{len(linears)} matrices rounded; the steepest channel is divided by {highest:.1f}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    round_stance(parser.parse_args())


if __name__ == "__main__":
    main()
