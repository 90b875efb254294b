"""Build the base encoder that the bundled NER model starts from: multilingual E5-small with a smaller vocabulary.

`intfloat/multilingual-e5-small` (MIT, Wang et al. 2024, arXiv 2402.05672) has 250,037 word pieces for about a
hundred languages; four fifths of its file are their embeddings. Dateline serves languages in Latin script, so
the rows of other scripts, and of the rarest Latin pieces, are dropped: text that stays in the vocabulary keeps
its pieces and its vectors.

    python -m training.base_encoder ENCODER OUT --corpus FILE.jsonl.gz [FILE ...] [--pieces 60000]

ENCODER is a folder with `model.safetensors`, `config.json` and `tokenizer.json` of the full model.
"""

import argparse
import copy
import json
import pathlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from training.jsonl import read_jsonl

FOREIGN_NAMES = ("CJK", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "ARABIC", "DEVANAGARI", "KATAKANA", "THAI")
TEXT_FIELDS = ("headline", "title", "text", "body")


def is_latin_piece(piece: str) -> bool:
    """Whether every character of a word piece is Latin script, a digit, a mark or common punctuation."""
    return all(char.isascii() or _is_latin_character(char) for char in piece.replace("▁", ""))


def _is_latin_character(char: str) -> bool:
    name, category = unicodedata.name(char, ""), unicodedata.category(char)
    if category[0] == "L":
        return name.startswith("LATIN") and category not in ("Lm", "Lo")
    if category[0] == "N":
        return name.startswith(("SUPERSCRIPT", "SUBSCRIPT", "VULGAR"))
    return category not in ("So", "Co", "Cn") and not name.startswith(FOREIGN_NAMES)


def read_texts(files: Iterable[pathlib.Path]) -> Iterator[str]:
    """Every text in gzip JSON Lines files: NER rows (`tokens`), stance rows (`text`) and articles."""
    for file in files:
        for row in read_jsonl(file):
            fields = (str(row.get(name) or "") for name in TEXT_FIELDS)
            yield " ".join(row.get("tokens") or fields)


def choose_pieces(vocabulary: list[list[Any]], used: set[int], size: int, special: int) -> list[int]:
    """Ids to keep: the special pieces, Latin pieces that the corpus uses, then the most probable Latin ones."""
    latin = [i for i, (piece, _) in enumerate(vocabulary) if i >= special and is_latin_piece(piece)]
    kept = [i for i in latin if i in used]
    wanted = max(0, size - special - 1 - len(kept))
    fill = [i for i in latin if i not in used][:wanted]  # XLM-R stores its pieces most probable first
    return [*range(special), *sorted(kept + fill), len(vocabulary) - 1]  # the last one is <mask>


def trim_tokenizer(tokenizer: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """The same Unigram tokenizer with only the pieces in `kept`, renumbered in that order."""
    trimmed = copy.deepcopy(tokenizer)
    trimmed["model"]["vocab"] = [tokenizer["model"]["vocab"][i] for i in kept]
    number = {old: new for new, old in enumerate(kept)}
    for token in trimmed["added_tokens"]:
        token["id"] = number[token["id"]]
    return trimmed


def count_pieces(tokenizer_file: pathlib.Path, texts: Iterable[str]) -> Counter[int]:
    """How often each piece, by its id, occurs in `texts`."""
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer_file))
    return Counter(i for text in texts for i in tokenizer.encode(text, add_special_tokens=False).ids)


def build(encoder: pathlib.Path, out: pathlib.Path, corpus: list[pathlib.Path], size: int) -> int:
    """Write the trimmed encoder to `out`; returns the number of pieces kept."""
    import torch
    from transformers import BertModel

    tokenizer = json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    special = 1 + max(t["id"] for t in tokenizer["added_tokens"] if t["id"] < 100)
    used = set(count_pieces(encoder / "tokenizer.json", read_texts(corpus)))
    kept = choose_pieces(vocabulary, used, size, special)
    model = BertModel.from_pretrained(encoder, add_pooling_layer=False)
    rows = torch.tensor(kept)
    trimmed = torch.nn.Embedding(len(kept), model.config.hidden_size, padding_idx=model.config.pad_token_id)
    trimmed.weight.data.copy_(model.embeddings.word_embeddings.weight.data[rows])
    model.embeddings.word_embeddings = trimmed
    model.config.vocab_size = len(kept)
    model.save_pretrained(out)
    trimmed = json.dumps(trim_tokenizer(tokenizer, kept), ensure_ascii=False)
    (out / "tokenizer.json").write_text(trimmed, encoding="utf-8")
    (out / "tokenizer_config.json").write_bytes((encoder / "tokenizer_config.json").read_bytes())
    return len(kept)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--corpus", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--pieces", type=int, default=60_000)
    options = parser.parse_args()
    kept = build(options.encoder, options.out, options.corpus, options.pieces)
    print(f"{options.out}: {kept:,} pieces kept")


if __name__ == "__main__":
    main()
