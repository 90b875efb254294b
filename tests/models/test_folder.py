import json
import pathlib
import pickle
import re
import shutil

import pytest

from models.engine import load_engine
from models.folder import WEIGHTS, find_model_folder, read_folder, verify_checksums
from models.ner import load_ner_model, read_scheme
from schemas.errors import ModelError

BUNDLED = WEIGHTS / "ner-e5-small"


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(BUNDLED, tmp_path / "my-model")


def test_a_folder_of_a_user_is_named_by_its_last_part_and_what_is_in_it(copy, tmp_path):
    name = find_model_folder(str(copy), "ner").name
    assert re.fullmatch("my-model@[0-9a-f]{8}", name)
    assert load_ner_model(str(copy)).name == name
    other = shutil.copytree(copy, tmp_path / "v2" / "my-model")
    assert find_model_folder(str(other), "ner").name == name
    (other / "dateline.json").write_text('{"temperature": 2.0}')
    assert find_model_folder(str(other), "ner").name != name


def test_a_pickle_is_refused_with_a_clear_word(copy):
    (copy / "model.onnx").rename(copy / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickle"):
        read_folder(copy, "x")


def test_a_folder_without_weights_says_what_is_missing(copy):
    (copy / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"neither model.onnx nor"):
        read_folder(copy, "x")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_folder_without_its_configuration_says_so(copy, name):
    (copy / name).unlink()
    with pytest.raises(ModelError, match=name):
        read_folder(copy, "x")


def test_a_name_that_is_no_folder_is_one_clear_error():
    with pytest.raises(ModelError, match=r"there is no folder|neither a folder"):
        find_model_folder("nobody/no-such-model", "ner")


def test_a_damaged_bundled_file_is_noticed(copy):
    with (copy / "model.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with pytest.raises(ModelError, match="damaged"):
        verify_checksums(copy)


def test_a_file_that_is_not_onnx_is_one_clear_error(copy):
    (copy / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="cannot load"):
        load_engine(read_folder(copy, "x"))


class Runs:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return pathlib.Path.touch, (self.trace,)


@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors"])
def test_a_pickle_under_another_name_is_not_unpickled(copy, tmp_path, name):
    if name == "model.safetensors":
        for needed in ("torch", "transformers", "safetensors"):
            pytest.importorskip(needed)
        (copy / "model.onnx").unlink()
    trace = tmp_path / "the pickle has run"
    (copy / name).write_bytes(pickle.dumps(Runs(trace)))
    with pytest.raises(ModelError, match="cannot load"):
        load_engine(read_folder(copy, "x"))
    assert not trace.exists()


def test_weights_outside_the_folder_are_not_read(copy, tmp_path):
    onnx = pytest.importorskip("onnx")
    (tmp_path / "secret").write_bytes(b"\0" * 400)
    outside = onnx.TensorProto(name="w", data_type=1, dims=[100], data_location=onnx.TensorProto.EXTERNAL)
    for key, value in (("location", "../secret"), ("offset", "0"), ("length", "400")):
        outside.external_data.add(key=key, value=value)
    made = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Identity", ["w"], ["y"])
    graph = onnx.helper.make_graph([node], "g", [], [made("y", 1, [100])], initializer=[outside])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    (copy / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="cannot load"):
        load_engine(read_folder(copy, "x"))


def with_labels(copy, labels, label_map=None):
    config = json.loads((copy / "config.json").read_text())
    config["id2label"] = {str(i): label for i, label in enumerate(labels)}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "dateline.json").write_text(json.dumps({"label_map": label_map or {}}))
    return read_folder(copy, "x")


def test_labels_of_well_known_models_are_understood(copy):
    scheme = read_scheme(with_labels(copy, ["O", "B-PER", "I-PER", "B-GPE", "B-MISC"]))
    assert scheme.labels == ("O", "PERSON", "PERSON", "LOC", "MISC")
    assert scheme.prefixes == ("O", "B", "I", "B", "B")


def test_labels_without_prefix_and_bioes_are_understood(copy):
    assert read_scheme(with_labels(copy, ["O", "PERSON"])).prefixes == ("O", "P")
    scheme = read_scheme(with_labels(copy, ["O", "B-ORG", "I-ORG", "E-ORG", "S-ORG"]))
    assert scheme.prefixes == ("O", "B", "I", "I", "B")


def test_an_unknown_label_says_how_to_map_it(copy):
    with pytest.raises(ModelError, match="label_map"):
        read_scheme(with_labels(copy, ["O", "B-DRUG"]))
    assert read_scheme(with_labels(copy, ["O", "B-DRUG"], {"DRUG": "PRODUCT"})).labels == ("O", "PRODUCT")
