"""One writer at a time.

On a local dataset the lock is a POSIX record lock: the kernel gives it back when the process dies, however it dies, so
no lock is ever left over. On an object store there is no such thing: a lock object names the writer, which keeps out
a second one, but not one that starts in the same instant; there the scheduler must start one writer at a time.
"""

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pipeline.files import Files, LocalFiles
from schemas.errors import DatasetError

LOCK = "_state/lock"
WRITER = "_state/writer.json"  # who holds the lock; on an object store it is the lock
POLL_SECONDS = 0.1

_held: set[str] = set()  # a record lock does not keep out its own process
_guard = threading.Lock()


@contextmanager
def single_writer(files: Files, root: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Be the dataset's one writer; DatasetError names the other one when it does not finish within `wait_seconds`."""
    deadline = time.monotonic() + wait_seconds
    while (release := _acquire(files)) is None:
        if time.monotonic() >= deadline:
            raise DatasetError(_refusal(files, root))
        time.sleep(POLL_SECONDS)
    try:
        files.write(WRITER, _this_process().encode())
        yield
    finally:
        try:
            files.remove(WRITER)
        finally:
            release()


def _acquire(files: Files) -> Callable[[], None] | None:
    if isinstance(files, LocalFiles):
        return _lock_file(files.root)
    return None if files.exists(WRITER) else _nothing_to_release


def _nothing_to_release() -> None:
    pass


def _lock_file(root: str) -> Callable[[], None] | None:
    key = os.path.realpath(root)
    with _guard:
        if key in _held:
            return None
        path = os.path.join(root, LOCK)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            return None
        _held.add(key)

    def release() -> None:
        with _guard:
            os.close(descriptor)
            _held.discard(key)

    return release


def _this_process() -> str:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"host": socket.gethostname(), "process": os.getpid(), "started": started})


def _refusal(files: Files, root: str) -> str:
    try:
        writer = json.loads(files.read(WRITER))
        who = f"process {writer['process']} on {writer['host']}, since {writer['started']}"
    except (OSError, ValueError, KeyError):
        who = "another process"
    message = f"{root} is being written by {who}. Wait for it, or stop it and run again"
    if not isinstance(files, LocalFiles):
        message += f"; if it is no longer running, remove {root}/{WRITER}"
    return f"{message}."
