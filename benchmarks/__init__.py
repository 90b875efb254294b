"""Speed, memory and quality, runnable by anyone: `python -m benchmarks.NAME --help`."""
