"""Two weeks of a schedule: fourteen runs over a growing folder, with what goes wrong in two weeks, against one run.

The records, and the dead letters, must be the same bytes. So must those of Beam's portable runner.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import contents, dateline

DAYS = range(1, 15)
CHECKOUT = Path(__file__).parents[2]
PLACES = (("Windhoek", "Namibia", "Namibian"), ("Oslo", "Norway", "Norwegian"), ("Lima", "Peru", "Peruvian"))
PEOPLE = ("Hage Geingob", "Erna Solberg", "Martin Vizcarra", "Maria Lopez", "John Carter")
OVERLAP_DAY, CRASH_DAY, BROKEN_DAY, CORRECTION_DAY, LATE_DAY, REPEAT_DAY = 4, 6, 8, 9, 11, 12
EMBEDDED = ("job_endpoint=embed", "environment_type=LOOPBACK")
PORTABLE = ("--runner", "PortableRunner", *(part for option in EMBEDDED for part in ("--runner-option", option)))


def story(number: int, *, day: int, more: str = "") -> str:
    """A short article of its own."""
    city, country, people = PLACES[number % len(PLACES)]
    leader, critic = PEOPLE[number % len(PEOPLE)], PEOPLE[(number + 2) % len(PEOPLE)]
    return (
        f"{city.upper()}, Jan. {day}, 2019 (Wire) - The government of {country} will build {number + 3} ferries, "
        f"{people} minister {leader} said on a visit to harbour number {number} of {city}.\n\n"
        f"{critic} sharply criticized {leader}, and called plan {number} a waste of {country}'s money.{more}"
    )


def page_of(day: int) -> dict[str, str]:
    """A day's article that has an address, by which it is known when it changes."""
    when, body = f"2019-01-{day:02}T10:00:00Z", story(day + 50, day=day)
    return {"url": f"https://news.test/{day}", "title": f"Ferries {day}", "date": when, "body": body}


def collect(inbox: Path, day: int) -> None:
    """What a day brings: stories, a rewrite of yesterday's, and now and then what should not be."""
    folder = inbox / f"2019/01/{day:02}"
    folder.mkdir(parents=True)
    (folder / "wire.txt").write_text(story(day, day=day), encoding="utf-8")
    page = page_of(day)
    rewrite = {"url": f"https://copy.test/{day}", "date": f"2019-01-{day:02}", "body": story(day + 49, day=day - 1)}
    (folder / "page.json").write_text(json.dumps(page), encoding="utf-8")
    (folder / "rewrite.json").write_text(json.dumps(rewrite), encoding="utf-8")
    if day == BROKEN_DAY:
        (folder / "broken.json").write_text('{"text": ', encoding="utf-8")
    if day == CORRECTION_DAY:  # of another day and another country
        page = page_of(3) | {"date": "2019-01-02", "body": story(54, day=2, more=" Corrected.")}
        (inbox / "2019/01/03/page.json").write_text(json.dumps(page), encoding="utf-8")
    if day == LATE_DAY:
        (folder / "late.txt").write_text(story(90, day=1), encoding="utf-8")
    if day == REPEAT_DAY:
        page |= {"url": "https://news.test/5", "body": story(55, day=5, more=" Once more.")}
        (folder / "repeat.json").write_text(json.dumps(page), encoding="utf-8")


@contextmanager
def running(arguments: Sequence[str | Path]) -> Iterator[subprocess.Popen[str]]:
    """`dateline ARGUMENTS` as a process of its own, once it has committed its first article."""
    command = [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]
    command += ["--unit-articles", "1", "--log-format", "json"]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if json.loads(line).get("articles"):
                break
        yield process


def crash_half_way(arguments: Sequence[str | Path]) -> None:
    """A run that dies after its first commit, as if the power had gone."""
    with running(arguments) as process:
        process.kill()
    assert process.returncode == -signal.SIGKILL


