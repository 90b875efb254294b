"""The graph of a stance model that reads a text once for all that is asked about it (`training.stance_beside`).

It reads `input_ids` (1, pieces), one text, and `places` (questions, 4), which of them each question's markers stand at
(`models.places`); it gives `logits` (questions, labels). In a layer the pieces of the text and those that are asked go
through every matrix together, and apart through attention: the text looks at itself alone, and a question's pieces look
at the text and at themselves. In int8 each piece is rounded with a scale of its own, so that no question's answer
depends on what else is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper

from models.places import HOLDER, PIECES, TARGET
from training.mpnet_names import POSITIONS, RELATIVE, WORDS, to_bert_names
from training.onnx_builder import MICROSOFT, Floats, GraphBuilder
from training.onnx_graph import add_embeddings, add_norm, as_model, feed_forward, project
from training.onnx_relative import RelativeBias

OUT_OF_SIGHT = -1e9  # added to the scores of what is not there
Parts = tuple[str, str]  # names of the rows of the text and of those that are asked


@dataclass(frozen=True, slots=True)
class Biases:
    """Names of what is added to attention scores: among the text's pieces, and from a question's to all."""

    within: str
    asked: str


@dataclass(frozen=True, slots=True)
class BesideGraph:
    """The shape of the model and its encoder's weights, under BERT's names without a prefix.

    After `text_layers` layers the states of the text stay as they are.
    """

    weights: Mapping[str, Floats]
    marker_ids: Sequence[int]
    layers: int
    text_layers: int
    heads: int
    epsilon: float

    def add_to(self, graph: GraphBuilder) -> str:
        """All of it; returns the name of the logits."""
        text = add_embeddings(graph, self.weights, self.epsilon)
        at = _add_places(graph)
        biases = self._add_biases(graph, text, at)
        parts = self._as_rows(graph, text), self._as_rows(graph, self._add_asked(graph, at))
        for layer in range(self.layers):
            parts = self._add_layer(graph, layer, parts, biases)
        return self._add_head(graph, parts[1])

    def _add_asked(self, graph: GraphBuilder, at: str) -> str:
        """(questions, PIECES, hidden): the first piece and the markers as they come into the first layer."""
        words = graph.tensor("asked.words", self.weights[WORDS][[0, *self.marker_ids]])
        positions = graph.node("Gather", ["positions", at], "asked.positions")
        total = graph.node("Add", [positions, words], "asked.sum")
        return add_norm(graph, self.weights, total, "asked.embeddings", "embeddings", self.epsilon)

    def _add_biases(self, graph: GraphBuilder, text: str, at: str) -> Biases:
        relative = RelativeBias(self.weights[RELATIVE], len(self.weights[POSITIONS]))
        within = relative.between_all(graph, text)
        count = graph.node("Shape", ["places"], "biases.count", start=0, end=1)
        length = graph.node("Shape", ["input_ids"], "biases.length", start=1, end=2)
        shape = graph.node("Concat", [count, length], "biases.shape", axis=0)
        row = graph.node("Expand", ["relative.places", shape], "biases.text")
        seen = graph.node("Concat", [row, at], "biases.seen", axis=1)
        by_place = relative.between_rows(graph, at, seen, "relative_asked")
        return Biases(within, graph.node("Add", [by_place, _add_absence(graph, length)], "asked.bias"))

    def _add_layer(self, graph: GraphBuilder, layer: int, parts: Parts, biases: Biases) -> Parts:
        """Attention and feed-forward of both parts, or of those asked alone once the text stays as it is."""
        before = f"encoder.layer.{layer}."
        own = {n.removeprefix(before): value for n, value in self.weights.items() if n.startswith(before)}
        name, (text, asked) = f"layer{layer}", parts
        length = graph.node("Shape", [text], f"{name}.length", start=0, end=1)
        both = graph.node("Concat", [text, asked], f"{name}.both", axis=0)
        if layer >= self.text_layers:
            (query,) = project(graph, own, asked, f"{name}.q", ("query",))
            made = project(graph, own, both, f"{name}.kv", ("key", "value"))
            seen = [self._as_batches(graph, x, length) for x in made]
            mixed = self._look_beside(graph, self._as_batch(graph, query, -1, PIECES), seen, biases.asked)
            return text, feed_forward(graph, own, asked, mixed, name, self.epsilon)
        made = project(graph, own, both, f"{name}.qkv", ("query", "key", "value"))
        query, *seen = (self._as_batches(graph, x, length) for x in made)
        within = self._attend(graph, [query[0], *(found[0] for found in seen)], biases.within)
        beside = self._look_beside(graph, query[1], seen, biases.asked)
        mixed = graph.node("Concat", [within, beside], f"{name}.mixed", axis=0)
        return _part(graph, feed_forward(graph, own, both, mixed, name, self.epsilon), length)

    def _as_batches(self, graph: GraphBuilder, x: str, length: str) -> Parts:
        """(1, pieces, hidden) of the text and (questions, PIECES, hidden) of what is asked."""
        text, asked = _part(graph, x, length)
        return self._as_batch(graph, text, 1, -1), self._as_batch(graph, asked, -1, PIECES)

    def _look_beside(self, graph: GraphBuilder, looking: str, seen: Sequence[Parts], bias: str) -> str:
        """What each question's pieces see by keys and values of the text and of their own."""
        count = graph.node("Shape", [looking], f"{looking}.count", start=0, end=1)
        ones = graph.tensor(f"{looking}.ones", np.array([1, 1]))
        copies = graph.node("Concat", [count, ones], f"{looking}.copies", axis=0)
        inputs = [looking]
        for text, own in seen:
            each = graph.node("Expand", [text, copies], f"{text}.each")
            inputs.append(graph.node("Concat", [each, own], f"{text}.seen", axis=1))
        return self._attend(graph, inputs, bias)

    def _attend(self, graph: GraphBuilder, inputs: list[str], bias: str) -> str:
        name = f"{inputs[0]}.attended"
        seen = graph.node("MultiHeadAttention", [*inputs, "", "", bias], name, domain=MICROSOFT, num_heads=self.heads)
        return self._as_rows(graph, seen)

    def _as_rows(self, graph: GraphBuilder, x: str) -> str:
        """(pieces, hidden) of states with more axes."""
        return self._reshape(graph, x, f"{x}.rows", (-1,))

    def _as_batch(self, graph: GraphBuilder, x: str, rows: int, pieces: int) -> str:
        """(rows, pieces, hidden) of (pieces, hidden); one of the two numbers is -1."""
        return self._reshape(graph, x, f"{x}.batch", (rows, pieces))

    def _reshape(self, graph: GraphBuilder, x: str, name: str, shape: tuple[int, ...]) -> str:
        hidden = self.weights[WORDS].shape[1]
        return graph.node("Reshape", [x, graph.tensor(f"{name}.shape", np.array([*shape, hidden]))], name)

    def _add_head(self, graph: GraphBuilder, asked: str) -> str:
        """The logits from the states at the two opening markers, zeros for no holder's, and at the first piece."""
        states = self._as_batch(graph, asked, -1, PIECES)
        holder, target, first = (
            graph.node("Gather", [states, graph.tensor(f"head.{name}_at", np.array(at))], f"head.{name}", axis=1)
            for name, at in (("holder", HOLDER), ("target", TARGET), ("first", 0))
        )
        there = graph.node("Cast", [graph.node("Not", ["absent"], "head.is_there")], "head.there", to=TensorProto.FLOAT)
        holder = graph.node("Mul", [holder, there], "head.holder_there")
        joined = graph.node("Concat", [holder, target, first], "head.features", axis=-1)
        return graph.dense(graph.node("Tanh", [graph.dense(joined, "dense")], "head.inner"), "classifier")


