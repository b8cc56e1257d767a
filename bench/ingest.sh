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

# Prints activities a second of run $1.
ingest() {
  local began node
  copy_athletes "copy$1"
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
