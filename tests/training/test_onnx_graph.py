"""The graph written by hand against PyTorch's own forward pass, on a small random encoder."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
transformers = pytest.importorskip("transformers", reason="training needs the train extra (transformers)")
onnx = pytest.importorskip("onnx", reason="training needs the train extra (onnx)")
onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = transformers.BertConfig(vocab_size=300, hidden_size=64, num_hidden_layers=3, num_attention_heads=4,
                                     intermediate_size=128, max_position_embeddings=64, num_labels=5)
    return transformers.BertForTokenClassification(config).eval()


def run(model, ids, *, int8):
    from training.onnx_graph import build_model, token_classifier

    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    made = build_model(weights, model.config.to_dict(), token_classifier, int8=int8)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"input_ids": ids})[0]


@pytest.mark.parametrize("length", [1, 7, 64])
def test_fp32_gives_what_pytorch_gives(model, length):
    ids = np.random.default_rng(length).integers(0, 300, (2, length))
    with torch.inference_mode():
        expected = model(input_ids=torch.tensor(ids)).logits.numpy()
    np.testing.assert_allclose(run(model, ids, int8=False), expected, atol=1e-4)


def test_int8_stays_near(model):
    ids = np.random.default_rng(1).integers(0, 300, (1, 32))
    near, exact = run(model, ids, int8=True), run(model, ids, int8=False)
    assert np.corrcoef(near.ravel(), exact.ravel())[0, 1] > 0.99
