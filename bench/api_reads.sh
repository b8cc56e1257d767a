#!/usr/bin/env bash
# Reads of one activity over HTTP with SQLite and with PostgreSQL, beside what
# the HTTP server and PostgreSQL do by themselves in the same run; then the time
# from exec to the first of them, and the memory of the idle node (PSS).
# Usage: api_reads.sh [RUNS] [SECONDS A RUN]
set -euo pipefail
shopt -s inherit_errexit

# shellcheck source=bench/support/nodes.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/nodes.sh"

runs=${1:-3} seconds=${2:-5}
athletes=5 activities=2000

# Requests a second of 100 connections that run the Lua file $1.
wrk_rate() {
  wrk -t2 -c100 -d"${seconds}s" -s "$1" "$api" >"$folder/wrk"
  if grep -E 'Non-2xx|Socket errors' "$folder/wrk" >&2; then return 1; fi
  sed -nE 's/^Requests\/sec: *([0-9.]+)$/\1/p' "$folder/wrk"
}

# Writes Lua that asks for one of the activities at random.
write_reads() {
  local i
  {
    printf 'local ids = {'
    for (( i = 1; i <= athletes; ++i )); do
      curl -sf "$api/api/v1/athletes/$(( 80000000 + i ))/activities?limit=200" \
        | grep -oE '"id":[0-9]+' | sed 's/"id":\(.*\)/"\1",/'
    done
    printf '}\nmath.randomseed(os.time())\nrequest = function()\n'
    printf '  return wrk.format("GET", "/api/v1/activities/" .. '
    printf 'ids[math.random(#ids)])\nend\n'
  } >"$folder/reads.lua"
  printf 'request = function() return wrk.format("GET", "/healthz") end\n' \
    >"$folder/health.lua"
}

pss_mb() {
  awk '/^Pss:/ { printf "%.1f", $2 / 1024 }' "/proc/$1/smaps_rollup"
}

start_api() {
  start api "$binary" --role=api
  node=$!
  until_ready "$api"
}

stop_api() {
  kill "$node"
  wait "$node" || true
}

# Asks for $1 without starting a program, which takes longer than the answer.
status_line() {
  local line host=${api#http://}
  exec 3<>"/dev/tcp/${host/:/\/}"
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n' "$1" \
    'Connection: close' >&3
  read -r line <&3
  printf '%s' "$line"
}

# Sets `elapsed_ms` to the time from exec to the first answer 200 to $1.
first_answer_ms() {
  local began=${EPOCHREALTIME/./} line=''
  start api "$binary" --role=api
  node=$!
  until [[ $line == 'HTTP/1.1 200'* ]]; do
    line=$(status_line "$1" 2>/dev/null) || true
  done
  elapsed_ms=$(awk -v us=$(( ${EPOCHREALTIME/./} - began )) \
    'BEGIN { printf "%.1f", us / 1000 }')
}

measure() { # STORE
  local run rates=() id
  folder=$work/$1
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
  "$binary" seed --athletes "$athletes" --activities "$activities" >/dev/null
  start_api
  printf '%s: idle node %s MB\n' "$1" "$(pss_mb "$node")"
  write_reads
  if [[ $1 == sqlite ]]; then
    for (( run = 1; run <= runs; ++run )); do
      rates+=("$(wrk_rate "$folder/health.lua")")
    done
    printf '%s: /healthz, median of %d: %s req/s\n' "$1" "$runs" \
      "$(printf '%s\n' "${rates[@]}" | median)"
  else
    pgbench_reads
  fi
  rates=()
  for (( run = 1; run <= runs; ++run )); do
    rates+=("$(wrk_rate "$folder/reads.lua")")
  done
  printf '%s: GET /api/v1/activities/{id}, median of %d: %s req/s\n' \
    "$1" "$runs" "$(printf '%s\n' "${rates[@]}" | median)"
  printf '%s: the node after that %s MB\n' "$1" "$(pss_mb "$node")"
  stop_api
  id=$(grep -m 1 -oE '[0-9]{6,}' "$folder/reads.lua")
  rates=()
  for (( run = 1; run <= 5; ++run )); do
    first_answer_ms "/api/v1/activities/$id"
    rates+=("$elapsed_ms")
    stop_api
  done
  printf '%s: exec to the first answer, median of 5: %s ms\n' "$1" \
    "$(printf '%s\n' "${rates[@]}" | median)"
  finish_run
}

# What PostgreSQL does with one prepared SELECT a transaction.
pgbench_reads() {
  local rate
  "$pg_bin/pgbench" -h 127.0.0.1 -p "$pg_port" -U bench -i -q -s 5 bench \
    >/dev/null 2>&1
  rate=$("$pg_bin/pgbench" -h 127.0.0.1 -p "$pg_port" -U bench -S -n \
    -M prepared -c 8 -j 2 -T "$seconds" bench 2>/dev/null \
    | sed -nE 's/^tps = ([0-9.]+).*/\1/p')
  printf 'postgresql: pgbench -S -M prepared -c 8: %s tps\n' "$rate"
}

measure sqlite
measure postgresql
