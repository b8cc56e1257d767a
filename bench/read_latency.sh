#!/usr/bin/env bash
# p50 and p99 of every read over HTTP with a large store: alone, and a read of
# one activity by its id beside each of the others. Lines:
#   STORE: READ: alone p50 MS p99 MS; by id beside it p50 MS p99 MS
# Usage: read_latency.sh [STORE...]   sqlite, postgresql; both without
# ATHLETES and ACTIVITIES (of each): 10000 and 10. One more athlete has HEAVY
# activities: 20000. REQUESTS: 1000 of each. BINARY: the program to measure.
set -euo pipefail
shopt -s inherit_errexit

# shellcheck source=bench/support/nodes.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/nodes.sh"

athletes=${ATHLETES:-10000} activities=${ACTIVITIES:-10}
heavy=${HEAVY:-20000} requests=${REQUESTS:-1000}
first=80000001

# Asks for $1 $2 times on one connection and prints each answer's status and
# time in s. (A fragment is not sent.) With $3 "exec" in the place of the shell,
# so that ending one ends both.
ask() {
  ${3-} curl -s -o /dev/null -w '%{http_code} %{time_total}\n' "$api$1#[1-$2]"
}

# p50 and p99 in ms of $1.
latency() {
  ask "$1" "$requests" >"$folder/times"
  if grep -v '^200 ' "$folder/times" >&2; then return 1; fi
  cut -d ' ' -f 2 "$folder/times" | sort -n | awk '
    { v[NR] = $1 * 1000 }
    function at(part) { return v[int((NR - 1) * part) + 1] }
    END { printf "p50 %.2f p99 %.2f", at(0.5), at(0.99) }
  '
}

report() { # NAME PATH
  local alone beside load=()
  alone=$(latency "$2")
  # Two clients that ask for it all the time.
  ask "$2" 1000000 exec >"$folder/load1" &
  load+=($!)
  ask "$2" 1000000 exec >"$folder/load2" &
  load+=($!)
  until_true 20 test -s "$folder/load1" -a -s "$folder/load2"
  beside=$(latency "/api/v1/activities/$one")
  kill "${load[@]}"
  wait "${load[@]}" || true
  printf '%s: %s: alone %s; by id beside it %s\n' "$store" "$1" "$alone" "$beside"
}

measure() { # STORE
  local lots=$(( first + 1 ))
  store=$1 folder=$work/$1
  mkdir "$folder"
  api=http://127.0.0.1:$(free_port)
  export STRAVASYNC_NODE_DATA_DIR=$folder/data STRAVASYNC_BUS_URL=embedded \
    STRAVASYNC_HTTP_LISTEN=${api#http://} STRAVASYNC_STRAVA_CLIENT_ID=1 \
    STRAVASYNC_STRAVA_CLIENT_SECRET=bench
  unset STRAVASYNC_STORE_URL
  if [[ $1 == postgresql ]]; then
    start_servers
    export STRAVASYNC_STORE_URL=postgresql://bench@127.0.0.1:$pg_port/bench
    "$binary" migrate >/dev/null
  fi
  "$binary" seed --athletes 2 --activities "$heavy" >/dev/null
  "$binary" seed --athletes "$athletes" --activities "$activities" >/dev/null
  start api "$binary" --role=api
  until_ready "$api"
  one=$(curl -sf "$api/api/v1/athletes/$lots/activities?limit=1" \
    | grep -m 1 -oE '"id":[0-9]+' | cut -d: -f2)
  printf '%s: activity by id: alone %s\n' "$store" \
    "$(latency "/api/v1/activities/$one")"
  report 'activity with raw JSON' "/api/v1/activities/$one?include=raw"
  report 'athlete' "/api/v1/athletes/$lots"
  report 'sync' "/api/v1/athletes/$lots/sync"
  report 'statistics of a large athlete' "/api/v1/athletes/$lots/stats"
  report 'activities, 50' "/api/v1/athletes/$lots/activities"
  report 'activities, 200' "/api/v1/athletes/$lots/activities?limit=200"
  report 'activities with raw JSON, 200' \
    "/api/v1/athletes/$lots/activities?limit=200&include=raw"
  report 'activities by sport, 200' \
    "/api/v1/athletes/$lots/activities?limit=200&sport_type=Run"
  report 'activities by time, 200' \
    "/api/v1/athletes/$lots/activities?limit=200&to=2024-01-01T00:00:00Z"
  report 'athletes, 50' '/api/v1/athletes'
  report 'athletes, 200' '/api/v1/athletes?limit=200'
  kill "${pids[-1]}"
  wait "${pids[-1]}" || true
  finish_run
}

(( $# > 0 )) || set -- sqlite postgresql
for each in "$@"; do measure "$each"; done
