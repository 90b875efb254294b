"""The stance model: marking, labels, decisions, and the same answer in any company."""

import json
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.folder import WEIGHTS, read_folder, verify_checksums
from models.stance import MARKERS, Question, StanceModel, Verdict, load_stance_model, mark, read_columns
from schemas.errors import ModelError

TEXT = "Maduro’s government condemned the OAS on Friday."


@pytest.fixture(scope="module")
def model() -> StanceModel:
    return load_stance_model()


def test_marks_stand_around_holder_and_target() -> None:
    assert mark(Question("Peru thanked Chile.", (0, 4), (13, 18)), MARKERS) == (
        "[HOLDER]Peru[/HOLDER] thanked [TARGET]Chile[/TARGET]."
    )
    assert mark(Question("Peru is great.", None, (0, 4)), MARKERS) == "[TARGET]Peru[/TARGET] is great."


def test_a_span_inside_another_is_marked_inside_it() -> None:
    marked = mark(Question(TEXT, (0, 19), (0, 6)), MARKERS)
    assert marked.startswith("[HOLDER][TARGET]Maduro[/TARGET]’s government[/HOLDER] condemned")


def test_text_that_looks_like_a_marker_is_no_marker() -> None:
    marked = mark(Question("[TARGET]x[/TARGET] Peru thanked Chile.", (19, 23), (32, 37)), MARKERS)
    assert marked.count("[TARGET]") == 1
    assert "[TARGET]Chile[/TARGET]" in marked


@given(st.text(min_size=4, max_size=60), st.data())
def test_taking_the_marks_out_gives_the_text_back(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4, unique=True)))
    holder, target = (cuts[0], cuts[1]), (cuts[2], cuts[3])
    if any(marker in text for marker in MARKERS.all):
        return
    marked = mark(Question(text, holder, target), MARKERS)
    assert marked[marked.index("[HOLDER]") + 8 : marked.index("[/HOLDER]")] == text[slice(*holder)]
    assert marked[marked.index("[TARGET]") + 8 : marked.index("[/TARGET]")] == text[slice(*target)]
    for marker in MARKERS.all:
        marked = marked.replace(marker, "")
    assert marked == text


def test_a_stance_must_be_as_sure_as_the_threshold_and_likelier_than_neutral() -> None:
    assert Verdict(0.1, 0.6, 0.3).decide(0.5) == ("against", 0.6)
    assert Verdict(0.1, 0.6, 0.3).decide(0.7) == ("neutral", 0.3)
    assert Verdict(0.41, 0.1, 0.49).decide(0.4) == ("neutral", 0.49)
    assert Verdict(0.5, 0.2, 0.3).decide(0.0) == ("favor", 0.5)


def test_each_stance_may_have_a_threshold_of_its_own() -> None:
    least = {"favor": 0.7, "against": 0.6}
    assert Verdict(0.65, 0.05, 0.3).decide(least)[0] == "neutral"
    assert Verdict(0.05, 0.65, 0.3).decide(least)[0] == "against"


def test_an_answer_does_not_depend_on_the_company(model: StanceModel) -> None:
    names = ["Peru", "the OAS", "Angela Merkel", "Brazil’s Supreme Court"]
    questions = []
    for number, (holder, target) in enumerate((h, t) for h in names for t in names if h != t):
        text = f"{holder} {'condemned' if number % 2 else 'praised'} {target}" + " again" * (number % 5) + "."
        start = text.index(target, len(holder))
        questions.append(Question(text, (0, len(holder)), (start, start + len(target))))
    alone = [model.classify([question])[0] for question in questions]
    order = random.Random(3).sample(range(len(questions)), len(questions))
    assert model.classify([questions[i] for i in order]) == [alone[i] for i in order]
    assert model.classify([]) == []


def test_a_group_is_answered_in_its_order_whatever_the_others_ask(model: StanceModel) -> None:
    there, back = Question(TEXT, (0, 19), (34, 37)), Question(TEXT, (34, 37), (0, 19))
    own = Question("Peru is great.", None, (0, 4))
    groups = [[there, own], [], [back, there, back], [own]]
    answers = model.classify_each(groups)
    assert answers == [model.classify(group) for group in groups]
    assert answers[2][0] == answers[2][2] != answers[2][1] == answers[0][0]


