#!/usr/bin/env bash
# How much faster 2 and 4 consumer nodes sync than 1, with 100 ms to Strava and
# wide limits: the same work each time, on a NATS and a PostgreSQL of its own.
# Prints one line a run and the medians. Usage: consumer_scaling.sh [RUNS]
set -euo pipefail
shopt -s inherit_errexit

# shellcheck source=bench/support/nodes.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/nodes.sh"

runs=${1:-3}
athletes=${ATHLETES:-24} pages=${PAGES:-20} page_size=10 in_flight=2
read -ra nodes <<<"${NODES:-1 2 4}"

all_complete() {
  local i
  for (( i = 1; i <= athletes; ++i )); do
    curl -sf "$api/api/v1/athletes/$(( 80000000 + i ))/sync" \
      | grep -q '"state":"complete"' || return 1
  done
}

# Prints calls, seconds and calls a second of a sync by $1 nodes.
measure() {
  local count=$1 i
  folder=$work/run
  mkdir "$folder"
  pids=()
  start_servers
  export STRAVASYNC_SYNC_PAGE_SIZE=$page_size \
    STRAVASYNC_CONSUMER_IN_FLIGHT=$in_flight
  start_sim 100ms $(( pages * page_size ))
  start_node api
  # All jobs are there before the first consumer is: only syncing is measured.
  for (( i = 1; i <= athletes; ++i )); do
    connect $(( 80000000 + i ))
  done
  for (( i = 1; i <= count; ++i )); do
    STRAVASYNC_NODE_DATA_DIR=$folder/consumer-$i \
      STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 \
      start "consumer-$i" "$binary" --role=consumer
  done
  until_true 300 all_complete
  curl -sf "$sim/sim/requests?since=0" | tr '{' '\n' \
    | grep '"/athlete/activities"' | sed -E 's/.*"ms":([0-9]+).*/\1/' \
    | sort -n | awk '
      NR == 1 { first = $1 }
      { last = $1 }
      END { s = (last - first) / 1000
            printf "%d %.2f %.2f\n", NR, s, (NR - 1) / s }'
  finish_run
}

main() {
  local run count line
  declare -A rates=()
  for (( run = 1; run <= runs; ++run )); do
    for count in "${nodes[@]}"; do
      measure "$count" >"$work/result"
      read -r calls seconds rate <"$work/result"
      printf 'run %d: %d nodes  %4d calls in %6.2f s  %6.2f calls/s\n' \
        "$run" "$count" "$calls" "$seconds" "$rate"
      rates[$count]+="$rate "
    done
  done
  for count in "${nodes[@]}"; do
    line=$(tr ' ' '\n' <<<"${rates[$count]}" | grep . | median)
    [[ -n ${base-} ]] || base=$line
    awk -v n="$count" -v r="$line" -v b="$base" 'BEGIN {
      printf "median: %d nodes %7.2f calls/s  %.2fx\n", n, r, r / b }'
  done
}

main
