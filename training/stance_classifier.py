"""The stance model as PyTorch trains it: an encoder and a head over the pieces that mark holder and target.

The encoder is any of transformers' BERT or MPNet (Song et al. 2020, arXiv 2004.09297: BERT's layers, whose attention
also has a bias by relative position). `training.onnx_graph` writes the same as a graph.
"""

from collections.abc import Sequence

import torch
from transformers import AutoModel, PretrainedConfig

from training.stance_data import LABELS

OUT_OF_SIGHT = -1e9  # added to the scores of what is not there


class StanceClassifier(torch.nn.Module):
    """The encoder and a head over [holder marker, target marker, first piece]; no holder is a zero vector."""

    def __init__(self, config: PretrainedConfig, marker_ids: tuple[int, int]) -> None:
        super().__init__()
        self.bert = AutoModel.from_config(config, add_pooling_layer=False)
        self.dense = torch.nn.Linear(3 * config.hidden_size, config.hidden_size)
        self.dropout = torch.nn.Dropout(0.1)
        self.classifier = torch.nn.Linear(config.hidden_size, len(LABELS))
        self.marker_ids = marker_ids

    @property
    def pruned_after(self) -> int | None:
        """Layers above which only the pieces that the head reads go on; None where all do."""
        return getattr(self.bert.config, "pruned_after", None)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(batch, width) ids and attention mask to (batch, labels) logits."""
        return answer(self, self.features(ids, self.states(ids, mask)[-1]))

    def states(self, ids: torch.Tensor, mask: torch.Tensor) -> Sequence[torch.Tensor]:
        """(batch, width, hidden) of the embeddings and after every layer.

        `training.onnx_pruning` says what pruning is.
        """
        if self.pruned_after is None:
            return self.bert(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        states = [self.bert.embeddings(input_ids=ids)]
        bias = attention_bias(self.bert.encoder, states[0], mask)
        here = [ids == marker for marker in self.marker_ids]
        some = torch.stack([*(found.int().argmax(1) for found in here), torch.zeros_like(ids[:, 0])], 1)
        absent = torch.stack([*(~found.any(1) for found in here), torch.zeros_like(here[0][:, 0])], 1)
        for number, layer in enumerate(self.bert.encoder.layer):
            x, pruned = states[-1], number >= self.pruned_after
            states.append(go_on(layer, x, some, absent, bias) if pruned else look_at(layer, x, x, bias))
        return states

    def features(self, ids: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """(batch, 3 * hidden): the states at the two opening markers and at the first piece."""
        at = [(ids == marker).unsqueeze(1).to(hidden.dtype) @ hidden for marker in self.marker_ids]
        return torch.cat([*(vector.squeeze(1) for vector in at), hidden[:, 0]], -1)


class ExitHead(torch.nn.Module):
    """A small head of the same form over the states after a lower layer."""

    INNER = 128

    def __init__(self, features: int) -> None:
        super().__init__()
        self.dense = torch.nn.Linear(features, self.INNER)
        self.classifier = torch.nn.Linear(self.INNER, len(LABELS))
        self.dropout = torch.nn.Dropout(0.3)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(batch, features) to (batch, labels) logits; much dropout, as few rows teach it."""
        return answer(self, features)


def answer(head: torch.nn.Module, features: torch.Tensor) -> torch.Tensor:
    """What a head (the model's own or an exit's) says of features: (batch, labels) logits."""
    return head.classifier(head.dropout(torch.tanh(head.dense(head.dropout(features)))))


def attention_bias(encoder: torch.nn.Module, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """What is added to attention scores: (batch, heads or 1, width, width), far below zero at padding."""
    unseen = padding_bias(mask, states.dtype)
    if not hasattr(encoder, "compute_position_bias"):
        return unseen.expand(-1, -1, mask.shape[1], -1)
    return encoder.compute_position_bias(states[:1]) + unseen


def padding_bias(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """(batch, 1, 1, width): zero, far below it at padding."""
    return torch.zeros(mask.shape, dtype=dtype).masked_fill(mask == 0, OUT_OF_SIGHT)[:, None, None, :]


def go_on(
    layer: torch.nn.Module, states: torch.Tensor, at: torch.Tensor, absent: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """The states (batch, width, hidden) with those at `at`, (batch, some), as a layer makes them.

    An `absent` piece has the place of the first one, which is there too: only one of the two may learn from it, or
    every layer would double the gradient.
    """
    rows = at[..., None].expand(-1, -1, states.shape[-1])
    bias = bias.gather(2, at[:, None, :, None].expand(-1, bias.shape[1], -1, bias.shape[-1]))
    made = look_at(layer, states.gather(1, rows), states, bias).to(states.dtype)
    return states.scatter(1, rows, torch.where(absent[..., None], made.detach(), made))


def look_at(
    layer: torch.nn.Module, some: torch.Tensor, states: torch.Tensor, bias: torch.Tensor | None
) -> torch.Tensor:
    """A BERT or MPNet layer's states of some pieces of all, (batch, some, hidden); `bias` is added to the scores."""
    own = getattr(layer.attention, "self", None)
    projections = (own.query, own.key, own.value) if own else (layer.attention.attn.q, layer.attention.attn.k,
                                                               layer.attention.attn.v)
    heads = (own or layer.attention.attn).num_attention_heads
    query, key, value = (project(x).view(*x.shape[:2], heads, -1).transpose(1, 2)
                         for project, x in zip(projections, (some, states, states), strict=True))
    return after_attention(layer, some, attend(query, key, value, bias))


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """Attention's means of the values, (batch, heads, looking, size); `bias` is added to the scores."""
    scores = scores_of(query, key)
    return torch.softmax(scores if bias is None else scores + bias, -1).to(value.dtype) @ value


def scores_of(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """Dot products over the root of their size."""
    return query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5


def after_attention(layer: torch.nn.Module, states: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
    """The rest of a BERT or MPNet layer: the states with what attention has given each head, and feed-forward."""
    mixed, attention = mixed.transpose(1, 2).flatten(2), layer.attention
    if hasattr(attention, "self"):
        attended = attention.output(mixed, states)
    else:
        attended = attention.LayerNorm(attention.dropout(attention.attn.o(mixed)) + states)
    return layer.output(layer.intermediate(attended), attended)
