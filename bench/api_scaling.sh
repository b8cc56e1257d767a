#!/usr/bin/env bash
# How fast 1, 2 and 4 api nodes that share a PostgreSQL bring the same recorded
# pages from stream INGEST of a NATS into it, and what they cost it: failed
# transactions, deadlocks and bytes of WAL an activity. Prints one line a run
# and the medians. Usage: api_scaling.sh [RUNS]
set -euo pipefail
shopt -s inherit_errexit

# shellcheck source=bench/support/nodes.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/nodes.sh"

runs=${1:-3}
athletes=${ATHLETES:-50} activities=${ACTIVITIES:-1000}
read -ra nodes <<<"${NODES:-1 2 4}"

wal() {
  sql bench -c "SELECT pg_current_wal_insert_lsn() - '0/0'"
}

# Prints activities a second, transactions, failed ones, deadlocks and bytes of
# WAL an activity of $2 nodes on database $1.
measure() {
  local name=$1 count=$2 i before rate own=()
  copy_athletes "$name"
  before=$(wal)
  for (( i = 1; i <= count; ++i )); do
    STRAVASYNC_API_SERVICE=$name STRAVASYNC_NODE_DATA_DIR=$folder/$name-$i \
      STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 start "$name-$i" "$binary" --role=api
    own+=($!)
  done
  until_true 300 has_rows "$pages" sync_page "$name"
  until_true 60 has_rows 0 "outbox WHERE sent_at_ms = 0" "$name"
  rate=$(sql "$name" -F' ' -c "SELECT round(count(*) * 1e3 / (SELECT \
    max(stored_at_ms) - min(stored_at_ms) FROM sync_page)) FROM activity")
  before=$(( $(wal) - before ))
  kill "${own[@]}"
  wait "${own[@]}" || true
  has_rows $(( athletes * activities )) activity "$name"
  # A backend tells what it did when it ends.
  printf '%s %s %d\n' "$rate" "$(sql "$name" -F' ' -c "SELECT \
    xact_commit + xact_rollback, xact_rollback, deadlocks \
    FROM pg_stat_database WHERE datname = '$name'")" \
    $(( before / (athletes * activities) ))
  "$pg_bin/dropdb" -h 127.0.0.1 -p "$pg_port" -U bench --force "$name"
}

main() {
  local run count line base rate all failed deadlocks bytes
  declare -A rates=()
  folder=$work/api
  mkdir "$folder"
  start_servers
  record
  for (( run = 1; run <= runs; ++run )); do
    for count in "${nodes[@]}"; do
      measure "run${run}_$count" "$count" >"$work/result"
      read -r rate all failed deadlocks bytes <"$work/result"
      printf 'run %d: %d nodes  %6d activities/s  %d of %d transactions failed' \
        "$run" "$count" "$rate" "$failed" "$all"
      printf '  %d deadlocks  %d bytes of WAL an activity\n' \
        "$deadlocks" "$bytes"
      rates[$count]+="$rate "
    done
  done
  for count in "${nodes[@]}"; do
    line=$(tr ' ' '\n' <<<"${rates[$count]}" | grep . | median)
    [[ -n ${base-} ]] || base=$line
    awk -v n="$count" -v r="$line" -v b="$base" 'BEGIN {
      printf "median: %d nodes %6d activities/s  %.2fx\n", n, r, r / b }'
  done
}

main
