"""How long `dateline run` takes from its start to the end of a run over one article: what start-up costs at the most.

    python -m benchmarks.startup [INPUT] [--times 5] [--json FILE]

INPUT is a file with one article (default: an article of the examples). Each time is a process of its own into a new
dataset, models loaded, article committed. Seconds of the processor stand beside those of the clock, which other work
on the machine lengthens. An import of apache_beam alone is the share that Dateline cannot save.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "articles" / "oas_maduro_term.txt"


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds of a command by the clock and of the processor."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"`{' '.join(command)}` ended with {code}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path, nargs="?", default=EXAMPLE)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    runs, imports = [], []
    for _ in range(options.times):
        with tempfile.TemporaryDirectory() as folder:
            command = ["run", str(options.input), f"{folder}/out", "--quiet"]
            runs.append(timed([sys.executable, "-m", "pipeline.cli", *command]))
        imports.append(timed([sys.executable, "-c", "import apache_beam"]))
    for name, times in (("one article", runs), ("import apache_beam", imports)):
        clock, cpu = (min(column) for column in zip(*times, strict=True))
        print(f"{name:18} {clock:.2f} s by the clock, {cpu:.2f} s of the processor (the least of {options.times})")
    print(f"ratio {min(runs)[0] / min(imports)[0]:.2f}, load {os.getloadavg()[0]:.1f}")
    if options.json:
        options.json.write_text(json.dumps({"one_article": runs, "import_apache_beam": imports}))


if __name__ == "__main__":
    main()
