"""Feeds, asked of a server in this process: what it is asked, how often, and what becomes of its answers."""

import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipeline.dataset import Dataset
from pipeline.driver import load_models
from pipeline.follow_options import read_feed_list
from pipeline.follow_unit import Arrival
from pipeline.index import Index
from pipeline.options import StepOptions
from pipeline.sources_feeds import LONGEST_PAUSE_SECONDS, FeedsSource, ask
from schemas.errors import UsageError
from tests.conftest import dateline
from tests.pipeline.following import Clock, articles, commit_marks, follow_until, options
from tests.pipeline.synthetic import rows
from tests.pipeline.test_follow_folder import STORY

INTERVAL = 900.0
TAG, MODIFIED = '"v1"', "Fri, 11 Jan 2019 10:00:00 GMT"


def rss(*entries: tuple[str, str]) -> bytes:
    """A feed of (address, text) entries."""
    items = "".join(
        f"<item><title>On {link}</title><link>https://news.test/{link}</link><description>{text}</description>"
        "<pubDate>Fri, 11 Jan 2019 10:00:00 GMT</pubDate></item>"
        for link, text in entries
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


@dataclass(slots=True)
class Site:
    """What the server answers next, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(dict(self.headers))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/feed"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Dataset(str(tmp_path / "out")) as dataset:
        yield dataset.index


@pytest.fixture
def clock() -> Clock:
    return Clock()


def feeds_of(site: Site, index: Index, clock: Clock) -> FeedsSource:
    return FeedsSource([site.url], index, salt="", interval=INTERVAL, clock=clock)


def hear(source: FeedsSource) -> list[Arrival]:
    """What the source gives once everyone it asks has answered."""
    found = list(source.arrivals())
    while any(feed.asked for feed in source._feeds.values()):
        time.sleep(0.005)
        found += source.arrivals()
    return found


def links(arrivals: list[Arrival]) -> list[str]:
    """The entries' texts, by which the tests know them."""
    return [str(item.payload).partition('"link": "https://news.test/')[2][0] for one in arrivals for item in one.found]


def test_entries_come_once_each_and_the_feed_is_asked_with_what_it_said(site: Site, index: Index, clock: Clock) -> None:
    source = feeds_of(site, index, clock)
    site.answer(200, rss(("a", "One."), ("b", "Two.")), ETag=TAG, Last_Modified=MODIFIED)
    first = hear(source)
    assert links(first) == ["a", "b"]
    assert first[0].found[0].source_uri.startswith(f"{site.url}#entry=")
    assert "If-None-Match" not in site.asked[0]
    assert site.asked[0]["User-Agent"].startswith("dateline/")
    commit_marks(index, first)

    clock.now += INTERVAL - 1
    assert hear(source) == []
    assert len(site.asked) == 1  # not before its time
    clock.now += 1
    site.answer(304)
    assert hear(source) == []
    assert (site.asked[1]["If-None-Match"], site.asked[1]["If-Modified-Since"]) == (TAG, MODIFIED)

    clock.now += INTERVAL
    site.answer(200, rss(("c", "Three."), ("a", "One, corrected."), ("b", "Two.")), ETag='"v2"')
    third = hear(source)
    assert links(third) == ["c", "a"]
    assert third[1].found[0].source_uri == first[0].found[0].source_uri  # so that it takes the other's place


def test_a_follower_that_starts_anew_knows_what_was_committed_and_no_more(
    site: Site, index: Index, clock: Clock
) -> None:
    site.answer(200, rss(("a", "One."), ("b", "Two.")), ETag=TAG)
    arrivals = hear(feeds_of(site, index, clock))
    commit_marks(index, arrivals[:1])  # it died before the second entry was in
    again = hear(feeds_of(site, index, clock))
    assert "If-None-Match" not in site.asked[1]  # or the feed would say that nothing is new
    assert links(again) == ["b"]
    commit_marks(index, again)
    site.answer(304)
    assert hear(feeds_of(site, index, clock)) == []
    assert site.asked[2]["If-None-Match"] == TAG


def test_a_feed_that_fails_is_left_alone_ever_longer_and_told(site: Site, index: Index, clock: Clock) -> None:
    source = feeds_of(site, index, clock)
    site.answer(500)
    for failures in range(1, 10):
        assert hear(source) == []
        assert len(site.asked) == failures
        assert source.problem() == f"{site.url}: answers 500"
        pause = min(INTERVAL * 2**failures, LONGEST_PAUSE_SECONDS)
        clock.now += pause - 1
        assert hear(source) == []
        assert len(site.asked) == failures
        clock.now += 1
    site.answer(200, rss(("a", "One.")))
    assert links(hear(source)) == ["a"]
    assert source.problem() is None
    clock.now += INTERVAL  # all is forgiven
    hear(source)
    assert len(site.asked) == 11


@pytest.mark.parametrize(
    ("status", "headers"), [(503, {"Retry_After": "7200"}), (429, {"Retry_After": "7200"}),
                            (304, {"Cache_Control": "public, max-age=7200"})]
)  # fmt: skip
def test_a_feed_that_says_when_is_asked_then(
    status: int, headers: dict[str, str], site: Site, index: Index, clock: Clock
) -> None:
    source = feeds_of(site, index, clock)
    site.answer(status, **headers)
    hear(source)
    clock.now += 7199
    hear(source)
    assert len(site.asked) == 1
    clock.now += 1
    hear(source)
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("status", "body", "headers", "problem"),
    [
        (200, b"<html><body><p>Please log in</p></body></html>", {}, "no RSS or Atom feed but text/html"),
        (200, b'{"items": []}', {}, ""),
        (200, b"", {}, "empty"),
        (200, rss(("a", "One."))[:40], {}, ""),
        (200, b'<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"></rss>', {}, "XML entities"),
        (301, b"", {"Location": "http://elsewhere.test/feed"}, "has moved to http://elsewhere.test/feed"),
        (410, b"", {}, "is gone"),
    ],
)
def test_an_answer_that_is_no_feed_is_a_problem_and_nothing_else(
    status: int, body: bytes, headers: dict[str, str], problem: str, site: Site, index: Index, clock: Clock
) -> None:
    source = feeds_of(site, index, clock)
    site.answer(status, body, **headers)
    assert hear(source) == []
    assert site.url in (said := source.problem() or "")
    assert problem in said
    assert len(site.asked) == 1  # the other address was not asked


