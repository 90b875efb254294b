"""Token pruning where the model runs in PyTorch; `training.onnx_pruning` writes the same into an ONNX graph.

A folder with a `pruning.json` (`training.train_pruning` writes it, `training.unpack` reads it back from a graph) is a
model whose upper layers compute only the pieces that may name something.
"""

import json
import pathlib
from typing import Any

FILE = "pruning.json"


def read_pruning_file(folder: pathlib.Path) -> dict[str, Any] | None:
    """`layer`, `weight` (hidden,) and `least` of a folder's probe; None where nothing is pruned."""
    file = folder / FILE
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def write_pruning_file(folder: pathlib.Path, probe: dict[str, Any]) -> None:
    """Write `pruning.json`."""
    (folder / FILE).write_text(json.dumps(probe) + "\n", encoding="utf-8")


def pruned_logits(model: Any, ids: Any, mask: Any, pruning: dict[str, Any]) -> tuple[Any, Any]:
    """(batch, width, tags) logits, of which those of the pieces that go on count, and (batch, width) which do.

    `model` is a `BertForTokenClassification`; `ids` and `mask`, of 0 and 1, are tensors of shape (batch, width). The
    layers below the pruning, where the probe was fitted, are not trained through.
    """
    import torch

    encoder = model.bert.encoder.layer
    looked_at = mask[:, None, None, :].bool()
    with torch.no_grad():
        x = model.bert.embeddings(input_ids=ids)
        for layer in encoder[: pruning["layer"]]:
            x = layer(x, attention_mask=looked_at)
    goes_on = x.float() @ torch.tensor(pruning["weight"], device=x.device) >= pruning["least"]
    goes_on[:, 0] = True  # as in the graph, which must not be left without a piece
    goes_on &= mask.bool()
    for layer in encoder[pruning["layer"] :]:
        x = torch.where(goes_on[..., None], layer(x, attention_mask=looked_at), x)
    return model.classifier(model.dropout(x)), goes_on
