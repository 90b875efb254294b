#!/usr/bin/env bash
# What of the way to Flink runs without Flink: the portable runner with its workers in a pool of their own, reached over
# the network as a task manager reaches them, gives the dataset that the local run gives. Needs dateline on the PATH.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
port=${PORT:-50017}
python=$(dirname "$(command -v dateline)")/python
"$python" -m apache_beam.runners.worker.worker_pool_main --service_port "$port" >"$work/pool.log" 2>&1 &
pool=$!
trap 'kill "$pool"; rm -rf "$work"' EXIT
cp -r "$here/../../examples/articles" "$work/articles"

dateline run "$work/articles" "$work/local" --quiet
dateline run "$work/articles" "$work/pooled" --quiet --runner PortableRunner --runner-option job_endpoint=embed \
    --runner-option environment_type=EXTERNAL --runner-option "environment_config=localhost:$port"
dateline check "$work/pooled"
diff --recursive "$work/local/articles" "$work/pooled/articles"
echo "the same $(find "$work/pooled/articles" -name '*.parquet' | wc -l) files from a pool of workers"