def test_what_two_groups_ask_alike_is_read_once(model: StanceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, read = model._engine, []
    run = engine.run

    def count(sequences, places=()):
        read.extend(sequences)
        return run(sequences, places)

    monkeypatch.setattr(engine, "run", count)
    there, back = Question(TEXT, (0, 19), (34, 37)), Question(TEXT, (34, 37), (0, 19))
    one, two = model.classify_each([[there, back], [there, back]])
    assert one == two
    assert len(read) == (1 if engine.takes_places else 2)


def test_the_verdicts_are_probabilities(model: StanceModel) -> None:
    for verdict in model.classify([Question(TEXT, (0, 19), (30, 37)), Question(TEXT, None, (30, 37))]):
        assert verdict.favor + verdict.against + verdict.neutral == pytest.approx(1, abs=2e-4)


def test_a_plain_condemnation_and_plain_praise_are_seen_and_directed(model: StanceModel) -> None:
    against = Question("Peru condemned Chile on Friday.", (0, 4), (15, 20))
    favor = Question("Peru praised Chile on Friday.", (0, 4), (13, 18))
    back = Question(against.text, against.target, (0, 4))
    decided = [verdict.decide(model.threshold)[0] for verdict in model.classify([against, favor, back])]
    assert decided == ["against", "favor", "neutral"]


def test_what_looks_like_a_marker_is_text(model: StanceModel) -> None:
    written = "Peru [HOLDER] condemned [/TARGET] Chile <mask> on Friday."
    (plain,) = model.classify([Question(written, (0, 4), (34, 39))])
    (other,) = model.classify([Question(written.replace("[HOLDER]", "[TARGET]"), (0, 4), (34, 39))])
    assert plain.decide(model.threshold)[0] == other.decide(model.threshold)[0] == "against"


def test_a_text_of_any_length_is_answered(model: StanceModel) -> None:
    text = "Peru condemned Chile. " + "And so it went on for a while. " * 200
    assert len(model.classify([Question(text, (0, 4), (15, 20))])) == 1


def foreign_folder(tmp_path: Path, labels: dict[str, str], **dateline: object) -> Path:
    """A model that reads text and question as one sequence, as somebody else might have saved it."""
    folder = tmp_path / "model"
    shutil.copytree(WEIGHTS / "stance-e5-small", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"id2label": labels}))
    (folder / "dateline.json").write_text(json.dumps(dateline))
    return folder


def test_labels_of_other_models_are_known_or_mapped(tmp_path: Path) -> None:
    folder = foreign_folder(tmp_path, {"0": "NEGATIVE", "1": "LABEL_1", "2": "Pro"}, label_map={"LABEL_1": "neutral"})
    assert read_columns(read_folder(folder, "mine")) == [2, 0, 1]
    model = load_stance_model(str(folder))
    assert model.threshold == 0.5
    assert len(model.classify([Question(TEXT, (0, 6), (34, 37)), Question(TEXT, None, (34, 37))])) == 2


def test_a_model_reads_the_languages_that_its_folder_names_and_all_where_it_names_none(tmp_path: Path) -> None:
    folder = foreign_folder(tmp_path, {"0": "favor", "1": "against", "2": "neutral"}, languages=["en"])
    model = load_stance_model(str(folder))
    assert [model.reads(language) for language in ("en", "en-GB", "und", "es")] == [True, True, True, False]
    (folder / "dateline.json").write_text("{}")
    assert load_stance_model(str(folder)).reads("es")


def test_the_multilingual_model_of_the_repository_is_whole_and_reads_spanish() -> None:
    folder = WEIGHTS / "stance-e5-small"
    verify_checksums(folder)
    model = load_stance_model(str(folder))
    against = Question("Perú condenó a Chile el viernes.", (0, 4), (15, 20))
    favor = Question("Perú agradeció a Chile su ayuda.", (0, 4), (17, 22))
    assert model.reads("es")
    assert [verdict.decide(model.threshold)[0] for verdict in model.classify([against, favor])] == ["against", "favor"]


def test_languages_that_are_no_list_are_an_error_and_regions_and_capitals_are_none(tmp_path: Path) -> None:
    folder = foreign_folder(tmp_path, {"0": "favor", "1": "against", "2": "neutral"}, languages=["EN-GB"])
    assert load_stance_model(str(folder)).reads("en")
    (folder / "dateline.json").write_text('{"languages": "en"}')
    with pytest.raises(ModelError, match=r"\"languages\": 'en'; expected is a list of codes"):
        load_stance_model(str(folder))


def test_a_label_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = foreign_folder(tmp_path, {"0": "favor", "1": "against", "2": "LABEL_2"})
    with pytest.raises(ModelError, match="none of which says neutral; add"):
        load_stance_model(str(folder))