def overlap(arguments: Sequence[str | Path]) -> None:
    """Two runs at a time: the second is refused in a line that names the first, which goes on undisturbed."""
    with running(arguments) as process:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            second = dateline(*arguments, "--run-id", "the-second")
        finally:
            os.kill(process.pid, signal.SIGCONT)
        assert second.exit_code == 1
        assert f"is being written by process {process.pid}" in second.stderr
        process.communicate()
    assert process.returncode == 0


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the articles, the dataset of fourteen runs, and that of one."""
    root = tmp_path_factory.mktemp("weeks")
    inbox, output = root / "news", root / "scheduled"
    for day in DAYS:
        collect(inbox, day)
        arguments: list[str | Path] = ["run", inbox, output, "--run-id", f"day-{day:02}"]
        if day == CRASH_DAY:
            crash_half_way(arguments)
        if day == OVERLAP_DAY:
            overlap(arguments)
        finished = dateline(*arguments)  # after a crash, and after a run that went through: the same run once more
        assert finished.exit_code == 0, finished.stderr
    finished = dateline("run", inbox, root / "whole")
    assert finished.exit_code == 0, finished.stderr
    return root


def manifests(root: Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (root / "_runs").glob("*.json")}


def test_fourteen_scheduled_runs_give_the_bytes_of_one(weeks: Path) -> None:
    scheduled = contents(weeks / "scheduled")
    assert len(scheduled) > 20
    assert scheduled == contents(weeks / "whole")
    assert dateline("check", weeks / "scheduled").exit_code == 0


def test_each_run_did_what_was_new_and_a_retry_is_the_same_run(weeks: Path) -> None:
    runs = manifests(weeks / "scheduled")
    assert sorted(runs) == [f"day-{day:02}" for day in DAYS]
    assert {run["status"] for run in runs.values()} == {"done"}
    counts = {day: runs[f"day-{day:02}"]["counts"] for day in DAYS}
    expected = dict.fromkeys(DAYS, 3) | {BROKEN_DAY: 4, CORRECTION_DAY: 4, LATE_DAY: 4, REPEAT_DAY: 4}
    assert {day: count["read"] for day, count in counts.items()} == expected
    assert counts[CRASH_DAY]["new"] == 3  # the articles of both tries, each once
    assert counts[BROKEN_DAY]["dead_letters"] == 1
    assert counts[CORRECTION_DAY]["moved"] + counts[CORRECTION_DAY]["corrected"] == 1
    assert counts[REPEAT_DAY]["merged"] == 1


def test_stories_join_across_runs(weeks: Path) -> None:
    answer = dateline("query", "SELECT count(*) AS n FROM articles WHERE duplicate_of IS NOT NULL", "--format", "json",
                      "--data", weeks / "scheduled")  # fmt: skip
    assert json.loads(answer.stdout)[0]["n"] >= 10


def test_a_range_of_days_by_path_and_by_article(weeks: Path) -> None:
    days = ("--since", "2019-01-10", "--until", "2019-01-11")
    by_path = json.loads(
        dateline("run", weeks / "news", weeks / "path", *days, "--path-date", "%Y/%m/%d", "--summary-json", "-").stdout
    )
    assert by_path["inputs"] == {"found": 7, "done_before": 0}
    assert by_path["counts"]["new"] == 7  # the late one too: it is in the folder of the eleventh
    by_article = json.loads(dateline("run", weeks / "news", weeks / "days", *days, "--summary-json", "-").stdout)
    assert by_article["counts"]["new"] == 6
    assert by_article["counts"]["dead_letters"] == 1
    assert by_article["articles_outside"] == 3 * len(DAYS) + 3 - 7
    dates = {path.split("/")[2] for path in contents(weeks / "days") if path.startswith("articles")}
    assert dates == {"date=2019-01-10", "date=2019-01-11"}
    again = dateline("run", weeks / "news", weeks / "days", *days)
    assert "Nothing new" in again.stdout


def test_ranges_that_touch_add_up_to_the_whole(weeks: Path) -> None:
    for since, until in ((None, "2019-01-05"), ("2019-01-06", "2019-01-06"), ("2019-01-07", None)):
        days = [*(("--since", since) if since else ()), *(("--until", until) if until else ())]
        finished = dateline("run", weeks / "news", weeks / "pieces", *days)
        assert finished.exit_code == 0, finished.stderr
    assert contents(weeks / "pieces") == contents(weeks / "whole")


def test_a_portable_runner_gives_the_bytes_of_this_process(weeks: Path) -> None:
    finished = dateline("run", weeks / "news", weeks / "portable", *PORTABLE)
    assert finished.exit_code == 0, finished.stderr
    assert contents(weeks / "portable") == contents(weeks / "whole")


def test_a_portable_runner_takes_a_range_of_days(weeks: Path) -> None:
    days = ("--since", "2019-01-10", "--until", "2019-01-11", "--summary-json", "-")
    finished = dateline("run", weeks / "news", weeks / "portable_days", *days, *PORTABLE)
    assert finished.exit_code == 0, finished.stderr
    assert json.loads(finished.stdout)["articles_outside"] == 3 * len(DAYS) + 3 - 7
    assert contents(weeks / "portable_days") == contents(weeks / "days")
