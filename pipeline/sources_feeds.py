"""Feeds: RSS and Atom, asked politely and only when they were named.

Nothing is fetched but the addresses of the list: no article, no picture, no other address that an answer points to. A
feed is asked again after the interval, or later where it says so (Retry-After, Cache-Control), with what it said the
last time (ETag, Last-Modified); after a failure the pause doubles, up to a day. An entry is an input of its own, known
by its address and its content: what the dataset has is not worked on again.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from urllib3.exceptions import HTTPError

from pipeline.follow_unit import Arrival
from pipeline.index import Index
from pipeline.units import digest
from schemas.article import DeadLetter, Document
from schemas.record import PIPELINE_VERSION
from transforms.limits import DEFAULT_LIMITS
from transforms.read import read_payload
from transforms.web_documents import ENTRY_TYPE

ASKED_AT_ONCE = 4  # feeds of as many hosts; their answers wait in memory until they are taken
CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 10.0, 20.0, 60.0
LONGEST_PAUSE_SECONDS = 86_400.0
CHUNK_BYTES = 65_536
USER_AGENT = f"dateline/{PIPELINE_VERSION} (feed reader)"
ACCEPTED = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking a feed gave: `content` where there is something new, `error` where something went wrong.

    `pause` is the shortest time to the next question that the feed asks for, in seconds.
    """

    url: str
    content: bytes | None = None
    etag: str | None = None
    modified: str | None = None
    error: str | None = None
    pause: float = 0.0
    gone: bool = False


@dataclass(slots=True)
class _Feed:
    """One feed, and what is known about it."""

    url: str
    due: float
    etag: str | None = None
    modified: str | None = None
    failures: int = 0
    error: str | None = None
    asked: bool = False
    gone: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