def _add_places(graph: GraphBuilder) -> str:
    """(questions, PIECES): the place of each question's pieces, the first for those of no holder; and who has none."""
    zero = graph.tensor("places.zero", np.array(0))
    there = graph.node("Max", ["places", zero], "places.there")
    bounds = [graph.tensor(f"places.{name}", np.array([at])) for name, at in (("from", 0), ("to", 1), ("axis", 1))]
    graph.node("Less", [graph.node("Slice", ["places", *bounds], "places.holder"), zero], "absent")
    return graph.node("Pad", [there, graph.tensor("places.pads", np.array([0, 1, 0, 0]))], "places.all")


def _add_absence(graph: GraphBuilder, length: str) -> str:
    """(questions, 1, 1, text and own pieces): the markers of no holder are out of sight."""
    seen, unseen = (graph.tensor(f"absent.{name}", np.array(value, np.float32))
                    for name, value in (("seen", 0.0), ("unseen", OUT_OF_SIGHT)))
    bias = graph.node("Where", ["absent", unseen, seen], "absent.bias")
    markers = graph.node("Concat", [bias, bias], "absent.markers", axis=1)
    before = graph.node("Add", [length, graph.tensor("absent.first", np.array([1]))], "absent.before")
    none = graph.tensor("absent.none", np.array([0]))
    after = graph.tensor("absent.after", np.array([0, 2]))
    pads = graph.node("Concat", [none, before, after], "absent.pads", axis=0)
    axes = graph.tensor("absent.axes", np.array([1, 2]))
    return graph.node("Unsqueeze", [graph.node("Pad", [markers, pads], "absent.row"), axes], "absent.wide")


def _part(graph: GraphBuilder, x: str, length: str) -> Parts:
    """The first rows, as many as the text has pieces, and the rest."""
    start, end = (graph.tensor(f"{x}.{name}", np.array([at])) for name, at in (("start", 0), ("end", 2**31)))
    return (graph.node("Slice", [x, start, length], f"{x}.text"), graph.node("Slice", [x, length, end], f"{x}.asked"))


def build_beside(
    weights: Mapping[str, Floats], config: Mapping[str, int | float], marker_ids: Sequence[int], *, int8: bool
) -> onnx.ModelProto:
    """The graph of `training.stance_beside.StanceBeside`'s weights; see the module."""
    graph = GraphBuilder(weights, int8, by_row=True)
    own = to_bert_names({n.removeprefix("bert."): value for n, value in weights.items() if n.startswith("bert.")})
    layers = int(config["num_hidden_layers"])
    model = BesideGraph(own, marker_ids, layers, int(config.get("pruned_after") or layers - 1),
                        int(config["num_attention_heads"]), float(config["layer_norm_eps"]))
    graph.node("Identity", [model.add_to(graph)], "logits")
    places = helper.make_tensor_value_info("places", TensorProto.INT64, ["questions", PIECES - 1])
    return as_model(graph, [1, "pieces"], places)
