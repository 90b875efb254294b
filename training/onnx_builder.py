"""Nodes and weights of an ONNX graph as they are added, matrices in fp32 or int8 (`training.onnx_graph`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]
MICROSOFT = "com.microsoft"
MATRIX_BITS = 7  # of an int8 weight that is multiplied in integers: with eight, processors without VNNI saturate


@dataclass(frozen=True, slots=True)
class Matrix:
    """A weight of shape (inputs, outputs), and how `training.rounding` has rounded it, where it has.

    `scale` has one number an output, of which every weight is a whole multiple; inputs are to be divided by `divisor`.
    """

    weight: Floats
    scale: Floats | None = None
    divisor: Floats | None = None

    @classmethod
    def of(cls, weights: Mapping[str, Floats], *names: str) -> "Matrix":
        """The matrices of some names side by side; PyTorch's weights are (outputs, inputs)."""
        weight = np.concatenate([weights[f"{name}.weight"].T for name in names], axis=1)
        scales = [weights[f"{name}.scale"] for name in names if f"{name}.scale" in weights]
        return cls(weight, np.concatenate(scales) if scales else None, weights.get(f"{names[0]}.divisor"))

    def as_integers(self, *, bits: int) -> tuple[npt.NDArray[np.int8], Floats]:
        """Integers and the scale of each column; raises ValueError where what was rounded needs more bits."""
        if self.scale is None:
            return quantise_columns(self.weight, bits=bits)
        small = np.round(self.weight / self.scale)
        if np.abs(small).max() > highest_integer(bits):
            raise ValueError(f"a weight rounded to {np.abs(small).max():.0f} scales; expected are "
                             f"{highest_integer(bits)} at most: "
                             "round the matrices again")
        return small.astype(np.int8), self.scale


@dataclass(slots=True)
class GraphBuilder:
    """Nodes and weights as they are added; `int8` says how matrices are stored.

    What is multiplied with them is rounded with one scale for all of it, or, `by_row`, with one for each of its rows.
    """

    weights: Mapping[str, Floats]
    int8: bool
    by_row: bool = False
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    tensors: list[onnx.TensorProto] = field(default_factory=list)

    def node(
        self, operator: str, inputs: list[str], name: str, *, domain: str = "", outputs: int = 1, **attributes: object
    ) -> str:
        """Add a node; returns the name of its (first) output."""
        names = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name=name, domain=domain, **attributes))
        return names[0]

    def tensor(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """Add a constant."""
        self.tensors.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def branch(self) -> "GraphBuilder":
        """A builder for a graph inside this one, which sees what this one has made so far."""
        return GraphBuilder(self.weights, self.int8, self.by_row)

    def as_graph(self, output: str) -> onnx.GraphProto:
        """What was added, as a graph without inputs."""
        told = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        return helper.make_graph(self.nodes, output, [], [told], self.tensors)

    def linear(self, x: str, name: str, matrix: Matrix, bias: Floats | None) -> str:
        """x @ matrix + bias."""
        if not self.int8:
            product = self.node("MatMul", [x, self.tensor(f"{name}.weight", matrix.weight)], f"{name}.product")
            return product if bias is None else self.node("Add", [product, self.tensor(f"{name}.bias", bias)], name)
        if matrix.divisor is not None:
            x = self.node("Div", [x, self.tensor(f"{name}.divisor", matrix.divisor)], f"{name}.divided")
        small, scale = matrix.as_integers(bits=MATRIX_BITS)
        weight, scales = self.tensor(f"{name}.int8", small), self.tensor(f"{name}.scale", scale)
        zeros = self.tensor(f"{name}.zero", np.zeros(len(scale), np.int8))
        biases = [] if bias is None else [self.tensor(f"{name}.bias", bias)]
        if self.by_row:
            return self._multiply_rows(x, name, weight, scales, zeros, biases)
        return self.node("DynamicQuantizeMatMul", [x, weight, scales, zeros, *biases], name, domain=MICROSOFT)

    def _multiply_rows(self, x: str, name: str, weight: str, scales: str, zeros: str, biases: list[str]) -> str:
        """The product with (rows, inputs), whose rows are rounded to eight bits with a scale each."""
        high = self.node("ReduceMax", [self.node("Abs", [x], f"{name}.size")], f"{name}.high", axes=[1], keepdims=1)
        step = self.node("Mul", [high, self.tensor(f"{name}.step", np.array(1 / 127, np.float32))], f"{name}.row_scale")
        flat = self.node("Reshape", [step, self.tensor(f"{name}.flat", np.array([-1]))], f"{name}.row_scales")
        middle = self.node("Expand", [self.tensor(f"{name}.middle", np.array([128], np.uint8)),
                                      self.node("Shape", [flat], f"{name}.rows")], f"{name}.middles")
        whole = self.node("QuantizeLinear", [x, flat, middle], f"{name}.whole", axis=0)
        one = self.tensor(f"{name}.one", np.array(1, np.float32))
        zero = self.tensor(f"{name}.middle_of_all", np.array(128, np.uint8))
        product = self.node("MatMulIntegerToFloat", [whole, weight, one, scales, zero, zeros], f"{name}.product",
                            domain=MICROSOFT)
        scaled = self.node("Mul", [product, step], f"{name}.scaled")
        return self.node("Add", [scaled, *biases], name) if biases else scaled

    def dense(self, x: str, name: str) -> str:
        """x through the head's matrix of this name, multiplied in fp32, and its bias."""
        product = self.node("MatMul", [x, self.stored(name, self.weights[f"{name}.weight"].T)], f"{name}.by")
        return self.node("Add", [product, self.tensor(f"{name}.bias", self.weights[f"{name}.bias"])], f"{name}.out")

    def stored(self, name: str, weight: Floats) -> str:
        """A weight of shape (inputs, outputs) to multiply in fp32; where the graph is int8 it is stored so, one scale a
        column, and becomes fp32 once, when ONNX Runtime folds constants.
        """
        if not self.int8:
            return self.tensor(f"{name}.weight", weight)
        small, scale = quantise_columns(weight, bits=8)
        wide = self.node("Cast", [self.tensor(f"{name}.int8", small)], f"{name}.wide", to=TensorProto.FLOAT)
        return self.node("Mul", [wide, self.tensor(f"{name}.scale", scale)], f"{name}.full")

    def embed(self, ids: str, name: str, table: Floats) -> str:
        """Rows of a table; int8 with a scale each where the graph is int8."""
        if not self.int8:
            return self.node("Gather", [self.tensor(f"{name}.table", table), ids], name)
        scale = np.maximum(np.abs(table).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
        small = np.round(table / scale).astype(np.int8)
        row = self.node("Gather", [self.tensor(f"{name}.int8", small), ids], f"{name}.row_int8")
        row = self.node("Cast", [row], f"{name}.row", to=TensorProto.FLOAT)
        scales = self.node("Gather", [self.tensor(f"{name}.scale", scale), ids], f"{name}.row_scale")
        return self.node("Mul", [row, scales], name)


def highest_integer(bits: int) -> int:
    """The highest of the symmetric integers of so many bits: 63 of seven."""
    return 2 ** (bits - 1) - 1


def quantise_columns(weight: Floats, *, bits: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Symmetric integers of `bits` bits and one scale a column."""
    scale = np.maximum(np.abs(weight).max(0) / highest_integer(bits), 1e-12).astype(np.float32)
    return np.round(weight / scale).astype(np.int8), scale