def test_a_feed_that_is_gone_is_never_asked_again(site: Site, index: Index, clock: Clock) -> None:
    source = feeds_of(site, index, clock)
    site.answer(410)
    hear(source)
    clock.now += 100 * LONGEST_PAUSE_SECONDS
    hear(source)
    assert len(site.asked) == 1


def test_two_feeds_of_one_host_are_never_asked_at_once(site: Site, index: Index, clock: Clock) -> None:
    urls = [f"{site.url}/{number}" for number in range(3)]
    source = FeedsSource(urls, index, salt="", interval=INTERVAL, clock=clock)
    site.answer(200, rss(("a", "One.")))
    for number in range(1, 4):
        list(source.arrivals())
        assert sum(feed.asked for feed in source._feeds.values()) == 1
        hear(source)
        assert len(site.asked) == number


def test_answers_are_unpacked_and_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = rss(("a", "One. " * 1000))
    site.answer(200, gzip.compress(feed), Content_Encoding="gzip")
    assert ask(site.url, None, None).content == feed
    site.answer(200, gzip.compress(b"x" * 100_000_000), Content_Encoding="gzip")
    assert "is over" in str(ask(site.url, None, None).error)
    site.answer(200, b"no gzip", Content_Encoding="gzip")
    assert "cannot be reached" in str(ask(site.url, None, None).error)
    monkeypatch.setattr("pipeline.sources_feeds.ANSWER_SECONDS", -1.0)  # however slowly it drips
    site.answer(200, feed)
    assert "slower than" in str(ask(site.url, None, None).error)
    assert "cannot be reached" in str(ask("http://127.0.0.1:1/feed", None, None).error)


def test_feeds_end_to_end_beside_no_other_source(site: Site, tmp_path: Path) -> None:
    models = load_models(StepOptions())
    site.answer(200, rss(("a", STORY), ("b", f"{STORY} And two.")), ETag=TAG)
    listed = tmp_path / "feeds.txt"
    listed.write_text(f"# ours\n{site.url}\n", encoding="utf-8")
    for expected in (2, 0):
        given = options(output=tmp_path / "out", feeds=str(listed), every_seconds=600.0, max_articles=2)
        asked = len(site.asked)
        status = follow_until(given, articles(2) if expected else lambda _: len(site.asked) > asked)  # noqa: B023
        assert status.outcomes["new"] == expected
    found = rows(tmp_path / "out")
    assert {row["url"] for row in found} == {"https://news.test/a", "https://news.test/b"}
    assert {row["day"] for row in found} == {"2019-01-11"}
    assert models


def test_nothing_is_asked_unless_it_was_named(tmp_path: Path) -> None:
    assert read_feed_list(None) == []
    assert dateline("follow", tmp_path / "out").exit_code == 2
    listed = tmp_path / "feeds.txt"
    for text in ("file:///etc/passwd\n", "news.test/feed\n", "# none\n"):
        listed.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=r"line 1|no address in it"):
            read_feed_list(str(listed))
