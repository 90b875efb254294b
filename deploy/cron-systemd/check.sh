#!/usr/bin/env bash
# The units, the timer, the user and the cron table, checked by the programs that read them; needs systemd and cron
# (apt-get install systemd cron) and dateline on the PATH. Nothing is installed or started.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dateline=$(command -v dateline)

echo "== systemd-analyze verify"
for unit in dateline-*.service dateline-*.timer; do
    sed "s|/opt/dateline/bin/dateline|$dateline|" "$unit" >"$work/$unit"
done
systemd-analyze verify --man=no "$work"/dateline-*

echo "== systemd-analyze security: at most 1.5 of 10 exposed"
for unit in "$work"/*.service; do
    systemd-analyze security --offline=true --threshold=15 "$unit" | tail -1
done

echo "== systemd-analyze calendar"
systemd-analyze calendar --iterations=2 "$(sed -n 's/^OnCalendar=//p' dateline-run.timer)"

echo "== systemd-sysusers"
systemd-sysusers --dry-run "$PWD/dateline.sysusers"

echo "== crontab -n, and the command line as a shell sees it"
crontab -n dateline.cron
sed -n 's|^7 \* \* \* \* dateline ||p' dateline.cron | sed 's|\\%|%|g' | sed "s|/opt/dateline/bin/dateline run|echo run|" >"$work/command"
/bin/sh "$work/command" | tee "$work/said"
grep -Eq '^run --quiet --run-id hourly-[0-9]{8}T[0-9]{2}$' "$work/said"

echo "== the configuration, as the commands take it"
dateline config --config dateline.toml

echo "== a run and a follower under the units' system call filter and memory rule"
cp -r ../../examples/articles "$work/articles"
python3 sandbox.py dateline-run.service "$dateline" run "$work/articles" "$work/out" --quiet
python3 sandbox.py dateline-run.service "$dateline" check "$work/out"
python3 sandbox.py dateline-follow.service "$dateline" follow "$work/articles" "$work/followed" --every 1s --settle 0s \
    --metrics-port 19464 --quiet &
follower=$!
metrics() { python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:19464/metrics").read().decode())'; }
for _ in $(seq 120); do
    metrics 2>/dev/null | grep -q 'records_total{outcome="new"} 31' && break
    sleep 1
done
metrics | grep 'records_total{outcome="new"} 31'
kill -TERM "$follower"
wait "$follower"
"$dateline" check "$work/followed"
