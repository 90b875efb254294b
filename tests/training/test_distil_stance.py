"""Learning from a bigger model: what a student is asked for, and that it comes nearer to it."""

import argparse
import json
import random

import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
transformers = pytest.importorskip("transformers", reason="training needs the train extra (transformers)")

from models.stance import Question  # noqa: E402 - after the check that training is installed


def test_a_label_is_mixed_with_the_answer_and_a_drawn_question_has_the_answer_alone():
    from training.distil_stance import UNLABELLED, mixed
    from training.stance_data import Row

    question = Question("Ann praised Bob.", (0, 3), (12, 15))
    answer = [0.6, 0.1, 0.3]
    options = argparse.Namespace(weight=0.5, reading=0.6)
    assert mixed(Row(question, "favor", "dse", "1"), answer, options) == pytest.approx((0.8, 0.05, 0.15))
    assert mixed(Row(question, "favor", "dse", "1", "neutral"), answer, options) == pytest.approx((0.5, 0.05, 0.45))
    assert mixed(Row(question, UNLABELLED, "pool", "2"), answer, options) == pytest.approx(answer)


def test_drawn_questions_come_back_as_they_were_written(tmp_path):
    from training.distil_stance import read_pool

    rows = [{"text": "Ann praised Bob.", "holder": [0, 3], "target": [12, 15]},
            {"text": "Bob is great.", "holder": None, "target": [0, 3]}]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = [row.question for row in read_pool(tmp_path / "pool.jsonl")]
    assert found == [Question("Ann praised Bob.", (0, 3), (12, 15)), Question("Bob is great.", None, (0, 3))]


def test_questions_are_drawn_of_the_articles_that_are_not_left_out(tmp_path, monkeypatch):
    from training import draw_questions

    body = ("President Nicolas Maduro condemned the Organization of American States on Friday. He also blamed the "
            "United States for the crisis in Venezuela, and Argentina rejected his new term, officials said.")
    rows = [{"id": "kept", "body": body}, {"id": "left-out", "body": body.replace("Maduro", "Petrov")}]
    news, other, out = (tmp_path / name for name in ("news.jsonl", "other.jsonl", "out.jsonl"))
    news.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    other.write_text(json.dumps({"id": "left-out"}) + "\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["draw_questions", str(out), str(news), "--without", str(other), "--neutral", "1"])
    draw_questions.main()
    drawn = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    named = [[row["text"][slice(*row[role])] for role in ("holder", "target") if row[role]] for row in drawn]
    assert any("Maduro" in pair[0] and "Organization" in pair[-1] for pair in named)
    assert not any("Petrov" in row["text"] for row in drawn)


@pytest.mark.parametrize("exits", [[], [1]])
@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_an_encoder_of_either_kind_learns_from_probabilities(kind, exits, tmp_path):
    from training.stance_classifier import StanceClassifier
    from training.train_stance import batches, collate, fit

    torch.manual_seed(1)
    shape = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
             "intermediate_size": 64, "max_position_embeddings": 40}
    config = {"bert": transformers.BertConfig, "mpnet": transformers.MPNetConfig}[kind](**shape)
    model = StanceClassifier(config, (58, 59))
    chance = random.Random(2)
    wanted = {7: (0.8, 0.1, 0.1), 9: (0.1, 0.2, 0.7)}
    examples = [([0, 58, 3, 59, piece, chance.randrange(10, 50), 2], wanted[piece]) for piece in (7, 9) * 100]
    plan = [list(batches(examples, 200, chance)) for _ in range(6)]
    fit(model, plan, argparse.Namespace(rate=3e-3, smoothing=0.0, fp32=True, out=tmp_path, exit_layers=exits,
                                        exit_weight=0.3))
    model.eval()
    for piece, expected in wanted.items():
        ids, mask, _ = collate([([0, 58, 3, 59, piece, 20, 2], (1.0, 0.0, 0.0))], 1)
        with torch.inference_mode():
            assert model(ids, mask)[0].softmax(-1).tolist() == pytest.approx(expected, abs=0.12)
    assert (tmp_path / "model.safetensors").is_file()


def test_the_states_after_an_exit_layer_learn_to_answer_by_its_weight():
    from training.stance_classifier import ExitHead, StanceClassifier
    from training.train_stance import answers, loss_of

    torch.manual_seed(1)
    model = StanceClassifier(transformers.BertConfig(vocab_size=60, hidden_size=32, num_hidden_layers=3,
                                                     num_attention_heads=4, intermediate_size=64), (58, 59))
    exits = torch.nn.ModuleDict({"1": ExitHead(96), "2": ExitHead(96)})
    ids = torch.tensor([[0, 58, 3, 59, 7, 20, 2], [0, 3, 59, 9, 20, 2, 1]])
    whole, *early = answers(model, exits, ids, (ids != 1).long())
    assert [logits.shape for logits in (whole, *early)] == [(2, 3)] * 3
    loss_of(early[0], torch.tensor([0, 2]), argparse.Namespace(smoothing=0.0)).backward()
    first, second = (layer.output.dense.weight.grad for layer in model.bert.encoder.layer[:2])
    assert first is not None
    assert first.abs().sum() > 0
    assert second is None  # an exit teaches what stands below it alone


def test_the_teacher_is_asked_about_all_but_made_rows_whose_label_stands(monkeypatch):
    from models.stance import Question
    from training import distil_stance
    from training.stance_data import Row
    from training.stance_templates import MADE

    rows = [Row(Question(f"Peru met {name}.", (0, 4), (9, 14)), label, dataset, "")
            for name, label, dataset in (("Chile", "against", "dse"), ("Ghana", "", "pool"), ("Kenya", "favor", MADE))]
    asked = []

    def answer(_folder, questions, *, bfloat16):
        asked.extend(row.question.text for row in questions)
        return [[0.2, 0.2, 0.6] for _ in questions]

    monkeypatch.setattr(distil_stance, "ask", answer)
    options = argparse.Namespace(teacher=None, fp32=True, weight=0.5, reading=0.5)
    wanted = [known for _, known in distil_stance.lessons(rows, options)]
    assert asked == ["Peru met Chile.", "Peru met Ghana."]
    assert wanted == [pytest.approx((0.1, 0.6, 0.3)), (0.2, 0.2, 0.6), (1.0, 0.0, 0.0)]
