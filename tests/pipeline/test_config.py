"""`--config`, DATELINE_* variables and `dateline config`: what wins, what is refused, and with what words."""

import tomllib
from pathlib import Path

import pytest

from pipeline.config import Chosen, Setting, choose
from schemas.errors import UsageError
from tests.conftest import Finished, dateline

KNOWN = {
    "run": [Setting("inputs", "many"), Setting("output"), Setting("unit-articles"), Setting("again", "yes or no"),
            Setting("field", "many"), Setting("ner-model")],
    "follow": [Setting("inputs", "many"), Setting("output"), Setting("ner-model"), Setting("every")],
}  # fmt: skip
FILE = """
ner-model = "mine"
[run]
inputs = ["news/*.txt", "more"]
output = "out"
unit_articles = 100
[run.field]
text = "story.body"
date = "stamp"
[follow]
every = "30s"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "dateline.toml"
    path.write_text(text, encoding="utf-8")
    return path


def in_force(*arguments: str) -> tuple[dict[str, object], dict[str, str]]:
    """The values and the sources that `dateline config run` prints; the printed page is TOML."""
    shown = dateline("config", "run", *arguments)
    assert shown.exit_code == 0, shown.stderr
    sources = {}
    for line in shown.stdout.splitlines()[1:]:
        setting, source = line.rsplit("  # ", 1)
        sources[setting.removeprefix("# ").split(" =")[0]] = source
    return tomllib.loads(shown.stdout)["run"], sources


def test_the_file_is_read_for_one_command_and_says_where_each_value_comes_from(tmp_path: Path) -> None:
    file = write(tmp_path, FILE)
    assert choose("run", KNOWN, file=file, environment={}) == {
        "ner-model": Chosen("mine", str(file)),
        "inputs": Chosen(("news/*.txt", "more"), f"{file} [run]"),
        "output": Chosen("out", f"{file} [run]"),
        "unit-articles": Chosen(100, f"{file} [run]"),
        "field": Chosen(("text=story.body", "date=stamp"), f"{file} [run]"),
    }
    assert set(choose("follow", KNOWN, file=file, environment={})) == {"ner-model", "every"}


def test_the_environment_wins_over_the_file_and_an_empty_variable_is_none(tmp_path: Path) -> None:
    environment = {
        "DATELINE_RUN_INPUTS": "'with space' b", "DATELINE_RUN_NER_MODEL": "theirs", "DATELINE_RUN_OUTPUT": "",
        "DATELINE_FOLLOW_OUTPUT": "elsewhere", "DATELINE_DATA": "what tests read", "PATH": "/bin",
    }  # fmt: skip
    chosen = choose("run", KNOWN, file=write(tmp_path, FILE), environment=environment)
    assert chosen["inputs"] == Chosen(("with space", "b"), "DATELINE_RUN_INPUTS")
    assert chosen["ner-model"].value == "theirs"
    assert chosen["output"].value == "out"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[run]\nunit-artikles = 3", "no option is called 'unit-artikles'; did you mean unit-articles?"),
        ("unit-artikles = 3", "did you mean unit-articles?"),
        ("[rnu]\nunit-articles = 3", "no command is called [rnu]; did you mean run?"),
        ("[follow]\nunit-articles = 3", "no option is called 'unit-articles'; expected one of inputs, output"),
        ("run = 3", "a table [run] is expected"),
        ("[run]\nagain = 'yes'", "again = 'yes': true or false is expected"),
        ("[run]\nunit-articles = true", "one text or number is expected"),
        ("[run]\noutput = ['a']", "one text or number is expected"),
        ("[run]\nfield = [1]", "a list of texts is expected"),
        ("[run]\nfield.text = true", "a list of texts is expected"),
        ("[run\n", "is not TOML"),
    ],
)
def test_what_a_file_cannot_say_is_refused_with_the_way_out(text: str, hint: str, tmp_path: Path) -> None:
    file = write(tmp_path, text)
    for command in KNOWN:
        with pytest.raises(UsageError) as refused:
            choose(command, KNOWN, file=file, environment={})
        assert hint in str(refused.value)
        assert str(file) in str(refused.value)


def test_a_mistyped_variable_is_refused() -> None:
    with pytest.raises(UsageError, match="DATELINE_RUN_UNIT_ARTIKLES is no option's; did you mean DATELINE_RUN_UNIT_A"):
        choose("run", KNOWN, file=None, environment={"DATELINE_RUN_UNIT_ARTIKLES": "3"})
    with pytest.raises(UsageError, match="DATELINE_RUN_INPUTS=\"'a\""):
        choose("run", KNOWN, file=None, environment={"DATELINE_RUN_INPUTS": "'a"})


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("DATELINE_UNIT_ARTICLES", "DATELINE_RUN_UNIT_ARTICLES"),
        ("DATELINE_RUM_UNIT_ARTICLES", "DATELINE_RUN_UNIT_ARTICLES"),
        ("DATELINE_FOLOW_EVERY", "DATELINE_FOLLOW_EVERY"),
        ("DATELINE_EVERY", "DATELINE_FOLLOW_EVERY"),
    ],
)
def test_a_variable_that_forgets_or_mistypes_its_command_is_refused(name: str, right: str) -> None:
    for command in KNOWN:
        with pytest.raises(UsageError, match=f"{name} is no option's; did you mean {right}?"):
            choose(command, KNOWN, file=None, environment={name: "3"})
    assert choose("run", KNOWN, file=None, environment={"DATELINE_PORT": "tcp://10.0.0.1:80", name: ""}) == {}


def test_a_file_that_is_not_there_is_one_line() -> None:
    finished = dateline("run", "--config", "no/such.toml", "in", "out")
    assert finished.exit_code == 2
    assert finished.stderr == "dateline: --config no/such.toml cannot be read: No such file or directory\n"


def test_flags_win_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "[run]\ninputs=['in']\noutput='out'\nunit-articles=1\nmax-dead-letters='1%'\nquiet=true\n")
    monkeypatch.setenv("DATELINE_RUN_MAX_DEAD_LETTERS", "2%")
    monkeypatch.setenv("DATELINE_RUN_RUN_ID", "nightly")
    monkeypatch.setenv("DATELINE_RUN_AGAIN", "true")
    values, sources = in_force("--config", str(file), "--run-id", "flag", "--field", "text=body")
    expected = {
        "inputs": (["in"], f"{file} [run]"), "output": ("out", f"{file} [run]"),
        "unit-articles": (1, f"{file} [run]"), "quiet": (True, f"{file} [run]"),
        "max-dead-letters": ("2%", "DATELINE_RUN_MAX_DEAD_LETTERS"), "again": (True, "DATELINE_RUN_AGAIN"),
        "run-id": ("flag", "the command line"), "field": (["text=body"], "the command line"),
        "runner": ("DirectRunner", "default"),
    }  # fmt: skip
    assert {key: (values[key], sources[key]) for key in expected} == expected
    assert sources["ner-model"] == "default: bundled"
    assert "ner-model" not in values


def test_what_config_prints_is_a_file_that_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = ("--field", "text=a \"quoted\" ünit", "--unit-articles", "7", "in put", "out")
    printed = write(tmp_path, dateline("config", "run", *flags).stdout)
    assert in_force("--config", str(printed))[0] == in_force(*flags)[0]
    monkeypatch.setenv("DATELINE_CONFIG", str(printed))
    assert in_force()[0] == in_force(*flags)[0]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("unit-articles = 0", "[run]: unit-articles = 0: "),
        ("unit-articles = 'ten'", "[run]: unit-articles = 'ten': "),
        ("unit-artikles = 1", "did you mean unit-articles?"),
        ("config = 'another'", "no option is called 'config'"),
        ("log-format = 'xml'", "expected text, json"),
        ("since = '2019-20-01'", "[run]: since = '2019-20-01': "),
        ("max-dead-letters = 'many'", "[run]: max-dead-letters = 'many': "),
        ("path-date = '%q'", "[run]: path-date = '%q': "),
        ("runner = 'Flnk'", "did you mean FlinkRunner?"),
        ("run-id = 'a/b'", "[run]: run-id = 'a/b': "),
        ("field = ['txt=body']", "did you mean text?"),
    ],
)
def test_a_wrong_value_names_the_file_before_anything_is_read(text: str, hint: str, tmp_path: Path) -> None:
    file = write(tmp_path, f"[run]\n{text}\n")
    finished = dateline("run", "--config", str(file), "no/such/input", str(tmp_path / "out"))
    assert_refused(finished, hint)
    assert_refused(dateline("config", "run", "--config", str(file)), hint)
    assert not (tmp_path / "out").exists()


def assert_refused(finished: Finished, hint: str) -> None:
    assert finished.exit_code == 2
    assert hint in finished.stderr
    assert "Traceback" not in finished.stderr


def test_inputs_without_output_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "[run]\ninputs = ['in']\n")
    finished = dateline("run", "--config", str(file))
    assert_refused(finished, "only inputs came")
    file = write(tmp_path, "[run]\noutput = 'out'\n")
    assert_refused(dateline("run", "--config", str(file)), "run needs INPUT... and OUTPUT, only 'out' came")
    file = write(tmp_path, "[follow]\noutput = 'out'\n")
    assert_refused(dateline("follow", "--config", str(file)), "follow needs SOURCE... or --feeds")


def test_only_configurable_commands_are_shown() -> None:
    assert_refused(dateline("config", "rnu"), "did you mean run?")
    assert dateline("config", "show").exit_code == 2
    assert dateline("config").stdout.startswith("[run]\n")
