"""`dateline follow` over a folder: what is whole, what changed, what comes late, and the same bytes as of one run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.dataset import Dataset
from pipeline.driver import Models, load_models
from pipeline.follow_options import FollowOptions
from pipeline.index import Index
from pipeline.options import StepOptions
from pipeline.sources_folder import RETRY_SECONDS, FolderSource
from pipeline.status import FollowStatus
from schemas.article import DeadLetter
from schemas.errors import UsageError
from tests.conftest import contents, dateline
from tests.pipeline.following import Clock, InTurn, articles, commit_marks, follow_until, options, take
from tests.pipeline.synthetic import rows

SETTLE = 2.0
STORY = (
    "The government of Namibia announced in Windhoek on Tuesday that it will buy two ferries for the long river in the "
    "north. President Hage Geingob criticized the opposition, which had rejected the plan in a vote last week."
)
TRAM = "the tram line will be longer, the mayor said."


@pytest.fixture(scope="module", autouse=True)
def models() -> Models:
    """Held for the module, so that every follower below finds them loaded."""
    return load_models(StepOptions())


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Dataset(str(tmp_path / "out")) as dataset:
        yield dataset.index


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watch_folder(inbox: Path, index: Index, clock: Clock, **more: Any) -> FolderSource:
    given = options(inbox, output=inbox.parent / "out", settle_seconds=SETTLE, **more)
    return FolderSource(str(inbox), index, given, salt="", clock=clock)


def page(inbox: Path, name: str, text: str, *, day: str = "2019-01-11", url: str | None = None) -> None:
    """An article with a date, and with an address of its own, under a name that is finished."""
    fields = {"title": f"On {name}", "text": text, "date": day, "url": url or f"https://news.test/{name}"}
    (inbox / f"{name}.tmp").write_text(json.dumps(fields), encoding="utf-8")
    (inbox / f"{name}.tmp").rename(inbox / f"{name}.json")


def payloads(source: FolderSource) -> list[bytes]:
    return [item.payload for arrival in take(source) for item in arrival.found]


# What is whole


def test_a_file_is_left_until_it_stands_still(inbox: Path, index: Index, clock: Clock) -> None:
    source = watch_folder(inbox, index, clock)
    file = inbox / "a.txt"
    file.write_text("Half of ", encoding="utf-8")
    assert payloads(source) == []
    clock.now += SETTLE - 0.5
    file.write_text("Half of it, and the rest.", encoding="utf-8")
    assert payloads(source) == []
    clock.now += SETTLE - 0.5  # the half was seen longer ago; the whole was not
    assert payloads(source) == []
    assert source.waiting() == 1
    clock.now += 1
    assert payloads(source) == [b"Half of it, and the rest."]
    clock.now += 100
    assert payloads(source) == []
    assert source.waiting() == 0


def test_a_pattern_of_all_folders_gives_each_file_once(inbox: Path, index: Index, clock: Clock) -> None:
    (inbox / "deep").mkdir()
    for name in ("a.txt", "deep/b.txt"):
        (inbox / name).write_text(f"All of {name}.", encoding="utf-8")
    given = options(f"{inbox}/**", output=inbox.parent / "out", settle_seconds=SETTLE)
    source = FolderSource(f"{inbox}/**", index, given, salt="", clock=clock)
    assert payloads(source) == []
    clock.now += SETTLE + 1
    assert sorted(payloads(source)) == [b"All of a.txt.", b"All of deep/b.txt."]


def test_a_file_that_changes_while_others_are_read_is_left_too(inbox: Path, index: Index, clock: Clock) -> None:
    source = watch_folder(inbox, index, clock)
    for name in ("a", "b"):
        (inbox / f"{name}.txt").write_text(f"This is {name}.", encoding="utf-8")
    take(source)
    clock.now += SETTLE
    arrivals = source.arrivals()
    assert next(arrivals).found[0].payload == b"This is a."
    (inbox / "b.txt").write_text("This is b, and it grew.", encoding="utf-8")
    assert list(arrivals) == []
    clock.now += 1
    assert payloads(source) == []
    clock.now += SETTLE
    assert payloads(source) == [b"This is b, and it grew."]


@pytest.mark.parametrize("name", ["a.txt.tmp", "a.part", ".a.txt", "_a.txt", "a.txt~", "a.crdownload"])
def test_names_of_unfinished_files_are_left(name: str, inbox: Path, index: Index, clock: Clock) -> None:
    source = watch_folder(inbox, index, clock)
    (inbox / name).write_text("Not yet.", encoding="utf-8")
    take(source)
    clock.now += 100
    assert payloads(source) == []
    (inbox / name).rename(inbox / "finished.txt")
    clock.now += 1
    take(source)
    clock.now += SETTLE
    assert payloads(source) == [b"Not yet."]


def test_a_changed_file_comes_again_and_a_committed_one_does_not(inbox: Path, index: Index, clock: Clock) -> None:
    file = inbox / "a.txt"
    for text in ("First words.", "Other, more words."):
        file.write_text(text, encoding="utf-8")
        source = watch_folder(inbox, index, clock)  # a follower that starts anew knows what the dataset knows
        take(source)
        clock.now += SETTLE
        arrivals = take(source)
        assert [item.payload.decode() for arrival in arrivals for item in arrival.found] == [text]
        commit_marks(index, arrivals)
    source = watch_folder(inbox, index, clock)
    take(source)
    clock.now += SETTLE
    assert take(source) == []


def test_what_cannot_be_opened_is_tried_again_ever_more_rarely(
    inbox: Path, index: Index, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "a.txt").write_text("Behind a door.", encoding="utf-8")
    source = watch_folder(inbox, index, clock)
    take(source)
    clock.now += SETTLE

    def refuse(uri: str) -> None:
        raise PermissionError("Permission denied")

    with monkeypatch.context() as locked:
        locked.setattr("transforms.read.open_bytes", refuse)
        for pause in (RETRY_SECONDS, 2 * RETRY_SECONDS, 4 * RETRY_SECONDS):
            (arrival,) = take(source)
            assert isinstance(arrival.found[0], DeadLetter)
            assert arrival.found[0].reason == "unreadable"
            clock.now += pause - 1
            assert take(source) == []
            clock.now += SETTLE
    assert payloads(source) == [b"Behind a door."]
    clock.now += 100_000
    assert take(source) == []


def test_a_large_file_comes_in_units_of_its_own_and_goes_on_after_a_crash(
    inbox: Path, index: Index, clock: Clock
) -> None:
    (inbox / "many.jsonl").write_text("\n".join(json.dumps({"text": f"Line {n}"}) for n in range(7)), encoding="utf-8")
    source = watch_folder(inbox, index, clock, max_articles=3)
    take(source)
    clock.now += SETTLE
    first, second, last = take(source)
    assert [len(arrival.found) for arrival in (first, second, last)] == [3, 3, 1]
    assert first.unit_id != second.unit_id
    assert (first.marks, second.marks, len(last.marks)) == ((), (), 1)  # the file is done with its last piece
    index.begin()
    index.record_commit(str(first.unit_id), "run", {}, [])
    index.commit()
    again = watch_folder(inbox, index, clock, max_articles=3)
    take(again)
    clock.now += SETTLE
    assert [(arrival.found, arrival.marks) for arrival in take(again)] == [(second.found, ()), (last.found, last.marks)]


def test_a_folder_that_goes_away_is_a_problem_and_comes_back(inbox: Path, index: Index, clock: Clock) -> None:
    source = watch_folder(inbox, index, clock)
    (inbox / "a.txt").write_text("One.", encoding="utf-8")
    take(source)
    inbox.rename(inbox.parent / "away")
    clock.now += SETTLE
    assert take(source) == []
    (inbox.parent / "away").rename(inbox)
    clock.now += 1
    take(source)
    clock.now += SETTLE
    assert payloads(source) == [b"One."]


# What becomes of it


def read_stories(root: Path) -> dict[str, dict[str, Any]]:
    """Each record by the name of its file."""
    return {Path(row["source_uri"]).stem: row for row in rows(root)}


def test_late_changed_repeated_and_broken_articles_are_what_one_run_makes_of_them(inbox: Path, tmp_path: Path) -> None:
    output = inbox / "out"  # below the folder that is followed: what it writes is no article
    page(inbox, "ferries", STORY)
    (inbox / "left.json.part").write_text("{", encoding="utf-8")
    steps = InTurn(
        (1, lambda: page(inbox, "copy", f"{STORY} It is late, said one.", day="2019-01-12")),
        (2, lambda: page(inbox, "early", f"Oslo, Norway: {TRAM}", day="2018-12-30")),
        (3, lambda: (inbox / "poison.json").write_text('{"title": broken', encoding="utf-8")),
        (4, lambda: page(inbox, "early", f"Lima, Peru: {TRAM}", day="2019-01-02")),
        end=5,
    )
    status = follow_until(options(inbox, output=output), steps)
    assert (status.articles, status.dead_letters, status.units) == (5, 1, 5)
    assert status.outcomes == {"new": 3, "merged": 0, "corrected": 0, "moved": 1, "unchanged": 0}

    stories = read_stories(output)
    assert sorted(stories) == ["copy", "early", "ferries"]
    assert stories["copy"]["duplicate_of"] == stories["ferries"]["article_id"]  # found against the past
    assert (stories["early"]["country"], stories["early"]["day"]) == ("PE", "2019-01-02")
    assert dateline("check", output).exit_code == 0
    output.rename(tmp_path / "out")
    (inbox / "left.json.part").unlink()
    assert dateline("run", inbox, tmp_path / "expected", "--max-dead-letters", "100%").exit_code == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_a_follower_goes_on_where_the_last_one_was_and_run_agrees(inbox: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    page(inbox, "one", STORY)
    follow_until(options(inbox, output=output), articles(1))
    page(inbox, "two", f"{STORY} And two.")
    again = follow_until(options(inbox, output=output), articles(1))
    assert (again.articles, again.outcomes["new"]) == (1, 1)
    assert "Nothing new: all 2 inputs were done before" in dateline("run", inbox, output).stdout
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in (output / "_runs").glob("follow-*.json")]
    assert sum(made["counts"]["new"] for made in manifests) == 2
    assert {Path(read["uri"]).stem for made in manifests for read in made["read"]} == {"one", "two"}
    assert {made["status"] for made in manifests} == {"done"}


class Dies(Exception):  # noqa: N818 - nothing goes wrong: it is a death
    """What ends a follower in a test, at a moment of the test's choice."""


