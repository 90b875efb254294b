"""A run that commits itself: launched on the portable runner, with nobody waiting for it but the test."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.detached import main, parse_arguments
from schemas.errors import UsageError
from tests.conftest import EXAMPLES, FinishedRun, contents, dateline

PORTABLE = ("--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK")


def launch(inputs: Path, output: Path, *more: str) -> str:
    """The state that a launched run ends in."""
    result = main([f"--inputs={inputs}", f"--output={output}", "--run_id=detached", *more, *PORTABLE])
    return str(result.wait_until_finish())


def manifest(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "_runs" / "detached.json").read_text(encoding="utf-8")))


def test_a_detached_run_commits_the_bytes_of_one_that_waits(examples_run: FinishedRun, tmp_path: Path) -> None:
    root = tmp_path / "out"
    assert launch(EXAMPLES, root) == "DONE"
    assert contents(root) == contents(examples_run.root)
    made = manifest(root)
    assert (made["status"], made["counts"]["new"], len(made["read"])) == ("done", 31, 22)
    assert made["inputs"] == {"found": 22, "done_before": 0}
    assert dateline("check", root).exit_code == 0
    assert "Nothing new" in dateline("run", EXAMPLES, root).stdout  # one that waits knows what this one did
    assert launch(EXAMPLES, root) == "DONE"  # with nothing to do
    assert manifest(root)["inputs"] == {"found": 22, "done_before": 22}
    assert contents(root) == contents(examples_run.root)


def test_a_run_id_goes_on_with_what_has_come(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    for number, name in enumerate(("oas_maduro_term.txt", "undated_chess.txt"), start=1):
        shutil.copy(EXAMPLES / name, inbox)
        assert launch(inbox, tmp_path / "out") == "DONE"
        assert manifest(tmp_path / "out")["counts"]["new"] == number


def test_too_many_dead_letters_fail_the_job_after_the_commit(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    shutil.copy(EXAMPLES / "oas_maduro_term.txt", inbox)
    (inbox / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match="1 of 2 articles are dead letters"):
        launch(inbox, tmp_path / "out", "--max_dead_letters=0")
    assert manifest(tmp_path / "out")["counts"] == manifest(tmp_path / "out")["counts"] | {"new": 1, "dead_letters": 1}


def test_the_launchers_arguments_are_a_runs_options_and_the_rest_is_beams() -> None:
    options, flags = parse_arguments(
        ["--inputs=gs://news/a gs://news/b", "--output=gs://out", "--fields=text=body date=stamp", "--since=2019-01-10",
         "--until=", "--path_date=date=%Y-%m-%d", "--runner=DataflowRunner", "--region=europe-west4"]
    )  # fmt: skip
    assert options.inputs == ("gs://news/a", "gs://news/b")
    assert options.steps.fields == (("date", "stamp"), ("text", "body"))
    assert (str(options.days.since), options.days.until, options.path_date) == ("2019-01-10", None, "date=%Y-%m-%d")
    assert flags == ["--runner=DataflowRunner", "--region=europe-west4"]
    with pytest.raises(UsageError, match="--since"):
        parse_arguments(["--inputs=a", "--output=b", "--since=today"])
