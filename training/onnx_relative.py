"""Bias of attention by relative position (Raffel et al. 2020, "T5", arXiv 1910.10683; MPNet has it too) in a graph.

How far a piece stands from the one that looks at it falls into one of some buckets, each with a number for every head
that is added to the attention scores.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.onnx_builder import Floats, GraphBuilder

FURTHEST = 128  # pieces this far away and further share the last bucket of their side


def buckets(distances: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """The bucket, of `count`, of each distance from the piece that looks to the piece it looks at."""
    side, back = count // 2, -distances
    far = np.abs(back)
    exact = side // 2
    with np.errstate(divide="ignore"):
        share = np.log(far.astype(np.float32) / np.float32(exact)) / np.float32(np.log(FURTHEST / exact))
    wide = exact + np.maximum(share * np.float32(side - exact), 0).astype(np.int64)
    return np.where(far < exact, far, np.minimum(wide, side - 1)) + (back < 0) * side


def by_bucket(table: Floats, count: int = 32) -> Floats:
    """(buckets, heads) from the numbers of every distance, (distances, heads); zeros for a bucket of no distance."""
    reach = len(table) // 2
    found = np.zeros((count, table.shape[1]), np.float32)
    found[buckets(np.arange(-reach, reach + 1), count)] = table
    return found


@dataclass(frozen=True, slots=True)
class RelativeBias:
    """The numbers of a graph whose sequences have at most `pieces` pieces; `table` has the shape (buckets, heads)."""

    table: Floats
    pieces: int

    def between_all(self, graph: GraphBuilder, x: str) -> str:
        """(1, heads, pieces, pieces) for all pieces of the states x (batch, pieces, hidden)."""
        length = graph.node("Shape", [x], "relative.length", start=1, end=2)
        flat = graph.tensor("relative.no_axis", np.array([], np.int64))
        end = graph.node("Reshape", [length, flat], "relative.end")
        bounds = [graph.tensor(f"relative.{name}", np.array(value)) for name, value in (("from", 0), ("step", 1))]
        places = graph.node("Range", [bounds[0], end, bounds[1]], "relative.places")
        return self.between(graph, places, places, "relative")

    def between(self, graph: GraphBuilder, looking: str, seen: str, name: str) -> str:
        """(1, heads, looking, seen) for pieces by their places, (looking,) and (seen,)."""
        first = graph.tensor(f"{name}.first", np.array([0]))
        rows = (graph.node("Unsqueeze", [places, first], f"{name}.{kind}")
                for kind, places in (("looking", looking), ("seen", seen)))
        return self.between_rows(graph, *rows, name)

    def between_rows(self, graph: GraphBuilder, looking: str, seen: str, name: str) -> str:
        """(rows, heads, looking, seen) for pieces by their places, (rows, looking) and (rows, seen)."""
        distances = np.arange(1 - self.pieces, self.pieces)
        table = graph.tensor(f"{name}.table", self.table[buckets(distances, len(self.table))])
        down = graph.node("Unsqueeze", [looking, graph.tensor(f"{name}.last", np.array([2]))], f"{name}.down")
        across = graph.node("Unsqueeze", [seen, graph.tensor(f"{name}.middle", np.array([1]))], f"{name}.across")
        apart = graph.node("Sub", [across, down], f"{name}.apart")
        at = graph.node("Add", [apart, graph.tensor(f"{name}.zero", np.array(self.pieces - 1))], f"{name}.at")
        by_pair = graph.node("Gather", [table, at], f"{name}.by_pair")  # along the heads it would go number by number
        return graph.node("Transpose", [by_pair], f"{name}.bias", perm=[0, 3, 1, 2])
