#!/usr/bin/env bash
# How fast an api node brings recorded pages from stream INGEST of a real NATS
# into a real PostgreSQL: a second service (a copy of the stream of its own)
# with a database that holds no activity. Usage: ingest.sh [RUNS]
set -euo pipefail
shopt -s inherit_errexit

# shellcheck source=bench/support/nodes.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/nodes.sh"

runs=${1:-3}
athletes=${ATHLETES:-40} activities=${ACTIVITIES:-5000}

sql() { # DATABASE ARGUMENTS...
  "$bin/psql" -h 127.0.0.1 -p "$pg_port" -U bench -At "$@"
}

rows_of() { # TABLE DATABASE
  sql "$2" -c "SELECT count(*) FROM $1"
}

has_rows() { # COUNT TABLE DATABASE
  (( $(rows_of "$2" "$3") == $1 ))
}

# Fills INGEST by a sync without any delay.
record() {
  local i
  start_sim 0ms "$activities"
  start_node api,consumer
  for (( i = 1; i <= athletes; ++i )); do
    connect $(( 80000000 + i ))
  done
  until_true 600 has_rows "$athletes" \
    "sync_run WHERE finished_at_ms IS NOT NULL AND finished_at_ms > 0" bench
  pages=$(rows_of sync_page bench)
  kill "$node"
  wait "$node" || true
}

# Prints activities a second of run $1.
ingest() {
  local began node
  "$bin/createdb" -h 127.0.0.1 -p "$pg_port" -U bench "copy$1"
  export STRAVASYNC_STORE_URL=postgresql://bench@127.0.0.1:$pg_port/copy$1
  "$binary" migrate >/dev/null
  # Pages of an athlete who is not connected are left aside.
  sql bench -c 'COPY athlete TO STDOUT' \
    | sql "copy$1" -c 'COPY athlete FROM STDIN' >/dev/null
  began=${EPOCHREALTIME/./}
  STRAVASYNC_API_SERVICE=copy$1 STRAVASYNC_NODE_DATA_DIR=$folder/copy$1 \
    STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 start "copy$1" "$binary" --role=api
  node=$!
  until_true 300 has_rows "$pages" sync_page "copy$1"
  awk -v us=$(( ${EPOCHREALTIME/./} - began )) \
    -v n=$(( athletes * activities )) 'BEGIN { printf "%.0f\n", n * 1e6 / us }'
  has_rows $(( athletes * activities )) activity "copy$1"
  kill "$node"
  wait "$node" || true
}

folder=$work/ingest
mkdir "$folder"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
start_servers
record
for (( run = 1; run <= runs; ++run )); do
  ingest "$run" >"$work/result"
  rates+=("$(<"$work/result")")
  printf 'run %d: %d activities, %d a second\n' "$run" \
    $(( athletes * activities )) "${rates[-1]}"
done
printf 'median: %d activities a second, start of the node included\n' \
  "$(printf '%s\n' "${rates[@]}" | median)"
