"""What a follower says of itself: metrics, `dateline status`, lines and JSON; how signals end it; kill -9 in short."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from benchmarks.follow_crash import crash_kafka
from pipeline.driver import Models, load_models
from pipeline.follow_terminal import watching_follow
from pipeline.interrupts import StopSignals
from pipeline.options import StepOptions
from pipeline.status import FollowStatus, Rate, describe, is_alive, read_status
from schemas.errors import UsageError
from tests.conftest import EXAMPLES, Finished, FinishedRun, contents, dateline
from tests.pipeline.following import articles, follow_until, options
from tests.pipeline.test_follow_folder import STORY, page

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def models() -> Models:
    return load_models(StepOptions())


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        page(folder, f"page{number}", f"{STORY} Number {number}.")
    (folder / "poison.json").write_text("{", encoding="utf-8")
    return folder


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_metrics_and_status_while_it_lives_and_after(inbox: Path, tmp_path: Path) -> None:
    output, port = tmp_path / "out", free_port()
    said: list[str] = []
    states: list[Finished] = []

    def enough(status: FollowStatus) -> bool:
        if status.articles == 4:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                said.append(answer.read().decode())
            states.extend([dateline("status", output), dateline("status", output, "--json")])
            states.append(dateline("run", inbox, output))
        return status.articles >= 4

    given = options(inbox, output=output, every_seconds=600.0, max_articles=4, metrics_port=port)
    follow_until(given, enough)
    lines = said[0].splitlines()
    for line in (
        'dateline_records_total{outcome="new"} 3.0',
        'dateline_records_total{outcome="moved"} 0.0',
        'dateline_dead_letters_total{reason="invalid_json",step="parse"} 1.0',
        "dateline_units_total 1.0",
        "dateline_unit_seconds_count 1.0",
        "dateline_open_articles 0.0",
        "dateline_lag_seconds 0.0",
        "dateline_source_problems 0.0",
    ):
        assert line in lines, said[0]
    samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    seconds = {name: float(value) for name, _, value in samples}
    assert seconds["dateline_unit_seconds_sum"] > seconds["dateline_commit_seconds_total"] > 0
    assert 'dateline_step_seconds_total{step="RecognizeMentions"}' in seconds

    alive, as_json, refused = states[:3]
    assert (alive.exit_code, as_json.exit_code, refused.exit_code) == (0, 0, 1)
    assert "4 in, 3 out, 1 dead letters" in alive.stdout
    assert json.loads(as_json.stdout)["alive"] is True
    assert f"is being written by process {os.getpid()}" in refused.stderr

    after = dateline("status", output)
    assert after.exit_code == 1
    assert "has stopped" in after.stdout
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics")


def test_a_port_that_is_taken_is_said_before_anything_is_read(inbox: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        given = options(inbox, output=tmp_path / "out", metrics_port=taken.getsockname()[1])
        with pytest.raises(UsageError, match="--metrics-port"):
            follow_until(given, articles(1))
    assert not (tmp_path / "out" / "articles").exists()


def test_nobody_has_followed(tmp_path: Path) -> None:
    finished = dateline("status", tmp_path)
    assert finished.exit_code == 1
    assert "nobody has followed" in finished.stderr


def test_a_dead_process_is_not_alive_and_an_old_account_is_read(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    status = FollowStatus(("in",), state="working", process=child.pid)
    assert not is_alive(status)
    assert is_alive(FollowStatus(("in",), state="working"))
    far = FollowStatus(("in",), state="working", host="elsewhere")
    assert is_alive(far)
    far.updated_at -= 1000
    assert not is_alive(far)
    (tmp_path / "_state").mkdir()
    told = {"sources": ["in"], "state": "working", "of_another_version": 1}
    (tmp_path / "_state" / "follow.json").write_text(json.dumps(told), encoding="utf-8")
    found = read_status(str(tmp_path))
    assert found
    assert (found.sources, found.state) == (("in",), "working")


def test_rate_and_lag() -> None:
    rate = Rate(0.0)
    assert rate.at(10.0) == 0
    rate.add(20.0, 30)
    assert rate.at(30.0) == 1.0
    assert rate.at(79.0) == 0.5
    assert rate.at(90.0) == 0
    status = FollowStatus(("in",), state="gathering", articles=10, dead_letters=1, open=2, open_since=100.0, rate=1.5)
    assert describe(status, 107.0) == "gathering: 12 in, 9 out, 1 dead letters, 2 open, lag 7 s, 1.5/s"


def test_units_and_problems_are_told_once_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    status = FollowStatus(("in",))
    with watching_follow(quiet=False, as_json=True) as watch:
        watch(status)
        status.units, status.problems = 1, {"in": "away"}
        watch(status)
        watch(status)
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["event"] for event in events] == ["problem", "unit"]


# How it ends


def test_the_first_signal_finishes_the_open_unit(inbox: Path, tmp_path: Path) -> None:
    signals, sent = StopSignals(), []

    def stop(status: FollowStatus) -> bool:
        if status.state == "working" and not sent:
            sent.append(True)
            signal.raise_signal(signal.SIGTERM)
        return False

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signals.install()
    try:
        given = options(inbox, output=tmp_path / "out", every_seconds=600.0, max_articles=2)
        status = follow_until(given, stop, signals=signals)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (status.units, status.articles, status.state) == (1, 2, "stopped")
    (manifest,) = (tmp_path / "out" / "_runs").glob("*.json")
    assert json.loads(manifest.read_text(encoding="utf-8"))["status"] == "done"


def test_before_there_is_a_unit_one_signal_is_enough() -> None:
    signals = StopSignals()
    with pytest.raises(KeyboardInterrupt):
        signals._interrupt(signal.SIGINT, None)
    assert signals.seen


def start(output: Path) -> "subprocess.Popen[str]":
    """A follower of the examples, once it works on its first unit."""
    command = [sys.executable, "-m", "pipeline.cli", "follow", str(EXAMPLES), str(output), "--settle", "0s"]
    process = subprocess.Popen(
        [*command, "--every", "1s"],
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a background job ignores
    )
    while process.poll() is None:
        status = read_status(str(output))
        if status and status.process == process.pid and status.state == "working":
            break
        time.sleep(0.01)
    assert process.poll() is None
    return process


def test_signals_and_kill_9_in_the_middle_of_a_unit_leave_what_one_run_makes(
    examples_run: FinishedRun, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    killed = start(output)
    killed.kill()
    killed.wait()
    assert "is no longer there: start it again" in dateline("status", output).stdout

    hurried = start(output)
    assert hurried.stderr
    hurried.send_signal(signal.SIGTERM)
    assert "finishing the open unit" in hurried.stderr.readline()
    hurried.send_signal(signal.SIGTERM)
    assert hurried.wait() == 130
    assert hurried.stderr.readline().startswith("dateline: left at once")

    patient = start(output)
    patient.send_signal(signal.SIGINT)
    _, said = patient.communicate()
    assert patient.returncode == 0, said
    follow_until(options(EXAMPLES, output=output), lambda status: status.state == "waiting")  # the rest, if any
    assert contents(output) == contents(examples_run.root)
    assert dateline("check", output).exit_code == 0


def test_kill_9_over_kafka_in_short(tmp_path: Path) -> None:
    found = crash_kafka(tmp_path, articles=16, kills=1, seconds=3)
    assert found.same
    assert (found.records, found.dead_letters, found.kills) == (15, 1, 1)
