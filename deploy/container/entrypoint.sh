#!/bin/sh
# One image, two uses: a Beam runner starts its workers with options of the SDK's boot program, all else is `dateline`.
set -eu
case "${1:-}" in
--id | --id=* | --worker_pool | --worker_pool=* | --*_endpoint | --*_endpoint=* | --semi_persist_dir*)
    exec /opt/apache/beam/boot "$@"
    ;;
*)
    exec dateline "$@"
    ;;
esac
