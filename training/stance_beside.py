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
from training.stance_classifier import StanceClassifier, answer


class Told(NamedTuple):
    """Texts with as many questions each: (texts, width) ids and mask, (texts, questions, 4) places."""

    ids: torch.Tensor
    mask: torch.Tensor
    places: torch.Tensor


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
        encoder, marker_ids = self.bert.encoder, self.all_marker_ids
        count, width = told.ids.shape
        questions = told.places.shape[1]
        own = torch.tensor([0, *marker_ids]).expand(count, questions, -1)
        at = torch.cat([torch.zeros_like(told.places[..., :1]), told.places.clamp(min=0)], -1)
        text = self.bert.embeddings(input_ids=told.ids)
        positions = at.reshape(count, -1) + FIRST_POSITION
        asked = self.bert.embeddings(input_ids=own.reshape(count, -1), position_ids=positions)
        unseen = torch.zeros(told.mask.shape, dtype=text.dtype).masked_fill(told.mask == 0, -1e9)[:, None, None, :]
        absent = torch.zeros(*at.shape, dtype=text.dtype)
        absent[..., 1:3] = torch.where(told.places[..., :1] < 0, -1e9, 0.0)
        row = torch.arange(width)
        within = self.bias_between(row[:, None], row[None, :])[None] + unseen
        to_text = self.bias_between(at.reshape(count, -1, 1), row[None, None, :]).transpose(0, 1) + unseen
        to_own = self.bias_between(at[..., :, None], at[..., None, :]).transpose(0, 1) + absent[:, None, :, None, :]
        stop = self.pruned_after if self.pruned_after is not None else len(encoder.layer)
        for number, layer in enumerate(encoder.layer):
            text, asked = go_beside(layer, text, asked, number < stop, within, to_text, to_own)
        return asked.view(count, questions, PIECES, -1)

    def bias_between(self, looking: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """(heads, ...) by how far `seen` stands from `looking`, places of shapes that broadcast."""
        encoder = self.bert.encoder
        found = encoder.relative_attention_bias(encoder.relative_position_bucket(seen - looking, num_buckets=32))
        return found.movedim(-1, 0)


def go_beside(
    layer: torch.nn.Module,
    text: torch.Tensor,
    asked: torch.Tensor,
    text_goes_on: bool,
    within: torch.Tensor,
    to_text: torch.Tensor,
    to_own: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """A layer's states of the text (texts, width, hidden) and of what is asked (texts, pieces, hidden)."""
    width, attention = text.shape[1], layer.attention.attn
    both = torch.cat([text, asked.to(text.dtype)], 1)
    looking = both if text_goes_on else both[:, width:]

    def heads(x: torch.Tensor) -> torch.Tensor:
        return x.view(*x.shape[:2], attention.num_attention_heads, -1).transpose(1, 2)

    query, key, value = heads(attention.q(looking)), heads(attention.k(both)), heads(attention.v(both))
    query = query / query.shape[-1] ** 0.5
    mine = query[:, :, width:] if text_goes_on else query
    count, questions, size = len(text), to_own.shape[2], query.shape[-1]
    own = mine.reshape(count, -1, questions, PIECES, size)
    own_key, own_value = (x[:, :, width:].reshape(count, -1, questions, PIECES, size) for x in (key, value))
    scores = torch.cat([mine @ key[:, :, :width].transpose(-1, -2) + to_text,
                        (own @ own_key.transpose(-1, -2) + to_own).flatten(2, 3)], -1)
    shares = torch.softmax(scores, -1).to(value.dtype)
    beside = shares[..., width:].reshape(count, -1, questions, PIECES, PIECES) @ own_value
    mixed = shares[..., :width] @ value[:, :, :width] + beside.flatten(2, 3)
    if text_goes_on:
        seen = torch.softmax(query[:, :, :width] @ key[:, :, :width].transpose(-1, -2) + within, -1).to(value.dtype)
        mixed = torch.cat([seen @ value[:, :, :width], mixed], 2)
    mixed = mixed.transpose(1, 2).flatten(2)
    attended = layer.attention.LayerNorm(layer.attention.dropout(attention.o(mixed)) + looking)
    made = layer.output(layer.intermediate(attended), attended)
    return (made[:, :width], made[:, width:]) if text_goes_on else (text, made)
