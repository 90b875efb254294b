"""Write a BERT or MPNet encoder as an ONNX graph by hand, in the operators that ONNX Runtime runs fastest on a CPU.

Tracing a PyTorch module gives some thousand small nodes that fusion then has to recognise again, and each new
version of the tracer writes them differently. The encoder is, layer by layer, the same six operators; written out, the
graph is small, stable and easy to check against PyTorch (tests/training/test_onnx_graph.py).

The graph reads `input_ids` (batch, pieces) alone: every row of a batch must be of full length, without padding.
Precisions: `fp32`, or `int8`, where each matrix is stored as int8 with one scale a column (DynamicQuantizeMatMul
quantises the activations as they come) and the word embeddings as int8 with one scale a row.

A sequence classifier may leave early (Schwartz et al. 2020, arXiv 2004.07453): an `Exit` after some layer gives its own
logits, and where one class of them is as likely as it asks, the layers above are not computed (ONNX's `If`). Pieces may
be left behind half-way (`training.onnx_pruning`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper

from training.mpnet_names import POSITIONS, RELATIVE, TYPES, WORDS, to_bert_names
from training.onnx_builder import MICROSOFT, Floats, GraphBuilder, Matrix
from training.onnx_pruning import Pruning, keep_pieces, only_where, put_back
from training.onnx_relative import RelativeBias

OPSET = 17


AddHead = Callable[[GraphBuilder, str], str]


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out below the top: `add_head(graph, hidden_states)` adds its logits (batch, labels).

    It is taken when the softmax of every row's logits at `column` reaches `least`.
    """

    add_head: AddHead
    column: int
    least: float


@dataclass(frozen=True, slots=True)
class Encoder:
    """The shape of an encoder, its weights under BERT's names, its exits by the layers below them, its pruning.

    `relative` is a bias by relative position, where it has one.
    """

    weights: Mapping[str, Floats]
    layers: int
    heads: int
    epsilon: float
    exits: Mapping[int, Exit] = field(default_factory=dict)
    pruning: Pruning | None = None
    relative: RelativeBias | None = None

    def add_to(self, graph: GraphBuilder, add_head: AddHead) -> str:
        """Encoder and head from `input_ids` on; returns the name of the logits."""
        x = add_embeddings(graph, self.weights, self.epsilon)
        return self._add_from(0, graph, x, self.relative.between_all(graph, x) if self.relative else None, add_head)

    def _add_from(self, layer: int, graph: GraphBuilder, x: str, bias: str | None, add_head: AddHead) -> str:
        while layer < self.layers:
            if self.pruning and layer == self.pruning.layer:
                return self._add_pruned(self.pruning, graph, x, add_head)
            x = self._add_layer(layer, graph, x, None, bias)
            layer += 1
            if layer in self.exits:
                return self._add_exit(layer, graph, x, bias, add_head)
        return add_head(graph, x)

    def _add_layer(self, layer: int, graph: GraphBuilder, x: str, beside: str | None, bias: str | None) -> str:
        name = f"encoder.layer.{layer}."
        own = {n.removeprefix(name): value for n, value in self.weights.items() if n.startswith(name)}
        return _add_layer(graph, own, x, f"layer{layer}", self.heads, self.epsilon, beside, bias)

    def _add_pruned(self, pruning: Pruning, graph: GraphBuilder, x: str, add_head: AddHead) -> str:
        goes_on = pruning.choose(graph, x)
        kept = keep_pieces(graph, x, goes_on)
        bias = self.relative.between(graph, kept.places, kept.order, "relative_kept") if self.relative else None
        states = kept.states
        for layer in range(pruning.layer, self.layers):
            states = self._add_layer(layer, graph, states, kept.beside, bias)
        logits = add_head(graph, put_back(graph, x, kept, states))
        return logits if pruning.default is None else only_where(graph, goes_on, logits, pruning.default)

    def _add_exit(self, layer: int, graph: GraphBuilder, x: str, bias: str | None, add_head: AddHead) -> str:
        name, way_out = f"exit{layer}", self.exits[layer]
        logits = way_out.add_head(graph, x)
        likely = graph.node("Softmax", [logits], f"{name}.softmax", axis=-1)
        column = graph.tensor(f"{name}.column", np.array(way_out.column))
        sure = graph.node("Gather", [likely, column], f"{name}.sure", axis=1)
        lowest = graph.node("ReduceMin", [sure], f"{name}.lowest", keepdims=0)
        least = graph.tensor(f"{name}.least", np.array(way_out.least, np.float32))
        taken = graph.node("GreaterOrEqual", [lowest, least], f"{name}.taken")
        out, above = graph.branch(), graph.branch()
        early = out.as_graph(out.node("Identity", [logits], f"{name}.early"))
        late = above.as_graph(self._add_from(layer, above, x, bias, add_head))
        return graph.node("If", [taken], f"{name}.logits", then_branch=early, else_branch=late)


