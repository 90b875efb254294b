"""Rounding to int8 by what comes into a matrix: whole numbers of seven bits, nearer than plain rounding comes."""

import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
transformers = pytest.importorskip("transformers", reason="training needs the train extra (transformers)")
onnx = pytest.importorskip("onnx", reason="training needs the train extra (onnx)")
onnxruntime = pytest.importorskip("onnxruntime")


def inputs_with_kin(count, channels, seed):
    """Inputs of which each channel is much like its neighbours, as a model's are."""
    own = torch.randn(count, channels, generator=torch.Generator().manual_seed(seed))
    return own + 2 * own.roll(1, 1) + 2 * own.roll(2, 1)


def test_a_rounded_matrix_is_whole_scales_and_errs_less_than_plain_rounding():
    from training.onnx_builder import quantise_columns
    from training.rounding import round_matrix

    x = inputs_with_kin(2000, 300, 1)
    weight = torch.randn(40, 300, generator=torch.Generator().manual_seed(2))
    rounded, scale = round_matrix(weight, x.T @ x)
    whole = rounded / scale[:, None]
    assert torch.allclose(whole, whole.round(), atol=1e-4)
    assert whole.abs().max() < 63.5
    small, steps = quantise_columns(weight.T.numpy(), bits=7)
    plain = torch.from_numpy(small * steps).T
    unseen = inputs_with_kin(500, 300, 3)
    ours, theirs = (((unseen @ (new - weight).T) ** 2).mean() for new in (rounded, plain))
    assert ours < 0.7 * theirs


def test_a_matrix_whose_inputs_were_never_seen_is_rounded_too():
    from training.rounding import round_matrix

    weight = torch.randn(4, 6, generator=torch.Generator().manual_seed(4))
    rounded, scale = round_matrix(weight, torch.zeros(6, 6))
    assert rounded.isfinite().all()
    assert ((rounded - weight).abs() <= 63 * scale[:, None] / 2).all()


def test_steep_channels_are_divided_and_the_others_are_not():
    from training.rounding import STEEP, divisor_of

    divisor = divisor_of(torch.tensor([1.0, 2.0, 1.0, 0.0, 60.0]))
    assert divisor.tolist() == [1.0, 1.0, 1.0, 1.0, 60.0 / STEEP]


def test_a_weight_of_more_bits_than_there_are_is_refused():
    from training.onnx_builder import Matrix

    with pytest.raises(ValueError, match="rounded to 64 scales; expected are 63"):
        Matrix(np.full((1, 1), 6.4, np.float32), np.full(1, 0.1, np.float32)).as_integers(bits=7)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small stance model, two channels of whose states are steep, with its rounding beside it."""
    from safetensors.torch import save_file

    from training.rounding import round_all, watch, write_rounded
    from training.stance_classifier import StanceClassifier

    torch.manual_seed(5)
    config = transformers.BertConfig(vocab_size=300, hidden_size=64, num_hidden_layers=3, num_attention_heads=4,
                                     intermediate_size=128, max_position_embeddings=64)
    model = StanceClassifier(config, (298, 299)).eval()
    with torch.no_grad():
        for layer in model.bert.encoder.layer:
            layer.attention.output.LayerNorm.weight[[3, 40]] = 25.0
            for linear in (m for m in layer.modules() if isinstance(m, torch.nn.Linear)):
                linear.weight.mul_(6)
            layer.intermediate.dense.weight[:, [3, 40]] /= 25
    folder = tmp_path_factory.mktemp("trained")
    save_file(model.state_dict(), str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps(config.to_dict()), encoding="utf-8")
    linears = {name: m for name, m in model.named_modules() if ".layer." in name and isinstance(m, torch.nn.Linear)}
    chance = torch.Generator().manual_seed(6)

    def ask():
        for ids in torch.randint(3, 290, (60, 1, 24), generator=chance):
            model(ids, torch.ones_like(ids))

    write_rounded(folder, round_all(linears, watch(linears, ask)))
    return model, folder


def logits_of(trained, out, **options):
    from training.export import write_model
    from training.export_stance import stance_head

    write_model(trained, out, stance_head((298, 299)), **options)
    session = onnxruntime.InferenceSession(str(out / "model.onnx"), providers=["CPUExecutionProvider"])
    chance = np.random.default_rng(7)
    asked = [np.array([[298, *chance.integers(3, 290, 20), 299, 7]]) for _ in range(20)]
    return np.concatenate([session.run(None, {"input_ids": ids})[0] for ids in asked])


def test_a_rounded_graph_is_nearer_to_fp32_and_fp32_takes_no_rounding(trained, tmp_path):
    _, folder = trained
    exact = logits_of(folder, tmp_path / "fp32", precision="fp32")
    ours = logits_of(folder, tmp_path / "rounded", precision="int8")
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("model.safetensors", "config.json"):
        (bare / name).write_bytes((folder / name).read_bytes())
    np.testing.assert_array_equal(logits_of(bare, tmp_path / "bare_fp32", precision="fp32"), exact)
    plain = logits_of(bare, tmp_path / "plain", precision="int8")
    assert np.square(ours - exact).mean() < np.square(plain - exact).mean() / 3


def test_rounded_weights_come_back_as_they_went(trained, tmp_path):
    from training.unpack import read_constants, to_weights

    model, folder = trained
    logits_of(folder, tmp_path, precision="int8")
    found = to_weights(read_constants(tmp_path / "model.onnx"), 3)
    for name, weight in model.state_dict().items():
        if ".layer." in name and name.endswith("dense.weight"):
            back = torch.from_numpy(found[name])
            assert torch.nn.functional.cosine_similarity(back.ravel(), weight.ravel(), dim=0) > 0.995, name


def test_rounding_of_other_weights_is_refused(trained, tmp_path):
    from safetensors.torch import load_file, save_file

    _, folder = trained
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    weights = load_file(str(again / "model.safetensors"))
    save_file({name: weight + 0.01 for name, weight in weights.items()}, str(again / "model.safetensors"))
    with pytest.raises(ValueError, match=r"run training\.rounding again, or delete it"):
        logits_of(again, tmp_path / "out", precision="int8")
