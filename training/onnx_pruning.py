"""Token pruning: after some layers only some pieces of a sequence go on.

Those left behind keep the state they have: the pieces that go on still look at it (its keys and values are computed in
every layer), but it is not computed again. (Goyal et al. 2020, "PoWER-BERT", arXiv 2001.08950, drop pieces for a
classifier; Guan et al. 2022, "Transkimmer", arXiv 2205.07324, take the states of pieces left behind to the end.)

For names a probe chooses the pieces (`training.train_pruning`): five in six of running text are outside every name, and
half-way up the encoder a linear function of the state can tell nearly all of them. For stance it is the pieces that the
head reads.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from training.onnx_builder import Floats, GraphBuilder

Choose = Callable[[GraphBuilder, str], str]


@dataclass(frozen=True, slots=True)
class Pruning:
    """After `layer` layers those pieces go on that `choose(graph, states)`, the name of a (pieces,) of bool, says.

    `default`, shape (labels,), are the logits of a piece left behind; None where the head does not answer by piece.
    """

    layer: int
    choose: Choose
    default: Floats | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Names in the graph: the states that go on, those that stay, and where in the sequence they stand."""

    states: str
    beside: str
    places: str  # of the states that go on
    order: str  # of these, then of those beside


def by_probe(weight: Floats, least: float) -> Choose:
    """Pieces whose state times `weight`, shape (hidden,), is at least `least`; and the first, so that there is one."""

    def choose(graph: GraphBuilder, x: str) -> str:
        column = graph.tensor("pruning.weight", weight.reshape(-1, 1))
        score = graph.node("MatMul", [x, column], "pruning.score")
        mark = graph.tensor("pruning.least", np.array(least, np.float32))
        return with_first(graph, graph.node("GreaterOrEqual", [score, mark], "pruning.sure"))

    return choose


def by_ids(ids: tuple[int, ...]) -> Choose:
    """The pieces with these ids, and the first."""

    def choose(graph: GraphBuilder, x: str) -> str:
        wanted = graph.tensor("pruning.wanted", np.array(ids).reshape(-1, 1))
        equal = graph.node("Equal", ["input_ids", wanted], "pruning.equal")
        found = graph.node("Cast", [equal], "pruning.found", to=TensorProto.FLOAT)
        axis = graph.tensor("pruning.id_axis", np.array([0]))
        counted = graph.node("ReduceSum", [found, axis], "pruning.counted", keepdims=0)
        return with_first(graph, graph.node("Cast", [counted], "pruning.sure", to=TensorProto.BOOL))

    return choose


def with_first(graph: GraphBuilder, chosen: str) -> str:
    """(pieces,) of bool from one of any shape, with the first piece among the chosen."""
    row = graph.node("Reshape", [chosen, graph.tensor("pruning.row_shape", np.array([-1]))], "pruning.row")
    bounds = [graph.tensor(f"pruning.{name}", np.array([value])) for name, value in (("from", 1), ("to", 2**31))]
    later = graph.node("Slice", [row, *bounds], "pruning.later")
    return graph.node("Concat", [graph.tensor("pruning.first", np.array([True])), later], "pruning.goes_on", axis=0)


def keep_pieces(graph: GraphBuilder, x: str, goes_on: str) -> Kept:
    """Part the states (1, pieces, hidden)."""
    stays, flat = graph.node("Not", [goes_on], "pruning.stays"), graph.tensor("pruning.flat", np.array([-1]))
    places, left = (graph.node("Reshape", [graph.node("NonZero", [mask], f"{mask}_at"), flat], f"{mask}_places")
                    for mask in (goes_on, stays))
    states = graph.node("Gather", [x, places], "pruning.states", axis=1)
    beside = graph.node("Gather", [x, left], "pruning.beside", axis=1)
    return Kept(states, beside, places, graph.node("Concat", [places, left], "pruning.order", axis=0))


def put_back(graph: GraphBuilder, x: str, kept: Kept, states: str) -> str:
    """All states (1, pieces, hidden): those of `kept` as they have become, the others as they were in `x`."""
    first, last = (graph.tensor(f"pruning.{name}_axis", np.array([at])) for name, at in (("first", 0), ("last", 1)))
    old, new = (graph.node("Squeeze", [name, first], f"pruning.{kind}") for kind, name in (("old", x), ("new", states)))
    at = graph.node("Unsqueeze", [kept.places, last], "pruning.at")
    return graph.node("Unsqueeze", [graph.node("ScatterND", [old, at, new], "pruning.all"), first], "pruning.together")


def only_where(graph: GraphBuilder, goes_on: str, logits: str, default: Floats) -> str:
    """Logits (1, pieces, labels), with `default` where a piece was left behind."""
    axes = graph.tensor("pruning.label_axis", np.array([1]))
    mask = graph.node("Unsqueeze", [goes_on, axes], "pruning.mask")
    return graph.node("Where", [mask, logits, graph.tensor("pruning.default", default)], "pruning.logits")