def die_at(unit: int) -> Any:
    """Die when a unit is about to be worked on."""

    def enough(status: FollowStatus) -> bool:
        if status.state == "working" and status.units == unit:
            raise Dies
        return False

    return enough


def test_what_a_dead_follower_owes_is_done_by_the_next_one(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    for number in range(3):
        page(inbox, f"page{number}", f"{STORY} Number {number}.")
    left = output / "_state" / "staging" / "follow-0123"
    with monkeypatch.context() as killed:
        killed.setattr("pipeline.follow.Follower._end_run", lambda *_: None)  # a killed one writes no manifest
        with pytest.raises(Dies):
            follow_until(options(inbox, output=output, max_articles=1), die_at(1))
    assert not list(output.glob("_runs/*"))
    left.mkdir(parents=True)
    (left / "half.parquet").touch()
    status = follow_until(options(inbox, output=output), articles(2))
    assert status.outcomes["new"] == 2
    assert not left.exists()
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in (output / "_runs").glob("*.json")]
    assert sum(made["counts"]["new"] for made in manifests) == 3


def test_a_killed_run_that_is_called_like_a_follower_is_none(inbox: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    with Dataset(str(output)) as dataset, dataset.lock():
        dataset.staging("a")
        dataset.commit("a", run_id="follow-up")
    page(inbox, "page", f"{STORY} And more.")
    assert follow_until(options(inbox, output=output), articles(1)).outcomes["new"] == 1
    assert not (output / "_runs" / "follow-up.json").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"sources": ()}, "needs SOURCE"),
        ({"max_articles": 0}, "at least 1"),
        ({"sources": ("kafka://a:9092/news", "kafka://b:9092/news?group=other")}, "named twice"),
        ({"feeds": "feeds.txt", "feed_seconds": 5.0}, "once a minute"),
    ],
)
def test_options_that_cannot_be(more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        FollowOptions(**({"sources": ("in",), "output": "out"} | more))


def test_a_folder_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    finished = dateline("follow", tmp_path / "none", tmp_path / "out")
    assert finished.exit_code == 2
    assert "no folder at" in finished.stderr
