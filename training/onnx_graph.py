"""Write a BERT encoder as an ONNX graph by hand, in the operators that ONNX Runtime runs fastest on a CPU.

Tracing a PyTorch module gives some thousand small nodes that fusion then has to recognise again, and each new
version of the tracer writes them differently. The encoder is twelve times the same six operators; written out, the
graph is small, stable and easy to check against PyTorch (tests/training/test_onnx_graph.py).

The graph reads `input_ids` (batch, pieces) alone: every row of a batch must be of full length, without padding.
Precisions: `fp32`, or `int8`, where each matrix is stored as int8 with one scale a column (DynamicQuantizeMatMul
quantises the activations as they come) and the word embeddings as int8 with one scale a row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]
MICROSOFT = "com.microsoft"
OPSET = 17


@dataclass(slots=True)
class GraphBuilder:
    """Nodes and weights as they are added; `int8` says how matrices are stored."""

    weights: Mapping[str, Floats]
    int8: bool
    reduce_range: bool = True
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
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def linear(self, x: str, name: str, weight: Floats, bias: Floats | None) -> str:
        """x @ weight + bias, for a weight of shape (inputs, outputs)."""
        if not self.int8:
            product = self.node("MatMul", [x, self.tensor(f"{name}.weight", weight)], f"{name}.product")
            return product if bias is None else self.node("Add", [product, self.tensor(f"{name}.bias", bias)], name)
        small, scale = quantise_columns(weight, bits=7 if self.reduce_range else 8)
        inputs = [x, self.tensor(f"{name}.int8", small), self.tensor(f"{name}.scale", scale),
                  self.tensor(f"{name}.zero", np.zeros(len(scale), np.int8))]
        inputs += [] if bias is None else [self.tensor(f"{name}.bias", bias)]
        return self.node("DynamicQuantizeMatMul", inputs, name, domain=MICROSOFT)

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


def quantise_columns(weight: Floats, *, bits: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Symmetric integers of `bits` bits and one scale a column."""
    top = 2 ** (bits - 1) - 1
    scale = np.maximum(np.abs(weight).max(0) / top, 1e-12).astype(np.float32)
    return np.round(weight / scale).astype(np.int8), scale


def add_encoder(graph: GraphBuilder, *, prefix: str, layers: int, heads: int, epsilon: float) -> str:
    """The whole encoder from `input_ids`; returns the name of the hidden states (batch, pieces, hidden)."""
    w = {name.removeprefix(prefix): value for name, value in graph.weights.items() if name.startswith(prefix)}
    x = _add_embeddings(graph, w, epsilon)
    for layer in range(layers):
        x = _add_layer(graph, {n.removeprefix(f"encoder.layer.{layer}."): v for n, v in w.items()
                               if n.startswith(f"encoder.layer.{layer}.")}, x, f"layer{layer}", heads, epsilon)
    return x


def _add_embeddings(graph: GraphBuilder, w: Mapping[str, Floats], epsilon: float) -> str:
    words = graph.embed("input_ids", "words", w["embeddings.word_embeddings.weight"])
    # the one token type is added to every position
    positions = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
    shape = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    kept = graph.node("Slice", [graph.tensor("positions", positions), graph.tensor("zero", np.array([0])), shape,
                                graph.tensor("first_axis", np.array([0]))], "positions_kept")
    total = graph.node("Add", [words, kept], "embeddings")
    return graph.node("LayerNormalization", [total, *_norm(graph, w, "embeddings.LayerNorm", "embeddings")],
                      "embeddings_normed", epsilon=epsilon, axis=-1)


def _add_layer(graph: GraphBuilder, w: Mapping[str, Floats], x: str, name: str, heads: int, epsilon: float) -> str:
    """Attention and feed-forward with their skips; layer weights are PyTorch's (outputs, inputs)."""
    parts = ("query", "key", "value")
    packed = np.concatenate([w[f"attention.self.{p}.weight"].T for p in parts], axis=1)
    bias = np.concatenate([w[f"attention.self.{p}.bias"] for p in parts])
    qkv = graph.linear(x, f"{name}.qkv", packed, bias)
    graph.nodes.append(helper.make_node("Split", [qkv], [f"{name}.{p}" for p in parts], axis=-1, name=f"{name}.split"))
    attended = graph.node("MultiHeadAttention", [f"{name}.{p}" for p in parts], f"{name}.attention",
                          domain=MICROSOFT, num_heads=heads)
    out = graph.linear(attended, f"{name}.out", w["attention.output.dense.weight"].T, w["attention.output.dense.bias"])
    x = _skip(graph, w, x, out, f"{name}.attention_skip", "attention.output", epsilon)
    wide = graph.linear(x, f"{name}.wide", w["intermediate.dense.weight"].T, None)
    wide = graph.node("BiasGelu", [wide, graph.tensor(f"{name}.wide_bias", w["intermediate.dense.bias"])],
                      f"{name}.gelu", domain=MICROSOFT)
    narrow = graph.linear(wide, f"{name}.narrow", w["output.dense.weight"].T, w["output.dense.bias"])
    return _skip(graph, w, x, narrow, f"{name}.output_skip", "output", epsilon)


def _skip(graph: GraphBuilder, w: Mapping[str, Floats], x: str, new: str, name: str, part: str, epsilon: float) -> str:
    """LayerNorm(x + new): two nodes, for ONNX Runtime's SkipLayerNormalization takes five times as long on a CPU."""
    total = graph.node("Add", [new, x], f"{name}.sum")
    inputs = [total, *_norm(graph, w, f"{part}.LayerNorm", name)]
    return graph.node("LayerNormalization", inputs, name, epsilon=epsilon, axis=-1)


def _norm(graph: GraphBuilder, w: Mapping[str, Floats], part: str, name: str) -> tuple[str, str]:
    return graph.tensor(f"{name}.gamma", w[f"{part}.weight"]), graph.tensor(f"{name}.beta", w[f"{part}.bias"])


AddHead = Callable[[GraphBuilder, str], str]


def build_model(
    weights: Mapping[str, Floats],
    config: Mapping[str, int | float],
    add_head: AddHead,
    *,
    int8: bool,
    prefix: str = "bert.",
) -> onnx.ModelProto:
    """The model: encoder, then whatever `add_head(graph, hidden_states)` adds; its result is the output `logits`."""
    graph = GraphBuilder(weights, int8)
    hidden = add_encoder(graph, prefix=prefix, layers=int(config["num_hidden_layers"]),
                         heads=int(config["num_attention_heads"]), epsilon=float(config["layer_norm_eps"]))
    graph.node("Identity", [add_head(graph, hidden)], "logits")
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "pieces"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)
    made = helper.make_graph(graph.nodes, "dateline", [ids], [logits], graph.tensors)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
                             ir_version=9, producer_name="dateline")


def token_classifier(graph: GraphBuilder, hidden: str) -> str:
    """BertForTokenClassification's head, kept in fp32: it is small and the scores come straight from it."""
    weight = graph.tensor("head.weight", graph.weights["classifier.weight"].T)
    product = graph.node("MatMul", [hidden, weight], "head.product")
    return graph.node("Add", [product, graph.tensor("head.bias", graph.weights["classifier.bias"])], "head")
