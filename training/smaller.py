"""Make a smaller stance model to start from: some layers of a trained one, and the word pieces that a corpus uses.

    python -m training.smaller TRAINED OUT --layers 0 1 2 3 4 5 --corpus FILE.jsonl.gz [FILE ...] [--least 2]

TRAINED is a folder of `training.train_stance` over MPNet. The layers given, its embeddings and its head are where
`training.distil_stance` begins (Sajjad et al. 2023, "On the effect of dropping layers of pre-trained transformer
models", arXiv 2004.03844). Pieces that the corpus has less than `--least` times are dropped with their vectors: a word
that was one of them is read as shorter pieces. Latin characters and the special pieces of MPNet stay.
"""

import argparse
import json
import pathlib
import re
from collections.abc import Mapping
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from training.base_encoder import count_pieces, is_latin_piece, read_texts
from training.mpnet_names import WORDS

LAYER = re.compile(r"(?<=encoder\.layer\.)\d+")
UNUSED = re.compile(r"\[unused\d+\]|\[(?:PAD|CLS|SEP|MASK)\]")  # of BERT, which MPNet's vocabulary has kept


def keep_layers(weights: Mapping[str, torch.Tensor], layers: list[int]) -> dict[str, torch.Tensor]:
    """The weights with those layers alone, numbered from 0 in the order given."""
    kept = {name: value for name, value in weights.items() if not LAYER.search(name)}
    for new, old in enumerate(layers):
        own = {name: value for name, value in weights.items() if (found := LAYER.search(name)) and found[0] == str(old)}
        kept |= {LAYER.sub(str(new), name): value for name, value in own.items()}
    return kept


def choose_pieces(vocabulary: Mapping[str, int], counts: Mapping[int, int], special: set[str], least: int) -> list[int]:
    """Old ids of the pieces to keep, in their order: the special ones, Latin characters and what is often enough."""

    def stays(piece: str, number: int) -> bool:
        if piece in special or counts.get(number, 0) >= least:
            return True
        return len(piece.removeprefix("##")) == 1 and is_latin_piece(piece)

    return sorted(number for piece, number in vocabulary.items() if stays(piece, number) and not UNUSED.match(piece))


def trim_wordpiece(tokenizer: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """The tokenizer with those pieces, numbered from 0 in the order given."""
    number = {old: new for new, old in enumerate(kept)}
    vocabulary = {piece: number[old] for piece, old in tokenizer["model"]["vocab"].items() if old in number}
    added = [token | {"id": number[token["id"]]} for token in tokenizer["added_tokens"] if token["id"] in number]
    ends = {name: [piece := tokenizer["post_processor"][name][0], vocabulary[piece]] for name in ("sep", "cls")}
    return tokenizer | {"model": tokenizer["model"] | {"vocab": vocabulary}, "added_tokens": added,
                        "post_processor": tokenizer["post_processor"] | ends}


def make_smaller(options: argparse.Namespace) -> None:
    """Write `options.out`; prints what is left."""
    file = options.trained / "tokenizer.json"
    config = json.loads((options.trained / "config.json").read_text(encoding="utf-8"))
    if config["model_type"] != "mpnet" or max(options.layers) >= config["num_hidden_layers"]:
        raise SystemExit(f"{options.trained}: {config['model_type']} of {config['num_hidden_layers']} layers; expected "
                         f"is an MPNet that has the layers {options.layers}, counted from 0")
    tokenizer = json.loads(file.read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"] | {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    counts = count_pieces(file, read_texts(options.corpus))
    kept = choose_pieces(vocabulary, counts, {token["content"] for token in tokenizer["added_tokens"]}, options.least)
    weights = keep_layers(load_file(options.trained / "model.safetensors"), options.layers)
    words = f"bert.{WORDS}"
    weights[words] = weights[words][torch.tensor(kept)].contiguous()
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(weights, str(options.out / "model.safetensors"))
    config |= {"num_hidden_layers": len(options.layers), "vocab_size": len(kept)}
    config.pop("pruned_after", None)  # it counted the layers of the model that these were taken from
    (options.out / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True), encoding="utf-8")
    told = json.dumps(trim_wordpiece(tokenizer, kept), ensure_ascii=False)
    (options.out / "tokenizer.json").write_text(told, encoding="utf-8")
    (options.out / "tokenizer_config.json").write_bytes((options.trained / "tokenizer_config.json").read_bytes())
    print(f"{options.out}: {len(options.layers)} layers, {len(kept):,} of {len(vocabulary):,} pieces")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--layers", type=int, nargs="+", required=True)
    parser.add_argument("--corpus", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--least", type=int, default=2, help="how often the corpus has a piece that stays")
    make_smaller(parser.parse_args())


if __name__ == "__main__":
    main()
