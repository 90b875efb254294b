"""Token pruning: after some layers, pieces that surely name nothing go no further.

Five pieces of six in running text are outside every name, and half-way up the encoder a linear probe can tell nearly
all of them. Those left behind keep the state they have: the pieces that go on still look at it (its keys and values are
computed in every layer), but they themselves are not computed again, and get the logits of O. (Goyal et al. 2020,
"PoWER-BERT", arXiv 2001.08950, drop pieces for a classifier; Guan et al. 2022, "Transkimmer", arXiv 2205.07324, take
the states of pieces left behind to the end. `training.train_pruning` learns the probe.)
"""

from dataclasses import dataclass

import numpy as np

from training.onnx_builder import Floats, GraphBuilder


@dataclass(frozen=True, slots=True)
class Pruning:
    """After `layer` layers a piece goes on when its state times `weight`, shape (hidden,), is at least `least`.

    `default`, shape (labels,), are the logits of a piece left behind.
    """

    layer: int
    weight: Floats
    least: float
    default: Floats


@dataclass(frozen=True, slots=True)
class Kept:
    """Names in the graph: the states that go on, those that stay, and where in the sequence the first ones stand."""

    states: str
    beside: str
    places: str


def keep_pieces(graph: GraphBuilder, x: str, pruning: Pruning) -> Kept:
    """Part the states (1, pieces, hidden); the first piece always goes on, so that there is one."""
    weight = graph.tensor("pruning.weight", pruning.weight.reshape(-1, 1))
    score = graph.node("MatMul", [x, weight], "pruning.score")
    least = graph.tensor("pruning.least", np.array(pruning.least, np.float32))
    flat = graph.tensor("pruning.flat", np.array([-1]))
    sure = graph.node("Reshape", [graph.node("GreaterOrEqual", [score, least], "pruning.sure"), flat], "pruning.row")
    bounds = [graph.tensor(f"pruning.{name}", np.array([value])) for name, value in (("from", 1), ("to", 2**31))]
    later = graph.node("Slice", [sure, *bounds], "pruning.later")
    goes_on = graph.node("Concat", [graph.tensor("pruning.first", np.array([True])), later], "pruning.goes_on", axis=0)
    stays = graph.node("Not", [goes_on], "pruning.stays")
    places, left = (graph.node("Reshape", [graph.node("NonZero", [mask], f"{mask}_at"), flat], f"{mask}_places")
                    for mask in (goes_on, stays))
    states = graph.node("Gather", [x, places], "pruning.states", axis=1)
    return Kept(states, graph.node("Gather", [x, left], "pruning.beside", axis=1), places)


def put_back(graph: GraphBuilder, logits: str, places: str, default: Floats) -> str:
    """Logits of all pieces (1, pieces, labels) from those of the pieces at `places`."""
    length = graph.node("Shape", ["input_ids"], "pruning.length", start=1, end=2)
    labels = graph.tensor("pruning.labels", np.array([len(default)]))
    shape = graph.node("Concat", [length, labels], "pruning.shape", axis=0)
    outside = graph.node("Expand", [graph.tensor("pruning.default", default.reshape(1, -1)), shape], "pruning.outside")
    first, last = (graph.tensor(f"pruning.{name}_axis", np.array([at])) for name, at in (("first", 0), ("last", 1)))
    rows = graph.node("Squeeze", [logits, first], "pruning.rows")
    at = graph.node("Unsqueeze", [places, last], "pruning.at")
    everywhere = graph.node("ScatterND", [outside, at, rows], "pruning.everywhere")
    return graph.node("Unsqueeze", [everywhere, first], "pruning.logits")
