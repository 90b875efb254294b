"""The model that reads a text once: what it learns, what its graph gives, and that no question hears another."""

import argparse
import random

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
transformers = pytest.importorskip("transformers", reason="training needs the train extra (transformers)")
onnx = pytest.importorskip("onnx", reason="training needs the train extra (onnx)")
onnxruntime = pytest.importorskip("onnxruntime")

MARKER_IDS = (296, 297, 298, 299)
PLACES = [[0, 2, 4, 6], [4, 6, 0, 2], [-1, -1, 9, 12]]


@pytest.fixture(scope="module")
def model():
    from training.stance_beside import StanceBeside

    torch.manual_seed(1)
    config = transformers.MPNetConfig(vocab_size=300, hidden_size=64, num_hidden_layers=3, num_attention_heads=4,
                                      intermediate_size=128, max_position_embeddings=80, pruned_after=2)
    made = StanceBeside(config, MARKER_IDS).eval()
    with torch.no_grad():  # as new as weights are, no piece looks at another
        for name, weight in made.named_parameters():
            weight.mul_(8 if "relative" in name or "position" in name else 6 if weight.dim() == 2 else 1)
    return made


def text_of(length, seed=0):
    return np.concatenate([[0], np.random.default_rng(seed).integers(3, 290, length - 2), [2]])[None]


def asked(model, ids, places):
    ids = torch.as_tensor(ids)
    with torch.inference_mode():
        return model(ids, (ids != 1).long(), torch.tensor([places] * len(ids))).numpy()


def graph_of(model, *, int8):
    from training.onnx_beside import build_beside

    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    made = build_beside(weights, model.bert.config.to_dict(), MARKER_IDS, int8=int8)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda ids, places: session.run(None, {"input_ids": ids, "places": np.array(places)})[0]


def test_an_answer_hears_its_own_question_and_text_alone(model):
    ids = text_of(20)
    together = asked(model, ids, PLACES)[0]
    alone = [asked(model, ids, [places])[0, 0] for places in PLACES]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 1e-2  # the way back is another question
    longer = np.concatenate([ids, np.full((1, 5), 1)], 1)
    np.testing.assert_allclose(asked(model, longer, PLACES)[0], together, atol=1e-5)
    other = ids.copy()
    other[0, 15] = 7
    assert np.abs(asked(model, other, PLACES)[0] - together).max() > 1e-3


def test_the_markers_of_no_holder_change_nothing(model):
    before = asked(model, text_of(20), [PLACES[2]])
    words = model.bert.embeddings.word_embeddings.weight.data
    kept = words[list(MARKER_IDS[:2])].clone()
    words[list(MARKER_IDS[:2])] = 3.0
    np.testing.assert_array_equal(asked(model, text_of(20), [PLACES[2]]), before)
    words[list(MARKER_IDS[:2])] = kept


@pytest.mark.parametrize("length", [13, 60])
def test_the_graph_gives_what_pytorch_gives(model, length):
    ids = text_of(length, length)
    np.testing.assert_allclose(graph_of(model, int8=False)(ids, PLACES), asked(model, ids, PLACES)[0], atol=1e-4)


def test_int8_stays_near_and_gives_the_same_numbers_in_any_company(model):
    ids, run = text_of(40), graph_of(model, int8=True)
    together = run(ids, PLACES)
    assert np.corrcoef(together.ravel(), asked(model, ids, PLACES).ravel())[0, 1] > 0.98
    for number, places in enumerate(PLACES):
        np.testing.assert_array_equal(run(ids, [places])[0], together[number])


def test_a_graph_turns_back_into_its_weights(model, tmp_path):
    from training.onnx_beside import build_beside
    from training.unpack import read_constants, to_weights

    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    made = build_beside(weights, model.bert.config.to_dict(), MARKER_IDS, int8=False)
    onnx.save(made, str(tmp_path / "model.onnx"))
    found = to_weights(read_constants(tmp_path / "model.onnx"), 3)
    for name, weight in weights.items():
        if "relative" not in name and "embeddings" not in name:
            np.testing.assert_allclose(found[name], weight, atol=1e-5, err_msg=name)


def rows_about(texts):
    from models.stance import Question
    from training.stance_data import Row

    return [(Row(Question(text, (0, 4), (9, 14)), "neutral", "dse", str(i)), (float(i), 0.0, 0.0))
            for i, text in enumerate(texts)]


def test_what_is_asked_about_one_text_is_learned_together_and_nothing_is_lost():
    import tokenizers

    from models.folder import BUNDLED, WEIGHTS
    from training.train_beside import batches_of, lessons

    tokenizer = tokenizers.Tokenizer.from_file(str(WEIGHTS / BUNDLED["stance"] / "tokenizer.json"))
    rows = rows_about(["Peru met Chile."] * 7 + ["Peru met Ghana."] * 2 + ["Peru met Kenya yesterday evening."])
    found = list(lessons(rows, tokenizer, 3))
    assert sorted(len(lesson.places) for lesson in found) == [1, 2, 2, 2, 3]
    batches = batches_of(found, 30, random.Random(1))
    assert sorted(wanted[0] for batch in batches for lesson in batch for wanted in lesson.wanted) == [*range(10)]
    assert all(len({len(lesson.places) for lesson in batch}) == 1 for batch in batches)


def test_it_learns_who_from_where_the_markers_stand(tmp_path):
    from training.stance_beside import StanceBeside
    from training.train_beside import Lesson, batches_of, collate_lessons, fit_beside

    torch.manual_seed(1)
    config = transformers.MPNetConfig(vocab_size=300, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                                      intermediate_size=64, max_position_embeddings=40, beside=True)
    model = StanceBeside(config, MARKER_IDS)
    chance, wanted = random.Random(2), [(0.8, 0.1, 0.1), (0.1, 0.2, 0.7)]
    found = [Lesson([0, 7, *chance.sample(range(10, 50), 2), 9, 2], [(0, 2, 3, 5), (3, 5, 0, 2)], wanted)
             for _ in range(200)]
    plan = [batches_of(found, 300, chance) for _ in range(8)]
    fit_beside(model, plan, argparse.Namespace(rate=3e-3, smoothing=0.0, fp32=True, out=tmp_path))
    given, _ = collate_lessons(found[:1], 1)
    with torch.inference_mode():
        assert model.eval()(*given)[0].softmax(-1).tolist() == [pytest.approx(one, abs=0.12) for one in wanted]
    assert (tmp_path / "model.safetensors").is_file()
