"""What Prometheus may ask a follower: counts, lag, and where the seconds go. Nothing listens unless it was asked to."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from pipeline.commit import CommitCounts
from pipeline.status import FollowStatus
from pipeline.tally import Tally
from schemas.errors import UsageError

UNIT_SECONDS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
OUTCOMES = ("new", "merged", "corrected", "moved", "unchanged")


class Metrics:
    """The metrics of one follower, in a registry of their own."""

    def __init__(self, status: FollowStatus) -> None:
        self.registry = registry = CollectorRegistry()
        self._records = Counter(
            "dateline_records", "Records committed, by what they were to the dataset", ["outcome"], registry=registry
        )
        self._dead = Counter(
            "dateline_dead_letters", "Dead letters committed, by step and reason", ["step", "reason"], registry=registry
        )
        self._units = Counter("dateline_units", "Units committed", registry=registry)
        self._unit_seconds = Histogram(
            "dateline_unit_seconds", "Seconds a unit takes, graph and commit", buckets=UNIT_SECONDS, registry=registry
        )
        self._commit_seconds = Counter("dateline_commit_seconds", "Seconds in commits", registry=registry)
        self._step_seconds = Counter(
            "dateline_step_seconds",
            "Seconds in each step of the graph; RecognizeMentions and ClassifyStances are the models'",
            ["step"],
            registry=registry,
        )
        self._gauge("dateline_lag_seconds", "Age of the oldest article that is not committed",
                    lambda: status.lag(time.time()))
        self._gauge("dateline_open_articles", "Articles in the unit that is gathered or worked on",
                    lambda: status.open)
        self._gauge("dateline_waiting", "Files or messages that are known to be there and were not taken yet",
                    lambda: status.waiting)
        self._gauge("dateline_source_problems", "Sources that cannot give more at the moment",
                    lambda: len(status.problems))
        self._gauge("dateline_last_commit_timestamp_seconds", "Time of the last commit",
                    lambda: status.committed_at or 0)  # fmt: skip
        for outcome in OUTCOMES:  # a counter that starts at 0 can be asked for its increase
            self._records.labels(outcome)

    def add_unit(
        self, counts: CommitCounts, staged: Tally, *, seconds: float, commit_seconds: float, steps: Mapping[str, float]
    ) -> None:
        """Count a committed unit; `steps` are the seconds of each step in it."""
        self._units.inc()
        self._unit_seconds.observe(seconds)
        self._commit_seconds.inc(commit_seconds)
        for outcome in OUTCOMES:
            self._records.labels(outcome).inc(getattr(counts, outcome))
        for (step, reason), number in staged.reasons.items():
            self._dead.labels(step, reason).inc(number)
        for step, taken in steps.items():
            self._step_seconds.labels(step).inc(taken)

    @contextmanager
    def serve(self, port: int, host: str) -> Iterator[None]:
        """Answer at http://HOST:PORT/metrics.

        Raises:
            UsageError: the port cannot be had.
        """
        try:
            server, thread = start_http_server(port, addr=host, registry=self.registry)
        except (OSError, OverflowError) as error:
            raise UsageError(f"--metrics-port {port}: {host}:{port} cannot be had ({error})") from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        Gauge(name, text, registry=self.registry).set_function(value)
