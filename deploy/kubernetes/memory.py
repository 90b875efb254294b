"""What a run needs of a pod's memory: `dateline run` under a limit that the kernel enforces, as it does in a pod.

    python3 deploy/kubernetes/memory.py 3Gi INPUT... [--output OUT]     # as root, where control groups can be written

Prints the most that the process held, the most that its group was charged with, page cache included, and how often the
limit made the kernel take cache back. A run that needs more than the limit is killed, and ends this with exit code 1.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNITS = {"Mi": 2**20, "Gi": 2**30}
MOUNT = Path("/sys/fs/cgroup")
FILES = {  # of versions 2 and 1 of control groups: limit, peak, and the charges that met the limit
    2: ("memory.max", "memory.peak", "memory.events"),
    1: ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt"),
}


def main() -> None:
    """Run, and say what it took."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("limit", type=to_bytes, help="as in a manifest: 3Gi, 1500Mi")
    parser.add_argument("inputs", nargs="+", help="what `dateline run` takes")
    parser.add_argument("--output", help="the dataset; a new one that is thrown away where none is named")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, memory_group(given.limit) as (group, version):
        output = given.output or f"{folder}/out"
        began = time.monotonic()
        process = subprocess.Popen(
            ["dateline", "run", *given.inputs, output, "--quiet"],
            preexec_fn=lambda: (group / "cgroup.procs").write_text(str(os.getpid())),
        )
        _, status, usage = os.wait4(process.pid, 0)
        _, peak, met = (group / name for name in FILES[version])
        print(
            f"exit code {os.waitstatus_to_exitcode(status)} after {time.monotonic() - began:.0f} s; process at most "
            f"{usage.ru_maxrss / 1024:,.0f} MiB, group at most {int(peak.read_text()) / 2**20:,.0f} MiB of "
            f"{given.limit / 2**20:,.0f}; {met.name}: {' '.join(met.read_text().split())}"
        )
    sys.exit(1 if status else 0)


def to_bytes(text: str) -> int:
    """`3Gi` in bytes."""
    return int(float(text[:-2]) * UNITS[text[-2:]])


@contextmanager
def memory_group(limit: int) -> Iterator[tuple[Path, int]]:
    """A control group below this process's own, with a limit, and the version of its files."""
    version, parent = own_group()
    group = parent / f"dateline-{os.getpid()}"
    group.mkdir()
    try:
        (group / FILES[version][0]).write_text(str(limit))
        yield group, version
    finally:
        group.rmdir()


def own_group() -> tuple[int, Path]:
    """The version and the folder of the memory group that this process is in."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return 1, MOUNT / "memory" / path.lstrip("/")
    return 2, MOUNT / path.lstrip("/")


if __name__ == "__main__":
    main()
