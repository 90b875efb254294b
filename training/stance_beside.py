"""The stance model that reads a text once for all that is asked about it, as PyTorch trains it.

Five pieces a question stand beside the text: the first piece again, and holder's and target's markers, each at the
place that it would have if it stood in the text (levitated markers: Zhong and Chen 2021, arXiv 2010.12812; Ye et al.
2022, arXiv 2109.06067). They look at the text and at one another; the text looks at itself alone, so its states are the
same whatever is asked. `training.stance_classifier` is the model that reads a text anew for each question; weights have
the same names and shapes.
"""

from typing import NamedTuple

import torch
from transformers import PretrainedConfig

from models.places import HOLDER, PIECES, TARGET
from training.mpnet_names import FIRST_POSITION
from training.stance_classifier import (
    OUT_OF_SIGHT,
    StanceClassifier,
    after_attention,
    answer,
    attend,
    attention_bias,
    padding_bias,
    scores_of,
)


class Told(NamedTuple):
    """Texts with as many questions each: (texts, width) ids and mask, (texts, questions, 4) places."""

    ids: torch.Tensor
    mask: torch.Tensor
    places: torch.Tensor


class Biases(NamedTuple):
    """What is added to attention scores: among the text's pieces, from those asked to the text, and to their own.

    Shapes, where `asked` is questions times PIECES: (texts, heads, width, width), (texts, heads, asked, width) and
    (texts, heads, questions, PIECES, PIECES).
    """

    within: torch.Tensor
    to_text: torch.Tensor
    to_own: torch.Tensor


class StanceBeside(StanceClassifier):
    """The encoder and a head over [holder marker, target marker, first piece] of a question; no holder is zeros."""

    def __init__(self, config: PretrainedConfig, marker_ids: tuple[int, int, int, int]) -> None:
        super().__init__(config, (marker_ids[0], marker_ids[2]))
        self.all_marker_ids = marker_ids

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """A batch's logits, (texts, questions, labels)."""
        asked = self.asked_states(Told(ids, mask, places))
        holder = asked[:, :, HOLDER] * (places[..., :1] >= 0).to(asked.dtype)
        return answer(self, torch.cat([holder, asked[:, :, TARGET], asked[:, :, 0]], -1))

    def asked_states(self, told: Told) -> torch.Tensor:
        """(texts, questions, PIECES, hidden) after the last layer."""
        at = torch.cat([torch.zeros_like(told.places[..., :1]), told.places.clamp(min=0)], -1)
        text, asked = self.bert.embeddings(input_ids=told.ids), self.embed_asked(at)
        biases, layers = self.biases(told, at, text), self.bert.encoder.layer
        stop = len(layers) if self.pruned_after is None else self.pruned_after
        for number, layer in enumerate(layers):
            text, asked = go_beside(layer, text, asked, biases, text_goes_on=number < stop)
        return asked.view(*at.shape, -1)

    def embed_asked(self, at: torch.Tensor) -> torch.Tensor:
        """(texts, asked, hidden): the first piece and the markers at their places, (texts, questions, PIECES)."""
        own = torch.tensor([0, *self.all_marker_ids]).expand(at.shape)
        return self.bert.embeddings(input_ids=own.flatten(1), position_ids=at.flatten(1) + FIRST_POSITION)

    def biases(self, told: Told, at: torch.Tensor, text: torch.Tensor) -> Biases:
        """By distance, far below zero at padding and for the markers of no holder."""
        row = torch.arange(text.shape[1])
        absent = torch.zeros(at.shape, dtype=text.dtype)
        absent[..., HOLDER:TARGET] = torch.where(told.places[..., :1] < 0, OUT_OF_SIGHT, 0.0)
        to_text = self.bias_between(at.flatten(1)[..., None], row[None, None, :]).transpose(0, 1)
        to_own = self.bias_between(at[..., :, None], at[..., None, :]).transpose(0, 1)
        return Biases(attention_bias(self.bert.encoder, text, told.mask),
                      to_text + padding_bias(told.mask, text.dtype), to_own + absent[:, None, :, None, :])

    def bias_between(self, looking: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """(heads, ...) by how far `seen` stands from `looking`, places of shapes that broadcast."""
        encoder = self.bert.encoder
        found = encoder.relative_attention_bias(encoder.relative_position_bucket(seen - looking, num_buckets=32))
        return found.movedim(-1, 0)


def go_beside(
    layer: torch.nn.Module, text: torch.Tensor, asked: torch.Tensor, biases: Biases, *, text_goes_on: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """An MPNet layer's states of the text (texts, width, hidden) and of what is asked (texts, asked, hidden)."""
    width, attention = text.shape[1], layer.attention.attn
    both = torch.cat([text, asked.to(text.dtype)], 1)
    looking = both if text_goes_on else both[:, width:]
    query, key, value = (project(x).view(*x.shape[:2], attention.num_attention_heads, -1).transpose(1, 2)
                         for project, x in ((attention.q, looking), (attention.k, both), (attention.v, both)))
    mixed = look_beside(query[:, :, -asked.shape[1] :], key, value, biases)
    if text_goes_on:
        mixed = torch.cat([attend(*(x[:, :, :width] for x in (query, key, value)), biases.within), mixed], 2)
    made = after_attention(layer, looking, mixed)
    return (made[:, :width], made[:, width:]) if text_goes_on else (text, made)


def look_beside(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, biases: Biases) -> torch.Tensor:
    """What the asked pieces see of the text and of their own question, (texts, heads, asked, size)."""
    width = biases.to_text.shape[-1]

    def by_question(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(2, (-1, PIECES))

    own_key, own_value = by_question(key[:, :, width:]), by_question(value[:, :, width:])
    of_text = scores_of(query, key[:, :, :width]) + biases.to_text
    of_own = scores_of(by_question(query), own_key) + biases.to_own
    shares = torch.softmax(torch.cat([of_text, of_own.flatten(2, 3)], -1), -1).to(value.dtype)
    own = by_question(shares[..., width:]) @ own_value
    return shares[..., :width] @ value[:, :, :width] + own.flatten(2, 3)
