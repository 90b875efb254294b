"""Build the Dockerfile without a container engine: every step in a clean root, then the result with no network.

    python3 deploy/container/check.py WORK [--articles examples/articles]     # as root, with debootstrap

A stage that starts from a Python image starts here from Debian's minimal system with its own Python 3.11; a stage that
starts from an image which only a container registry has is left out with what is copied from it, and said so. All other
instructions are carried out as they stand. What comes out is run as the image's user, in its folder, with its entry
point, on a read-only root in a network namespace of its own.
"""

import argparse
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DOCKERFILE = Path(__file__).with_name("Dockerfile")
SUITE = "bookworm"
STARTED = time.monotonic()
PASSED_ON = ("PIP_", "HTTP_", "HTTPS_", "http_", "https_", "SSL_")  # how this machine reaches a package index


@dataclass
class Stage:
    """An image in the making: its root folder (None: it cannot be had here) and what instructions have set."""

    root: Path | None
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


def main() -> None:
    """Build, run, and say what was left out."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("work", type=Path, help="a folder for the roots; what is there is used again")
    parser.add_argument("--articles", type=Path, default=CHECKOUT / "examples" / "articles")
    given = parser.parse_args()
    work = given.work.resolve()
    os.environ.setdefault("PIP_QUIET", "1")
    base = debian(work / "debian")
    image, left_out = build(DOCKERFILE, base, work)
    try_out(image, given.articles)
    for what in left_out:
        say(f"left out, because it needs a container registry: {what}")


def say(text: str) -> None:
    """A line of progress."""
    print(f"== {time.monotonic() - STARTED:.0f} s: {text}", flush=True)


def debian(root: Path) -> Path:
    """A minimal Debian with Python."""
    if not (root / "usr/bin/python3").exists():
        say(f"debootstrap {SUITE}")
        packages = "python3,python3-venv,ca-certificates"
        run(["debootstrap", "--variant=minbase", f"--include={packages}", SUITE, str(root)], stdout=subprocess.DEVNULL)
    return root


def build(dockerfile: Path, base: Path, work: Path) -> tuple[Stage, list[str]]:
    """Carry out the instructions; the last stage, and what could not be done."""
    stages: dict[str, Stage] = {}
    arguments: dict[str, str] = {}
    left_out: list[str] = []
    stage = Stage(None)
    for word, rest in instructions(dockerfile):
        if word == "ARG":
            name, _, value = rest.partition("=")
            arguments[name] = value.strip('"')
        elif word == "FROM":
            image, name = stage_names(substitute(rest, arguments), len(stages))
            stage = stages[name] = start(image, base, work / name)
            left_out += [] if stage.root else [f"FROM {image}"]
        elif stage.root:
            say(f"{word} {' '.join(rest.split())[:90]}")
            if word == "COPY" and (source := re.match(r"--from=(\S+)", rest)) and not stages[source[1]].root:
                left_out.append(f"COPY {rest}")
            else:
                carry_out(word, rest, stage, stages, arguments)
    return stage, left_out


def instructions(dockerfile: Path) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile: a word and the rest."""
    lines = [line for line in dockerfile.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def stage_names(rest: str, number: int) -> tuple[str, str]:
    """The image of a FROM and the name of its stage."""
    words = rest.split()
    return words[0], words[2] if len(words) == 3 else f"stage{number}"


def substitute(text: str, values: Mapping[str, str]) -> str:
    """`${NAME}` filled in."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], ""), text)


def start(image: str, base: Path, root: Path) -> Stage:
    """A stage from an image; only Python images have a stand-in here."""
    if not image.startswith("python:"):
        return Stage(None)
    shutil.rmtree(root, ignore_errors=True)
    run(["cp", "--archive", "--reflink=auto", str(base), str(root)])
    return Stage(root, {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"})


def carry_out(word: str, rest: str, stage: Stage, stages: Mapping[str, Stage], arguments: Mapping[str, str]) -> None:
    """One instruction of a stage."""
    assert stage.root
    match word:
        case "ENV":
            stage.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        case "WORKDIR":
            stage.folder = rest
            (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "USER":
            stage.user = rest
        case "COPY":
            copy(rest, stage, stages)
        case "RUN":
            passed = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
            network = ["/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs"]
            inside(stage, ["/bin/sh", "-c", rest], {**arguments, **passed, **stage.environment}, lent=network)
        case "ENTRYPOINT" | "CMD":
            setattr(stage, word.lower().replace("cmd", "command"), shlex.split(rest.strip("[]").replace(",", " ")))
        case _:
            raise SystemExit(f"{DOCKERFILE}: {word} is an instruction that this check does not know")


def copy(rest: str, stage: Stage, stages: Mapping[str, Stage]) -> None:
    """COPY, with --from and --chmod."""
    assert stage.root
    flags = dict(word.removeprefix("--").split("=", 1) for word in rest.split() if word.startswith("--"))
    *sources, target = [word for word in rest.split() if not word.startswith("--")]
    source_root = stages[flags["from"]].root if "from" in flags else CHECKOUT
    take = os.link if "from" in flags else shutil.copy2  # nothing changes a finished stage, and a gigabyte takes time
    destination = stage.root / os.path.join(stage.folder, target).lstrip("/")
    for source in sources:
        path = Path(f"{source_root}/{source.lstrip('/')}")
        into = destination / path.name if target.endswith("/") else destination
        into.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(path, into, symlinks=True, dirs_exist_ok=True, ignore=ignore, copy_function=take)
        else:
            shutil.copy2(path, into)
        if "chmod" in flags:
            into.chmod(int(flags["chmod"], 8))


def inside(
    stage: Stage, command: list[str], environment: Mapping[str, str], *, lent: list[str], sealed: bool = False
) -> None:
    """Run a command in the stage's root as its user; `lent` are paths of this machine, `sealed` offline, read-only."""
    root = str(stage.root)
    mounts = [f"mount --rbind {root} {root}"]  # with what is mounted below
    for path in filter(os.path.exists, lent):
        there = f"{root}{path}"
        made = f"mkdir -p {there}" if os.path.isdir(path) else f"mkdir -p {os.path.dirname(there)}; touch {there}"
        mounts += [made, f"mount --bind {os.path.realpath(path)} {there}"]
    mounts += [f"mount -t tmpfs tmpfs {root}/tmp", f"mount -t proc proc {root}/proc", f"mount --bind /dev {root}/dev"]
    if sealed:
        mounts += [f"mount -o remount,bind,ro {root}"]
    user, _, group = stage.user.partition(":")
    enter = ["chroot", f"--userspec={user}:{group or user}", root, "/usr/bin/env", "-i", "-C", stage.folder]
    enter += [*(f"{name}={value}" for name, value in environment.items()), *command]
    script = "set -eu\n" + "\n".join(mounts) + f"\nexec {shlex.join(enter)}\n"
    run(["unshare", "--mount", "--pid", "--fork", *(["--net"] if sealed else []), "/bin/sh", "-c", script])


def try_out(image: Stage, articles: Path) -> None:
    """The image's main job, as its user, offline, from a read-only root; only /data can be written."""
    assert image.root
    data = image.root.parent / "data"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(articles, data / "articles")
    user, group = map(int, image.user.split(":"))
    for path in [data, *map(Path, glob.glob(f"{data}/**", recursive=True))]:
        os.chown(path, user, group)
    (image.root / "data").mkdir(exist_ok=True)
    for arguments in (
        image.command,
        ["--version"],
        ["run", "articles", "out", "--quiet", "--summary-json", "summary.json"],
        ["check", "out"],
        ["run", "articles", "out"],
    ):
        say(f"{shlex.join(image.entrypoint + arguments)}, as {image.user}, offline, on a read-only root")
        with mounted(data, image.root / "data"):
            inside(image, image.entrypoint + arguments, image.environment, lent=[], sealed=True)
    print((data / "summary.json").read_text(encoding="utf-8"))


class mounted:  # noqa: N801 - reads as a verb
    """A folder seen at another place for a while."""

    def __init__(self, source: Path, target: Path) -> None:
        self.source, self.target = str(source), str(target)

    def __enter__(self) -> None:
        run(["mount", "--bind", self.source, self.target])

    def __exit__(self, *_: object) -> None:
        run(["umount", self.target])


def run(command: list[str], **more: int) -> None:
    """Run a command; the check ends where it fails."""
    finished = subprocess.run(command, check=False, **more)  # type: ignore[call-overload]
    if finished.returncode:
        sys.exit(f"FAILED ({finished.returncode}): {shlex.join(command)[:400]}")


if __name__ == "__main__":
    main()
