"""MPNet's weights under BERT's names and back, so that one graph serves both encoders.

MPNet (Song et al. 2020, arXiv 2004.09297) has BERT's layers under other names, no token types, positions counted from 2
as RoBERTa counts them, and one more weight: the bias of attention by relative position, which keeps its own name.
"""

from collections.abc import Mapping

import numpy as np

from training.onnx_builder import Floats

# in a layer, MPNet's name and BERT's
NAMES = (("attention.attn.q.", "attention.self.query."), ("attention.attn.k.", "attention.self.key."),
         ("attention.attn.v.", "attention.self.value."), ("attention.attn.o.", "attention.output.dense."),
         ("attention.LayerNorm.", "attention.output.LayerNorm."))
WORDS = "embeddings.word_embeddings.weight"
RELATIVE = "encoder.relative_attention_bias.weight"
POSITIONS, TYPES = "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight"
FIRST_POSITION = 2  # of the first piece; 1 is that of padding


def to_bert_names(weights: Mapping[str, Floats]) -> dict[str, Floats]:
    """MPNet's weights, of any prefix, as BERT's; the bias by relative position stays. BERT's come back as they are."""
    found = {_renamed(name, NAMES): value for name, value in weights.items()}
    if any(name.endswith(RELATIVE) for name in weights):
        (positions,) = (name for name in found if name.endswith(POSITIONS))
        found[positions] = found[positions][FIRST_POSITION:]
        types = np.zeros((1, found[positions].shape[1]), np.float32)
        found[positions.removesuffix(POSITIONS) + TYPES] = types
    return found


def to_mpnet_names(weights: Mapping[str, Floats]) -> dict[str, Floats]:
    """What `to_bert_names` has made of MPNet's weights under its own names again."""
    back = tuple((bert, own) for own, bert in NAMES)
    found = {_renamed(name, back): value for name, value in weights.items() if not name.endswith(TYPES)}
    (positions,) = (name for name in found if name.endswith(POSITIONS))
    unread = np.zeros((FIRST_POSITION, found[positions].shape[1]), np.float32)
    found[positions] = np.concatenate([unread, found[positions]])
    return found


def _renamed(name: str, names: tuple[tuple[str, str], ...]) -> str:
    for old, new in names:
        if ".layer." in name and old in name:
            return name.replace(old, new)
    return name
