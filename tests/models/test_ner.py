"""The bundled NER model on real text: offsets, length, and independence of the company that a text keeps."""

import json
import multiprocessing
import random
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.folder import find_model_folder
from models.mentions import make_mention
from models.ner import NerModel, load_ner_model
from transforms.sentences import split_sentences

TEXTS = (
    "Venezuelan President Nicolas Maduro’s government on Friday criticized the Organization of American States.",
    "German Chancellor Friedrich Merz met Luiz Inácio Lula da Silva in Brasília on 3 March 2026.\r\n"
    "They signed a $2 billion deal.",
    "Le président Emmanuel Macron s'est rendu à Dakar, où il a rencontré Bassirou Diomaye Faye.",
    "Short.",
    "",
    "LAGOS MOURNS AS NIGERIAN ARMY AND BOKO HARAM CLASH NEAR MAIDUGURI",
)


def recognize(model, texts):
    return model.recognize(texts, [split_sentences(text) for text in texts])


@pytest.fixture(scope="module")
def model():
    return load_ner_model(threads=2)


def names(recognition, label):
    return {m.text for m in recognition.mentions if m.label == label}


def test_it_names_people_organisations_places_and_groups(model):
    first, second, third, *_ = recognize(model, TEXTS)
    assert any(name.endswith("Nicolas Maduro") for name in names(first, "PERSON"))  # without ’s
    assert "Organization of American States" in names(first, "ORG")
    assert "Venezuelan" in names(first, "NORP")
    assert {"Friedrich Merz", "Luiz Inácio Lula da Silva"} <= names(second, "PERSON")
    assert "Brasília" in names(second, "LOC")
    assert "Dakar" in names(third, "LOC")


def test_marks_alone_are_not_asked_about(model, monkeypatch):
    asked = []
    run = model._engine.run
    monkeypatch.setattr(model._engine, "run", lambda jobs: asked.extend(jobs) or run(jobs))
    text = f"{TEXTS[1]}\n{'. ' * 2_000}\n{TEXTS[0]}"
    (recognition,) = recognize(model, [text])
    assert len(asked) <= 4 < recognition.windows  # the two texts, and the ends of the dots beside them
    assert recognition.tokens > 2_000
    assert {"Nicolas Maduro", "Organization of American States", "Brasília"} <= {m.text for m in recognition.mentions}


UNICODE = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


@settings(max_examples=40, deadline=None)
@given(UNICODE, st.sampled_from(TEXTS), UNICODE)
def test_offsets_are_code_points_in_any_unicode(model, before, middle, after):
    text = f"{before} {middle}\n{after}"
    (recognition,) = recognize(model, [text])
    end = 0
    for mention in recognition.mentions:
        assert text[mention.start_char : mention.end_char] == mention.text
        assert mention.start_char >= end
        end = mention.end_char


def test_the_same_text_gives_the_same_mentions_among_64_others(model):
    alone = {text: recognize(model, [text])[0] for text in TEXTS}
    batch = [*TEXTS, *[f"{text} {i}" for i in range(11) for text in TEXTS][:64]]
    random.Random(1).shuffle(batch)
    together = dict(zip(batch, recognize(model, batch), strict=True))
    assert all(together[text] == alone[text] for text in TEXTS)


def recognize_in_new_process(threads):
    return recognize(load_ner_model(threads=threads), list(TEXTS))


def test_the_same_text_gives_the_same_mentions_in_any_process_and_thread_count(model):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        one, three = pool.map(recognize_in_new_process, [1, 3])
    assert one == three == recognize(model, list(TEXTS))


def test_mentions_below_the_least_score_of_their_label_are_left_out(model, tmp_path):
    folder = tmp_path / "strict"
    shutil.copytree(find_model_folder(None, "ner").path, folder)
    settings = json.loads((folder / "dateline.json").read_text())
    (folder / "dateline.json").write_text(json.dumps(settings | {"min_scores": {"PERSON": 1.1}}))
    (strict,), (usual,) = recognize(load_ner_model(str(folder)), TEXTS[1:2]), recognize(model, TEXTS[1:2])
    assert {m.label for m in usual.mentions} - {m.label for m in strict.mentions} == {"PERSON"}


class SureThenDoubtful:
    """An engine that is sure of NORP in the first half of a sequence, and not quite of LOC in the second."""

    def __init__(self, labels):
        self.labels = labels

    def run(self, sequences):
        outputs = [np.zeros((len(ids), len(self.labels)), np.float32) for ids in sequences]
        for output in outputs:
            output[: len(output) // 2, self.labels.index("B-NORP")] = 12
            output[len(output) // 2 :, self.labels.index("B-LOC")] = 5.5
        return outputs


def test_a_doubtful_name_agrees_with_the_sure_one_before_it():
    folder = find_model_folder(None, "ner")
    (recognition,) = recognize(NerModel(folder, SureThenDoubtful(folder.labels)), ["Houthis Houthis"])
    assert [(m.text, m.label) for m in recognition.mentions] == [("Houthis", "NORP"), ("Houthis", "NORP")]


def test_every_word_of_a_long_text_is_read(model):
    paragraph = "Police in Nairobi said on Monday that Wanjiru Kamau had met the mayor of Kampala to discuss trade."
    (short,), (long,) = recognize(model, [paragraph]), recognize(model, ["\n".join([paragraph] * 400)])
    assert long.tokens == 400 * short.tokens
    assert long.windows > 20
    nairobi = [m for m in long.mentions if m.text == "Nairobi"]
    assert len(nairobi) == 400  # none lost, none doubled at the windows' borders


def test_a_sentence_longer_than_a_window_is_read_to_its_end(model):
    text = "The list names " + ", ".join(["Wanjiru Kamau of Nairobi"] * 150) + " and Ahmed Ben Salah of Tunis"
    (recognition,) = recognize(model, [text])
    assert recognition.windows > 3
    assert any(m.text == "Tunis" for m in recognition.mentions)


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [("“Maduro”", 0, 8, "Maduro"), ("(OAS)", 0, 5, "OAS"), ("Bank (CBN)", 0, 10, "Bank (CBN)"), ("...", 0, 3, "...")],
)
def test_punctuation_around_a_mention_is_left_out(text, start, end, expected):
    mention = make_mention(text, start, end, "ORG", 0.5)
    assert (mention.text if mention else "...") == expected


def test_a_date_or_sum_ends_before_the_full_stop() -> None:
    text = "It was on May 17."
    made = make_mention(text, 10, len(text), "DATE", 0.9)
    assert made is not None
    assert made.text == "May 17"
