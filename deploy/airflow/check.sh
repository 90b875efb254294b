#!/usr/bin/env bash
# The DAG with a real Airflow, in a throw-away environment: parsed, then run by the day with the dateline on the PATH.
#   deploy/airflow/check.sh [FOLDER OF AN ENVIRONMENT WITH AIRFLOW]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dateline=$(command -v dateline)
environment=${1:-$work/environment}
if [[ ! -x $environment/bin/airflow ]]; then
    "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/pip" install --quiet "apache-airflow>=3.3,<3.4"
fi
export AIRFLOW_HOME=$work/airflow AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__DAGS_FOLDER=$here
export AIRFLOW__LOGGING__LOGGING_LEVEL=WARNING PATH=$environment/bin:$PATH PYTHONDONTWRITEBYTECODE=1
airflow version
airflow db migrate >"$work/migrate.log" 2>&1 || { cat "$work/migrate.log" && exit 1; }
python "$here/check.py" "$dateline" "$work"
airflow dags reserialize >/dev/null
airflow dags list-import-errors
airflow backfill create --dag-id dateline --from-date 2026-02-03 --to-date 2026-02-05 --dry-run |
    tee "$work/backfill"
[[ $(grep -c "^| 2026-02-0" "$work/backfill") == 3 ]]
