"""An exported NER folder turned back into one for the torch engine reads as the graph does."""

import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
transformers = pytest.importorskip("transformers", reason="training needs the train extra (transformers)")
pytest.importorskip("onnx", reason="training needs the train extra (onnx)")


@pytest.mark.parametrize("pruned", [True, False])
def test_both_engines_read_an_exported_folder_alike(tmp_path, pruned):
    from models.decode import SURE
    from models.engine import load_engine
    from models.folder import find_model_folder, read_folder
    from models.pruning import write_pruning_file
    from training.export import export_ner
    from training.ner_data import TAGS
    from training.unpack import unpack

    trained, exported, unpacked = (tmp_path / name for name in ("trained", "exported", "unpacked"))
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=300, hidden_size=64, num_hidden_layers=3, num_attention_heads=4, intermediate_size=128,
        max_position_embeddings=64, num_labels=len(TAGS), id2label=dict(enumerate(TAGS)))  # fmt: skip
    transformers.BertForTokenClassification(config).save_pretrained(trained)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(find_model_folder(None, "ner").path / name, trained / name)
    if pruned:
        probe = np.random.default_rng(4).normal(size=64).astype(np.float32)
        write_pruning_file(trained, {"layer": 1, "weight": probe.tolist(), "least": 0.25})
    export_ner(trained, exported, precision="fp32", temperature=1.3)
    unpack(exported, unpacked)
    assert (unpacked / "dateline.json").read_bytes() == (exported / "dateline.json").read_bytes()
    sequences = [[5, 6, 7], [8], list(range(40))]
    read = [load_engine(read_folder(folder, "x"), threads=1).run(sequences) for folder in (exported, unpacked)]
    for ours, theirs in zip(*read, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert (read[0][2].max(-1) == SURE).any() == pruned  # some pieces were left behind
