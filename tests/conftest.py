"""What several tests share: the command line as a function, and one run over the example articles with real models."""

import contextlib
import hashlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from pipeline.cli import main

# A busy machine is no failure: what takes too long is measured in benchmarks/, not here. One commit passes or fails
# every time: each test draws the same examples; HYPOTHESIS_PROFILE=explore draws new ones.
hypothesis.settings.register_profile("dateline", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dateline"))

EXAMPLES = Path(__file__).parents[1] / "examples" / "articles"


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended and what it said."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run over the examples: its dataset and how the command ended."""

    root: Path
    finished: Finished


def dateline(*arguments: str | Path) -> Finished:
    """`dateline ARGUMENTS` in this process."""
    stdout, stderr = _terminal(), _terminal()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr), _loud_again():
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code or 0
    return Finished(int(code), _said(stdout), _said(stderr))


def _terminal() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)  # some write to its buffer


def _said(terminal: io.TextIOWrapper) -> str:
    return terminal.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


@contextlib.contextmanager
def _loud_again() -> Iterator[None]:
    """The command silences libraries for its process, which here is that of the other tests too."""
    try:
        with warnings.catch_warnings():
            yield
    finally:
        logging.disable(logging.NOTSET)


def contents(root: Path) -> dict[str, str]:
    """Every file that readers see, by its path below `root`, with a hash of its bytes."""
    files = [path for part in ("articles", "dead_letters") for path in (root / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


@pytest.fixture(scope="session")
def examples_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """`dateline run examples/articles out --run-id examples`, once for all tests; none may write to it."""
    root = tmp_path_factory.mktemp("examples") / "out"
    return FinishedRun(root, dateline("run", EXAMPLES, root, "--run-id", "examples"))