def add_embeddings(graph: GraphBuilder, w: Mapping[str, Floats], epsilon: float) -> str:
    """(batch, pieces, hidden): words and their positions, normed."""
    words = graph.embed("input_ids", "words", w[WORDS])
    # the one token type is added to every position
    positions = w[POSITIONS] + w[TYPES][0]
    shape = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    kept = graph.node("Slice", [graph.tensor("positions", positions), graph.tensor("zero", np.array([0])), shape,
                                graph.tensor("first_axis", np.array([0]))], "positions_kept")
    total = graph.node("Add", [words, kept], "embeddings_sum")
    return add_norm(graph, w, total, "embeddings", "embeddings", epsilon)


def _add_layer(
    graph: GraphBuilder,
    w: Mapping[str, Floats],
    x: str,
    name: str,
    heads: int,
    epsilon: float,
    beside: str | None,
    bias: str | None,
) -> str:
    """Attention and feed-forward with their skips; layer weights are PyTorch's (outputs, inputs).

    The pieces of `beside` are looked at by those of x, and do not change themselves. `bias` is added to the scores.
    """
    if beside is None:
        looking = project(graph, w, x, f"{name}.qkv", ("query", "key", "value"))
    else:
        seen = graph.node("Concat", [x, beside], f"{name}.seen", axis=1)
        looking = project(graph, w, x, f"{name}.q", ("query",))
        looking += project(graph, w, seen, f"{name}.kv", ("key", "value"))
    looking += ["", "", bias] if bias else []  # the operator's bias of projections and its mask are not needed
    attended = graph.node("MultiHeadAttention", looking, f"{name}.attention", domain=MICROSOFT, num_heads=heads)
    return feed_forward(graph, w, x, attended, name, epsilon)


def feed_forward(
    graph: GraphBuilder, w: Mapping[str, Floats], x: str, attended: str, name: str, epsilon: float
) -> str:
    """The rest of a layer: what was attended to, mixed and added to x, and the feed-forward part, with their skips."""
    mix = "attention.output.dense"
    out = graph.linear(attended, f"{name}.out", Matrix.of(w, mix), w[f"{mix}.bias"])
    x = _skip(graph, w, x, out, f"{name}.attention_skip", "attention.output", epsilon)
    wide = graph.linear(x, f"{name}.wide", Matrix.of(w, "intermediate.dense"), None)
    # tanh's approximation (Hendrycks and Gimpel 2016, arXiv 1606.08415) takes half the time, and int8 rounds by more
    gelu = "FastGelu" if graph.int8 else "BiasGelu"
    wide = graph.node(gelu, [wide, graph.tensor(f"{name}.wide_bias", w["intermediate.dense.bias"])],
                      f"{name}.gelu", domain=MICROSOFT)
    narrow = graph.linear(wide, f"{name}.narrow", Matrix.of(w, "output.dense"), w["output.dense.bias"])
    return _skip(graph, w, x, narrow, f"{name}.output_skip", "output", epsilon)


