"""A smaller model to start from: the layers asked for, and the same reading of text whose pieces stay."""

import json

import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
transformers = pytest.importorskip("transformers", reason="training needs the train extra (transformers)")
tokenizers = pytest.importorskip("tokenizers")

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "[PAD]", "[unused0]", "[UNK]", "a", "##a", "##b", "peru", "chile", "стол",
          "ш", "rare", "<mask>"]  # fmt: skip
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>", "[HOLDER]", "[/HOLDER]", "[TARGET]", "[/TARGET]"]


def write_trained(folder, layers):
    from models.stance import MARKERS
    from training.stance_classifier import StanceClassifier
    from training.train_stance import save

    vocabulary = {piece: number for number, piece in enumerate(PIECES)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    tokenizer.post_processor = tokenizers.processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.add_special_tokens(SPECIAL)
    torch.manual_seed(3)
    config = transformers.MPNetConfig(vocab_size=20, hidden_size=16, num_hidden_layers=layers, num_attention_heads=2,
                                      intermediate_size=32, max_position_embeddings=40)
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text("{}")
    ids = (tokenizer.token_to_id(MARKERS.holder[0]), tokenizer.token_to_id(MARKERS.target[0]))
    model = StanceClassifier(config, ids).eval()
    save(model, config, folder)
    return model, tokenizer


def test_layers_and_pieces_are_dropped_and_what_stays_reads_the_same(tmp_path, monkeypatch):
    from training import smaller
    from training.train_stance import load_trained

    whole, before = write_trained(tmp_path / "trained", layers=3)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(json.dumps({"text": "Peru Chile peru chile rare"}) + "\n", encoding="utf-8")
    arguments = [str(tmp_path / "trained"), str(tmp_path / "small"), "--layers", "0", "2", "--corpus", str(corpus)]
    monkeypatch.setattr("sys.argv", ["smaller", *arguments, "--least", "2"])
    smaller.main()
    small, after = load_trained(tmp_path / "small")
    assert set(PIECES + SPECIAL) - set(after.get_vocab()) == {"[PAD]", "[unused0]", "стол", "ш", "rare"}
    text = "[HOLDER]Peru[/HOLDER] [TARGET]Chile[/TARGET] ab"
    assert after.encode(text).tokens == before.encode(text).tokens
    assert after.encode("rare").tokens == ["<s>", "[UNK]", "</s>"]
    del whole.bert.encoder.layer[1]
    with torch.inference_mode():
        one, two = (model.eval()(torch.tensor([tokenizer.encode(text).ids]), torch.ones(1, 10, dtype=torch.long))
                    for model, tokenizer in ((whole, before), (small, after)))
    torch.testing.assert_close(one, two)
