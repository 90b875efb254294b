"""The command line: how it refuses, what it says, and that it starts fast."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.options import parse_runner
from schemas.errors import UsageError
from schemas.record import PIPELINE_VERSION
from tests.conftest import EXAMPLES, dateline

COMMANDS = ("run", "show", "check", "models", "query", "tables")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["rnu", "in", "out"], "Did you mean 'run'?"),
        (["run", "--ner-modle", "x", "in", "out"], "--ner-model"),
        (["run", "--unit-artikles", "3", "in", "out"], "--unit-articles"),
        (["show", "--artikel", "3", "out"], "--article"),
        (["run", "in"], "INPUT... and OUTPUT"),
        (["run", "no/such/folder", "out"], "no input at 'no/such/folder'"),
        (["run", "in", "out", "--field", "txt=body"], "did you mean text?"),
        (["run", "in", "out", "--field", "text"], "FIELD=NAME"),
        (["run", "in", "out", "--runner", "Flnk"], "did you mean FlinkRunner?"),
        (["run", "in", "out", "--runner", "DaskRunner"], "wrong results"),
        (["run", "in", "out", "--runner-option", "x=1"], "takes none"),
        (["run", "in", "out", "--max-dead-letters", "many"], "5%"),
        (["run", "in", "out", "--log-format", "xml"], "expected text, json"),
        (["run", "in", "out", "--part-files", "0"], "--part-files"),
        (["run", "in", "out", "--run-id", "../up"], "--run-id '../up': expected are 1 to 200 letters"),
        (["run", "in", "out", "--summary-json", "no/such/summary.json"], "a file in a folder that is there"),
        (["run", "in", "out", "--summary-json", "."], "a file in a folder that is there"),
        (["run", "in", "out", "--runner", "Flink", "--runner-option", "flink_mastr=x"], "did you mean flink_master?"),
        (["run", "in", "out", "--runner", "Flink", "--runner-option", "flink_version=1.5"], "'2.2'"),
        (["run", "in", "out", "--runner", "Flink", "--runner-option", "parallel"], "NAME=VALUE"),
        (["run", "in", "out", "--stance-threshold", "2"], "--stance-threshold"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_the_way_out(
    arguments: list[str], hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    finished = dateline(*arguments)
    assert finished.exit_code == 2
    assert hint in finished.stderr
    assert "Traceback" not in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_missing_model_is_one_line_before_anything_is_touched(tmp_path: Path) -> None:
    for option in ("--ner-model", "--stance-model"):
        finished = dateline("run", EXAMPLES, tmp_path / "out", option, tmp_path / "no-model")
        assert finished.exit_code == 1
        (line,) = [line for line in finished.stderr.splitlines() if line.startswith("dateline: ")]
        assert "no-model" in line
        assert not (tmp_path / "out").exists()


def test_a_dataset_that_is_written_by_another_is_refused(tmp_path: Path) -> None:
    from pipeline.dataset import Dataset

    with Dataset(str(tmp_path / "out")) as dataset, dataset.lock():
        finished = dateline("run", EXAMPLES, tmp_path / "out")
    assert finished.exit_code == 1
    assert "is being written by" in finished.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_a_person_can_learn_from(command: str) -> None:
    overview = dateline("--help")
    assert command in overview.stdout
    page = dateline(command, "--help")
    assert page.exit_code == 0
    assert "Usage" in page.stdout


def test_run_help_has_examples_and_exit_codes() -> None:
    page = " ".join(dateline("run", "--help").stdout.split())
    assert "dateline run articles/ out/" in page
    assert "3 too many dead letters" in page


def test_version() -> None:
    assert dateline("--version").stdout.startswith(f"dateline {PIPELINE_VERSION}, record schema ")


def test_models_are_listed_with_their_labels() -> None:
    shown = dateline("models").stdout
    assert "ner-e5-small" in shown
    assert "stance-mpnet-6" in shown
    assert "favor" in shown


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pipeline.cli import main\n"
        "try: main(['run', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'apache_beam', 'pyarrow', 'duckdb', 'onnxruntime', 'numpy', 'tokenizers', 'trafilatura', 'torch'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                              cwd=Path(__file__).parents[2])
    assert finished.stderr.strip() == "[]"


def test_a_run_as_a_process_is_quiet_about_libraries_and_logs_json(tmp_path: Path) -> None:
    article = str(EXAMPLES / "oas_maduro_term.txt")
    command = [sys.executable, "-m", "pipeline.cli", "run", article, str(tmp_path / "out"), "--log-format", "json"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    events = [json.loads(line) for line in finished.stderr.splitlines()]
    assert [event["event"] for event in events] == ["progress", "progress", "summary"]
    assert events[-1]["counts"]["records"] == 1
    assert finished.stdout == ""


def test_errors_are_objects_where_the_log_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_RUN_LOG_FORMAT", "json")
    for options in ([], ["--since", "2019-20-01"], ["--log-format", "json", "--run-id", "/"]):
        finished = dateline("run", "no/such/input", tmp_path / "out", *options)
        told = json.loads(finished.stderr)
        assert (told["event"], told["exit_code"]) == ("error", 2) == ("error", finished.exit_code)
    assert dateline("run", "no/such/input", "out", "--log-format", "text").stderr.startswith("dateline: no input")
    assert dateline("show", "no/such/dataset").stderr.startswith("dateline: ")


def test_a_runner_that_fails_is_one_line_and_an_account(tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    finished = dateline("run", EXAMPLES, tmp_path / "out", "--runner", "no.such.Runner", "--quiet",
                        "--run-id", "r", "--summary-json", summary)  # fmt: skip
    assert finished.exit_code == 1
    assert finished.stderr.startswith("dateline: the runner failed, nothing was committed: ")
    assert "report it" not in finished.stderr
    account = json.loads(summary.read_text(encoding="utf-8"))
    assert (account["run_id"], account["status"], account["counts"]["read"]) == ("r", "failed", 0)


def test_runners_have_their_names_whatever_the_case() -> None:
    assert parse_runner("direct") == "DirectRunner"
    assert parse_runner("flinkrunner") == "FlinkRunner"
    assert parse_runner("my.own.Runner") == "my.own.Runner"
    with pytest.raises(UsageError, match="expected one of"):
        parse_runner("qqqqqqqq")
