"""Small heads over the states of a model that stays as it is: how exits and the pruning's probe are fitted.

States are brought to one scale for the fit (`scale`), and the head's first layer then undoes it (`unscale`), so that it
reads the states as the model gives them.
"""

from collections.abc import Callable, Iterable

import torch


def scale(states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and spread of each column, (hidden,) both."""
    return states.mean(0), states.std(0) + 1e-5


def minimise(
    parameters: Iterable[torch.nn.Parameter],
    loss_of: Callable[[torch.Tensor], torch.Tensor],
    count: int,
    *,
    rounds: int,
    rate: float,
    decay: float,
    batch: int,
) -> None:
    """AdamW over random batches of `count` rows; `loss_of` gets the numbers of a batch's rows."""
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=decay)
    for _ in range(rounds):
        for rows in torch.randperm(count).split(batch):
            loss_of(rows).backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)


def unscale(layer: torch.nn.Linear, mean: torch.Tensor, spread: torch.Tensor) -> None:
    """Turn a layer over (states - mean) / spread into the same one over the states."""
    with torch.no_grad():
        layer.weight /= spread
        layer.bias -= layer.weight @ mean