class FeedsSource:
    """The entries of all feeds of a list."""

    name = "feeds"

    def __init__(
        self,
        urls: list[str],
        index: Index,
        *,
        salt: str,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._index, self._salt, self._interval, self._clock = index, salt, interval, clock
        self._feeds = {url: self._remembered(url) for url in urls}
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._given: dict[str, frozenset[str]] = {}  # each feed's entries that were given from its last answer

    def arrivals(self) -> Iterator[Arrival]:
        """See Source: one arrival an entry that the dataset does not have as it is."""
        self._ask()
        while True:
            try:
                answer = self._answers.get_nowait()
            except Empty:
                return
            yield from self._take(answer)

    def acknowledge(self, marks: Mapping[str, str]) -> None:
        """See Source: the commit itself is the acknowledgement."""

    def waiting(self) -> int:
        """See Source: nobody knows before the feed is asked."""
        return 0

    def problem(self) -> str | None:
        """See Source: the feeds that fail."""
        failing = [f"{feed.url}: {feed.error}" for feed in self._feeds.values() if feed.error]
        return "; ".join(failing) or None

    def close(self) -> None:
        """See Source: the threads that ask end by themselves, or with the process."""

    def _ask(self) -> None:
        """Ask the feeds that are due, each on a thread of its own and never two of one host at once."""
        busy = {feed.host for feed in self._feeds.values() if feed.asked}
        now = self._clock()
        for feed in sorted(self._feeds.values(), key=lambda feed: feed.due):
            if len(busy) >= ASKED_AT_ONCE or feed.due > now:
                return
            if not (feed.asked or feed.gone or feed.host in busy):
                feed.asked = True
                busy.add(feed.host)
                arguments = (feed.url, feed.etag, feed.modified, self._answers)
                threading.Thread(target=_ask_into, args=arguments, daemon=True).start()

    def _take(self, answer: Answer) -> Iterator[Arrival]:
        feed = self._feeds[answer.url]
        if answer.content is not None:
            found = list(read_payload(answer.content, answer.url))
            if wrong := _what_is_wrong(found, answer.url):
                answer = replace(answer, error=wrong)
            else:
                feed.etag, feed.modified = answer.etag, answer.modified
                yield from self._new_entries(feed, found)
        feed.asked, feed.gone, feed.error = False, answer.gone, answer.error
        feed.failures = feed.failures + 1 if answer.error else 0
        pause = self._interval * 2**feed.failures
        feed.due = self._clock() + min(max(pause, answer.pause), LONGEST_PAUSE_SECONDS)

    def _new_entries(self, feed: _Feed, found: list[Document | DeadLetter]) -> Iterator[Arrival]:
        now = time.time()
        named = [_name(item, feed.url) for item in found]
        marks = [(digest(item.source_uri, digest_of(item), self._salt), item.source_uri) for item in named]
        before = self._given.get(feed.url, frozenset())
        new = [at for at, (mark, _) in enumerate(marks) if mark not in before and not self._index.has_input(mark)]
        for at in new:
            # What the feed said is true once its last new entry is in.
            position = ((_fingerprint(feed.url), _position(feed)),) if at == new[-1] else ()
            yield Arrival((named[at],), now, (marks[at], *position))
        self._given[feed.url] = frozenset(mark for mark, _ in marks)

    def _remembered(self, url: str) -> _Feed:
        uri = self._index.uri_of(_fingerprint(url))
        said = parse_qs(urlsplit(uri).fragment) if uri else {}
        return _Feed(url, self._clock(), said.get("etag", [None])[0], said.get("modified", [None])[0])


def ask(url: str, etag: str | None, modified: str | None) -> Answer:
    """Ask a feed once, without following it anywhere."""
    headers = {"User-Agent": USER_AGENT, "Accept": ACCEPTED}
    if etag:
        headers["If-None-Match"] = etag
    if modified:
        headers["If-Modified-Since"] = modified
    try:
        with requests.get(
            url, headers=headers, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True
        ) as response:
            return _answer(url, response)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        return Answer(url, error=f"cannot be reached: {type(error).__name__}")


def _ask_into(url: str, etag: str | None, modified: str | None, answers: "SimpleQueue[Answer]") -> None:
    answers.put(ask(url, etag, modified))


def _answer(url: str, response: requests.Response) -> Answer:
    status, headers = response.status_code, response.headers
    pause = max(_retry_after(headers.get("Retry-After")), _max_age(headers.get("Cache-Control")))
    if status == 304:
        return Answer(url, pause=pause)
    if status in _MOVED:
        place = headers.get("Location", "another address")
        return Answer(url, error=f"has moved to {place[:200]}: name that address in the list", pause=pause)
    if status == 410:
        return Answer(url, error="is gone (410): take it out of the list", gone=True)
    if status != 200:
        return Answer(url, error=f"answers {status}", pause=pause)
    content = _content(response)
    if content is None:
        limit = DEFAULT_LIMITS.feed_bytes
        return Answer(url, error=f"is over {limit:,} bytes or slower than {ANSWER_SECONDS:g} s", pause=pause)
    return Answer(url, content, headers.get("ETag"), headers.get("Last-Modified"), pause=pause)


def _content(response: requests.Response) -> bytes | None:
    """The body, unpacked; None where it is too large or too slow."""
    deadline = time.monotonic() + ANSWER_SECONDS
    content = bytearray()
    # read1 gives what has come: one that drips is left after ANSWER_SECONDS and not after every last byte.
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        content += chunk
        if len(content) > DEFAULT_LIMITS.feed_bytes or time.monotonic() > deadline:
            return None
    return bytes(content)


def _retry_after(value: str | None) -> float:
    """Seconds of a Retry-After header, which is a number or a date; 0 where it says nothing."""
    if not value:
        return 0.0
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _max_age(value: str | None) -> float:
    for part in (value or "").split(","):
        name, _, seconds = part.strip().lower().partition("=")
        if name == "max-age" and seconds.isdigit():
            return float(seconds)
    return 0.0


def _what_is_wrong(found: list[Document | DeadLetter], url: str) -> str | None:
    """Why an answer is no feed: it may be a page that asks to log in, or half of a feed."""
    for item in found:
        if isinstance(item, DeadLetter) and item.source_uri == url:  # the feed itself, not an entry of it
            return item.error
        if isinstance(item, Document) and item.media_type != ENTRY_TYPE:
            return f"the answer is no RSS or Atom feed but {item.media_type}"
    return None


def _name(item: Document | DeadLetter, url: str) -> Document | DeadLetter:
    """The entry under a name that stays when others come before it: its address, or what else it has."""
    identity = item.payload
    if isinstance(item, Document):
        fields = json.loads(item.payload)
        stated = fields.get("link") or fields.get("title")
        identity = stated.encode() if stated else item.payload
    return replace(item, source_uri=f"{url}#entry={digest_bytes(identity)}")


def digest_of(item: Document | DeadLetter) -> str:
    """What tells one content of an entry from another."""
    return digest_bytes(item.payload)


def digest_bytes(content: bytes) -> str:
    """A short name for bytes."""
    return digest(content.decode("utf-8", "surrogateescape"))


def _fingerprint(url: str) -> str:
    return digest("feed", url)


def _position(feed: _Feed) -> str:
    said = {name: value for name, value in (("etag", feed.etag), ("modified", feed.modified)) if value}
    return f"{feed.url}#{urlencode(said)}"
