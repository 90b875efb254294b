"""The graph written by hand against PyTorch's own forward pass, on a small random encoder."""

import copy
import shutil

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


@pytest.mark.parametrize("int8", [False, True])
def test_an_exported_graph_can_be_turned_back_into_weights(model, tmp_path, int8):
    from training.onnx_graph import build_model, token_classifier
    from training.unpack import read_constants, to_weights

    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    onnx.save(build_model(weights, model.config.to_dict(), token_classifier, int8=int8), str(tmp_path / "model.onnx"))
    again = transformers.BertForTokenClassification(model.config).eval()
    found = to_weights(read_constants(tmp_path / "model.onnx"), 3)
    again.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in found.items()})
    ids = torch.tensor(np.random.default_rng(2).integers(0, 300, (1, 20)))
    with torch.inference_mode():
        one, two = model(input_ids=ids).logits.numpy(), again(input_ids=ids).logits.numpy()
    np.testing.assert_allclose(one, two, atol=0.1 if int8 else 1e-4)


def stance_classifier(*, seed, layers, kind="BertConfig"):
    from training.stance_classifier import StanceClassifier

    torch.manual_seed(seed)
    shape = {"vocab_size": 300, "hidden_size": 64, "num_hidden_layers": layers, "num_attention_heads": 4,
             "intermediate_size": 128, "max_position_embeddings": 400}
    config = getattr(transformers, kind)(**shape)
    return StanceClassifier(config, (298, 299)).eval()


def stare(module, times):
    """As new as weights are, no piece looks at another, and positions hardly matter: enlarge them."""
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.mul_(8 if "relative" in name or "position" in name else times if weight.dim() == 2 else 1)


@pytest.mark.parametrize("kind", ["BertConfig", "MPNetConfig"])
def test_the_stance_head_gives_what_pytorch_gives_and_turns_back_into_its_weights(kind, tmp_path):
    from training.export_stance import stance_head
    from training.onnx_graph import build_model
    from training.stance_classifier import StanceClassifier
    from training.unpack import read_constants, to_weights

    classifier = stance_classifier(seed=1, layers=2, kind=kind)
    stare(classifier.bert, 1)
    config = classifier.bert.config
    weights = {name: tensor.numpy() for name, tensor in classifier.state_dict().items()}
    made = build_model(weights, config.to_dict(), stance_head((298, 299)), int8=False)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    long = np.random.default_rng(2).integers(3, 290, 300).tolist()  # further apart than any bucket tells
    for ids in ([[5, 298, 7, 9, 299, 11]], [[5, 6, 7, 299, 9, 11]], [[5, 298, *long, 299, 11]]):  # one without a holder
        with torch.inference_mode():
            expected = classifier(torch.tensor(ids), torch.ones(1, len(ids[0]), dtype=torch.long)).numpy()
        np.testing.assert_allclose(session.run(None, {"input_ids": np.array(ids)})[0], expected, atol=1e-4)
    onnx.save(made, str(tmp_path / "model.onnx"))
    found = to_weights(read_constants(tmp_path / "model.onnx"), 2)
    again = StanceClassifier(config, (298, 299)).eval()
    again.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in found.items()})
    with torch.inference_mode():
        turned = again(torch.tensor(ids), torch.ones(1, len(ids[0]), dtype=torch.long)).numpy()
    np.testing.assert_allclose(turned, expected, atol=1e-4)


