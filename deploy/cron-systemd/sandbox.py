"""Run a command under the system call filter and the memory rule of a unit, without systemd running.

    python3 sandbox.py dateline-run.service COMMAND...

The kernel enforces here what it would there, through the same libseccomp: SystemCallFilter, SystemCallErrorNumber=EPERM
and MemoryDenyWriteExecute (on Linux 6.3 and later). The namespaces of the unit are those of the container's check.
"""

import ctypes
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
NO_NEW_PRIVILEGES, MEMORY_DENY_WRITE_EXECUTE, REFUSE_EXECUTE_GAIN = 38, 65, 1


def allowed_calls(unit: str) -> set[str]:
    """The system calls that a unit's SystemCallFilter lines leave; a line with ~ takes away."""
    calls: set[str] = set()
    for sign, names in re.findall(r"^SystemCallFilter=(~?)(.+)$", unit, re.MULTILINE):
        named = {call for name in names.split() for call in expand(name)}
        calls = calls - named if sign else calls | named
    return calls


def expand(name: str) -> set[str]:
    """A system call by itself, or those of a @group."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    members = [line.strip() for line in said.stdout.splitlines()[1:] if line.startswith("    ")]
    return {call for member in members if not member.startswith("#") for call in expand(member)}


def confine(calls: set[str]) -> None:
    """Leave this process, and what it starts, only these system calls, and no memory that is written and executed."""
    seccomp, libc = ctypes.CDLL("libseccomp.so.2"), ctypes.CDLL(None, use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.prctl(MEMORY_DENY_WRITE_EXECUTE, REFUSE_EXECUTE_GAIN, 0, 0, 0):
        print("this kernel cannot deny memory that is written and executed; not checked", file=sys.stderr)
    rules = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(REFUSE)))
    for call in sorted(calls):
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            seccomp.seccomp_rule_add_exact(rules, ctypes.c_uint32(ALLOW), number, 0)
    if seccomp.seccomp_load(rules):
        sys.exit("the system call filter could not be loaded")


def main() -> None:
    """Confine, then become the command."""
    unit, *command = sys.argv[1:]
    calls = allowed_calls(Path(unit).read_text(encoding="utf-8"))
    print(f"{len(calls)} system calls are left", file=sys.stderr)
    confine(calls)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