def project(
    graph: GraphBuilder, w: Mapping[str, Floats], x: str, name: str, parts: tuple[str, ...]
) -> list[str]:
    """Queries, keys, values: the parts asked for, by one matrix."""
    packed = Matrix.of(w, *(f"attention.self.{part}" for part in parts))
    bias = np.concatenate([w[f"attention.self.{part}.bias"] for part in parts])
    projected = graph.linear(x, name, packed, bias)
    if len(parts) == 1:
        return [projected]
    names = [f"{name}.{part}" for part in parts]
    graph.nodes.append(helper.make_node("Split", [projected], names, axis=-1, name=f"{name}.split"))
    return names


def _skip(graph: GraphBuilder, w: Mapping[str, Floats], x: str, new: str, name: str, part: str, epsilon: float) -> str:
    """LayerNorm(x + new): two nodes, for ONNX Runtime's SkipLayerNormalization takes five times as long on a CPU."""
    return add_norm(graph, w, graph.node("Add", [new, x], f"{name}.sum"), name, part, epsilon)


def add_norm(graph: GraphBuilder, w: Mapping[str, Floats], x: str, name: str, part: str, epsilon: float) -> str:
    """LayerNorm with the weights of `part`."""
    weights = [graph.tensor(f"{name}.gamma", w[f"{part}.LayerNorm.weight"]),
               graph.tensor(f"{name}.beta", w[f"{part}.LayerNorm.bias"])]
    return graph.node("LayerNormalization", [x, *weights], name, epsilon=epsilon, axis=-1)


def build_model(
    weights: Mapping[str, Floats],
    config: Mapping[str, int | float],
    add_head: AddHead,
    *,
    int8: bool,
    exits: Mapping[int, Exit] | None = None,
    pruning: Pruning | None = None,
    prefix: str = "bert.",
) -> onnx.ModelProto:
    """The model: encoder, then whatever `add_head(graph, hidden_states)` adds; its result is the output `logits`.

    With `pruning` a batch has one row.
    """
    graph = GraphBuilder(weights, int8)
    own = to_bert_names({n.removeprefix(prefix): value for n, value in weights.items() if n.startswith(prefix)})
    relative = RelativeBias(own[RELATIVE], len(own[POSITIONS])) if RELATIVE in own else None
    top = pruning.layer if pruning else int(config["num_hidden_layers"]) - 1
    if exits and max(exits) > top:
        raise ValueError(f"an exit after layer {max(exits)}; expected is none after layer {top}, above which pieces "
                         "are left behind or no layer is left: give train_exits other --layers")
    encoder = Encoder(own, int(config["num_hidden_layers"]), int(config["num_attention_heads"]),
                      float(config["layer_norm_eps"]), exits or {}, pruning, relative)
    graph.node("Identity", [encoder.add_to(graph, add_head)], "logits")
    return as_model(graph, [1 if pruning else "batch", "pieces"])


def as_model(graph: GraphBuilder, shape: list[int | str], *inputs: onnx.ValueInfoProto) -> onnx.ModelProto:
    """What a builder has made, from `input_ids` of a shape and more inputs to `logits`."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape)
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)
    made = helper.make_graph(graph.nodes, "dateline", [ids, *inputs], [logits], graph.tensors)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
                             ir_version=9, producer_name="dateline")


def token_classifier(graph: GraphBuilder, hidden: str) -> str:
    """BertForTokenClassification's head, kept in fp32: it is small and the scores come straight from it."""
    weight = graph.tensor("head.weight", graph.weights["classifier.weight"].T)
    product = graph.node("MatMul", [hidden, weight], "head.product")
    return graph.node("Add", [product, graph.tensor("head.bias", graph.weights["classifier.bias"])], "head")