def test_both_engines_give_the_same_logits(model, tmp_path):
    from models.engine import load_engine
    from models.folder import find_model_folder, read_folder
    from training.onnx_graph import build_model, token_classifier

    model.save_pretrained(tmp_path)
    shutil.copyfile(find_model_folder(None, "ner").path / "tokenizer.json", tmp_path / "tokenizer.json")
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    graph = build_model(weights, model.config.to_dict(), token_classifier, int8=False)
    onnx.save(graph, str(tmp_path / "model.onnx"))
    folder = read_folder(tmp_path, "small")
    sequences = [[5, 6, 7], [8], list(range(40))]
    one, two = (load_engine(folder, engine=name, threads=1).run(sequences) for name in ("onnx", "torch"))
    for ours, theirs in zip(one, two, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("int8", [False, True])
def test_an_exit_is_taken_where_it_is_sure_and_costs_nothing_where_it_is_not(tmp_path, int8):
    from training.export_stance import stance_head
    from training.onnx_graph import Exit, build_model
    from training.stance_classifier import StanceClassifier
    from training.unpack import read_constants, to_weights

    classifier = stance_classifier(seed=3, layers=3)
    config = classifier.bert.config
    weights = {name: tensor.numpy() for name, tensor in classifier.state_dict().items()}
    chance = np.random.default_rng(4)
    for name, shape in (("dense.weight", (16, 192)), ("dense.bias", (16,)), ("classifier.weight", (3, 16)),
                        ("classifier.bias", (3,))):
        weights[f"exit1.{name}"] = chance.normal(size=shape).astype(np.float32)
    ids = np.array([[5, 298, 7, 9, 299, 11]])

    def logits(**exits):
        made = build_model(weights, config.to_dict(), stance_head((298, 299)), int8=int8, **exits)
        onnx.save(made, str(tmp_path / "model.onnx"))
        session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
        return session.run(None, {"input_ids": ids})[0]

    def exit_after_one(least):
        return {"exits": {1: Exit(stance_head((298, 299), "exit1."), column=2, least=least)}}

    whole = logits()
    np.testing.assert_array_equal(logits(**exit_after_one(1.5)), whole)  # no probability is so high
    found = to_weights(read_constants(tmp_path / "model.onnx"), 3)
    again = StanceClassifier(config, (298, 299)).eval()
    again.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in found.items()})
    early = logits(**exit_after_one(0.0))
    with torch.inference_mode():
        states = again.bert(input_ids=torch.tensor(ids), output_hidden_states=True).hidden_states[1]
        features = again.features(torch.tensor(ids), states).numpy()
    inner = np.tanh(features @ weights["exit1.dense.weight"].T + weights["exit1.dense.bias"])
    expected = inner @ weights["exit1.classifier.weight"].T + weights["exit1.classifier.bias"]
    np.testing.assert_allclose(early, expected, atol=0.2 if int8 else 1e-4)
    assert np.abs(early - whole).max() > 0.2
    likely = np.exp(early[0]) / np.exp(early[0]).sum()
    np.testing.assert_array_equal(logits(**exit_after_one(float(likely[2]) - 1e-3)), early)
    np.testing.assert_array_equal(logits(**exit_after_one(float(likely[2]) + 1e-3)), whole)


@pytest.mark.parametrize("int8", [False, True])
def test_pieces_left_behind_are_looked_at_and_get_the_default_logits(model, tmp_path, int8):
    from training.onnx_graph import build_model, token_classifier
    from training.onnx_pruning import Pruning, by_probe
    from training.stance_classifier import look_at
    from training.unpack import read_constants, to_weights

    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    ids = np.random.default_rng(5).integers(0, 300, (1, 12))
    probe, default = np.random.default_rng(6).normal(size=64).astype(np.float32), np.arange(5, dtype=np.float32)

    def logits(least):
        pruning = Pruning(1, by_probe(probe, least), default)
        made = build_model(weights, model.config.to_dict(), token_classifier, int8=int8, pruning=pruning)
        onnx.save(made, str(tmp_path / "model.onnx"))
        session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
        return session.run(None, {"input_ids": ids})[0]

    near = 0.2 if int8 else 1e-4
    np.testing.assert_allclose(logits(-1e9), run(model, ids, int8=int8), atol=near)  # all go on
    with torch.inference_mode():
        states = model.bert(input_ids=torch.tensor(ids), output_hidden_states=True).hidden_states[1][0]
        scores = (states @ torch.tensor(probe)).numpy()
        ordered = np.sort(scores[1:])
        for least in (1e9, float(ordered[5] + ordered[6]) / 2):
            kept = [i for i in range(12) if i == 0 or scores[i] >= least]
            moving = states.clone()
            for layer in (1, 2):
                moving[kept] = look_at(model.bert.encoder.layer[layer], moving[None, kept], moving[None], None)[0]
            expected = np.tile(default, (12, 1))
            expected[kept] = model.classifier(moving[kept]).numpy()
            np.testing.assert_allclose(logits(least)[0], expected, atol=near)
    found = to_weights(read_constants(tmp_path / "model.onnx"), 3)
    for name, value in found.items():
        if "token_type" not in name and "position" not in name:
            np.testing.assert_allclose(value, weights[name], atol=0.02 if int8 else 1e-6)


