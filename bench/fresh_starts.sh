#!/usr/bin/env bash
# How often nodes that start at once crash a fresh nats-server: each start has a
# server with nothing stored and NODES consumers, which make streams and buckets
# and read them. Prints each crash, and how many there were. Usage:
# fresh_starts.sh [STARTS]; BINARY says which nodes.
set -euo pipefail
shopt -s inherit_errexit

# shellcheck source=bench/support/nodes.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/nodes.sh"

starts=${1:-50} nodes=${NODES:-8} watched=${SECONDS_WATCHED:-3}

# Fails if the server of one start ended.
start_once() {
  local i server
  folder=$work/run
  mkdir "$folder"
  pids=()
  nats_port=$(free_port)
  start nats nats-server -a 127.0.0.1 -p "$nats_port" -js -sd "$folder/js"
  server=$!
  until_true 10 grep -q 'Server is ready' "$folder/nats.log"
  # All of them wait for it, so that they come at once.
  kill -STOP "$server"
  for (( i = 1; i <= nodes; ++i )); do
    STRAVASYNC_BUS_URL=nats://127.0.0.1:$nats_port \
      STRAVASYNC_NODE_DATA_DIR=$folder/consumer-$i \
      STRAVASYNC_NODE_ID=n$i STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 \
      STRAVASYNC_STRAVA_CLIENT_ID=1 STRAVASYNC_STRAVA_CLIENT_SECRET=none \
      start "consumer-$i" "$binary" --role=consumer
  done
  sleep 1
  kill -CONT "$server"
  sleep "$watched"
  kill -0 "$server" 2>/dev/null \
    && ! grep -qE '^(panic|fatal error)' "$folder/nats.log"
}

main() {
  local run crashes=0
  for (( run = 1; run <= starts; ++run )); do
    if ! start_once; then
      crashes=$(( crashes + 1 ))
      printf 'start %d: %s\n' "$run" \
        "$(grep -m 1 -E '^(panic|fatal error)' "$folder/nats.log" || true)"
      [[ -z ${KEEP-} ]] || cp "$folder/nats.log" "$KEEP/nats-$run.log"
    fi
    finish_run 2>/dev/null
  done
  printf '%d of %d fresh starts with %d nodes crashed the server\n' \
    "$crashes" "$starts" "$nodes"
}

main