def test_training_above_a_pruning_sees_what_the_graph_computes(model):
    from models.pruning import pruned_logits
    from training.onnx_graph import build_model, token_classifier
    from training.onnx_pruning import Pruning, by_probe

    ids = np.random.default_rng(8).integers(2, 300, (1, 9))
    probe = np.random.default_rng(9).normal(size=64).astype(np.float32)
    pruning = Pruning(2, by_probe(probe, 0.0), np.zeros(5, np.float32))
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    made = build_model(weights, model.config.to_dict(), token_classifier, int8=False, pruning=pruning)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    padded, mask = np.pad(ids, ((0, 0), (0, 3))), np.array([[1] * 9 + [0] * 3])
    with torch.inference_mode():
        logits, goes_on = pruned_logits(
            model, torch.tensor(padded), torch.tensor(mask), {"layer": 2, "weight": probe.tolist(), "least": 0.0})
    kept = goes_on[0, :9].numpy()
    assert 0 < kept.sum() < 9
    assert not goes_on[0, 9:].any()
    expected = session.run(None, {"input_ids": ids})[0][0]
    np.testing.assert_allclose(logits[0, :9].numpy()[kept], expected[kept], atol=1e-4)


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("kind", ["BertConfig", "MPNetConfig"])
def test_a_pruned_stance_model_gives_what_pytorch_gives(kind, tmp_path, int8):
    from training.export_stance import stance_head
    from training.onnx_graph import Exit, build_model
    from training.onnx_pruning import Pruning, by_ids
    from training.stance_classifier import StanceClassifier
    from training.unpack import read_constants, to_weights

    whole = stance_classifier(seed=5, layers=3, kind=kind)
    stare(whole.bert.encoder, 4)
    config = copy.deepcopy(whole.bert.config)
    config.pruned_after = 1
    classifier = StanceClassifier(config, (298, 299)).eval()
    classifier.load_state_dict(whole.state_dict())
    weights = {name: tensor.numpy() for name, tensor in classifier.state_dict().items()}
    weights |= {f"exit1.{name}": value for name, value in weights.items() if name.startswith(("dense", "classifier"))}
    never = {1: Exit(stance_head((298, 299), "exit1."), column=2, least=1.5)}
    for exits in (None, never):
        made = build_model(weights, config.to_dict(), stance_head((298, 299)), int8=int8, exits=exits,
                           pruning=Pruning(1, by_ids((298, 299))))
        session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
        for ids in ([5, 298, 7, 9, 299, 11, 4, 8], [5, 6, 7, 299, 9, 11, 4, 8]):  # with a holder, and without one
            padded = torch.tensor([[*ids, 1, 1]])
            with torch.inference_mode():
                expected = classifier(padded, torch.tensor([[1] * 8 + [0, 0]])).numpy()
                unpruned = whole(padded, torch.tensor([[1] * 8 + [0, 0]])).numpy()
            found = session.run(None, {"input_ids": np.array([ids])})[0]
            np.testing.assert_allclose(found, expected, atol=0.05 if int8 else 1e-5)
            assert np.abs(unpruned - expected).max() > 0.003
    onnx.save(made, str(tmp_path / "model.onnx"))
    found = to_weights(read_constants(tmp_path / "model.onnx"), 3)
    again = StanceClassifier(config, (298, 299)).eval()
    again.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in found.items()})
    with torch.inference_mode():
        one, two = (m(padded, torch.ones_like(padded)).numpy() for m in (classifier, again))
    np.testing.assert_allclose(one, two, atol=0.05 if int8 else 1e-5)


def test_an_exit_that_the_graph_could_not_have_is_an_error():
    from training.export_stance import stance_head
    from training.onnx_graph import Exit, build_model
    from training.onnx_pruning import Pruning, by_ids

    classifier = stance_classifier(seed=6, layers=3)
    weights = {name: tensor.numpy() for name, tensor in classifier.state_dict().items()}
    for layer, pruning in ((3, None), (2, Pruning(1, by_ids((298, 299))))):
        with pytest.raises(ValueError, match=f"an exit after layer {layer}; expected is none after layer {layer - 1}"):
            build_model(weights, classifier.bert.config.to_dict(), stance_head((298, 299)), int8=False, pruning=pruning,
                        exits={layer: Exit(stance_head((298, 299)), column=2, least=0.5)})


@pytest.mark.parametrize("kind", ["BertConfig", "MPNetConfig"])
def test_a_question_without_a_holder_teaches_the_layers_below_a_pruning_once(kind):
    from training.stance_classifier import attention_bias, look_at

    classifier = stance_classifier(seed=7, layers=4, kind=kind)
    classifier.bert.config.pruned_after = 1
    ids, mask = torch.tensor([[5, 6, 7, 299, 9, 11, 4, 8]]), torch.ones(1, 8, dtype=torch.long)
    first = next(classifier.bert.encoder.layer[0].parameters())
    (found,) = torch.autograd.grad(classifier(ids, mask)[0, 0], first)
    states = classifier.bert.embeddings(input_ids=ids)
    bias = attention_bias(classifier.bert.encoder, states, mask)
    states = look_at(classifier.bert.encoder.layer[0], states, states, bias)
    target, start = states[:, 3:4], states[:, :1]
    for layer in classifier.bert.encoder.layer[1:]:
        seen = torch.cat([start, states[:, 1:3], target, states[:, 4:]], 1)
        start, target = look_at(layer, torch.cat([start, target], 1), seen, bias[:, :, [0, 3]]).split(1, 1)
    features = torch.cat([torch.zeros(1, 64), target[:, 0], start[:, 0]], -1)
    logits = classifier.classifier(torch.tanh(classifier.dense(features)))
    (expected,) = torch.autograd.grad(logits[0, 0], first)
    torch.testing.assert_close(found, expected)
