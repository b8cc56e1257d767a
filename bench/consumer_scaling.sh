#!/usr/bin/env bash
# How much faster 2 and 4 consumer nodes sync than 1, with 100 ms to Strava and
# wide limits: the same work each time, on a NATS and a PostgreSQL of its own.
# Prints one line a run and the medians. Usage: consumer_scaling.sh [RUNS]
set -euo pipefail
shopt -s inherit_errexit

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
binary=${BINARY:-$root/build/release/stravasync}
runs=${1:-3}
athletes=${ATHLETES:-24} pages=${PAGES:-20} page_size=10 in_flight=2
read -ra nodes <<<"${NODES:-1 2 4}"

work=$(mktemp -d)
pids=()

finish() {
  local pid
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

# A port that nobody listens on just now.
free_port() {
  local port
  while port=$(( 20000 + SRANDOM % 12000 )); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s' "$port"
}

until_true() { # SECONDS COMMAND...
  local end=$(( SECONDS + $1 ))
  shift
  until "$@" >/dev/null 2>&1; do
    (( SECONDS < end )) || { echo "gave up waiting for: $*" >&2; return 1; }
    sleep 0.05
  done
}

start() { # NAME COMMAND...
  local name=$1
  shift
  "$@" >"$folder/$name.log" 2>&1 &
  pids+=($!)
}

as_postgres() {
  if [[ $(id -u) == 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_servers() {
  local bin
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
  nats_port=$(free_port) pg_port=$(free_port)
  start nats nats-server -a 127.0.0.1 -p "$nats_port" -js -sd "$folder/js"
  mkdir "$folder/pg"
  chmod 755 "$work" "$folder"
  [[ $(id -u) != 0 ]] || chown postgres "$folder/pg"
  (cd / && as_postgres "$bin/initdb" -D "$folder/pg/data" -U bench -A trust) \
    >/dev/null
  if [[ $(id -u) == 0 ]]; then
    start postgres runuser -u postgres -- "$bin/postgres" \
      -D "$folder/pg/data" -p "$pg_port" -k "$folder/pg" -h 127.0.0.1
  else
    start postgres "$bin/postgres" -D "$folder/pg/data" -p "$pg_port" \
      -k "$folder/pg" -h 127.0.0.1
  fi
  until_true 20 "$bin/pg_isready" -h 127.0.0.1 -p "$pg_port"
  "$bin/createdb" -h 127.0.0.1 -p "$pg_port" -U bench bench
}

# Connects athlete $1 as a browser would.
connect() {
  local to back
  to=$(curl -sf -o /dev/null -w '%{redirect_url}' "$api/connect")
  back=$(curl -s -o /dev/null -w '%{redirect_url}' "$to" \
    -d "athlete_id=$1" \
    -d 'scope=read,activity:read_all,profile:read_all')
  curl -sf -o /dev/null "$back"
}

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
  sim=http://127.0.0.1:$(free_port) api=http://127.0.0.1:$(free_port)
  export STRAVASYNC_SIM_LISTEN=${sim#http://} \
    STRAVASYNC_SIM_LIMITS=1000000,10000000,1000000,10000000 \
    STRAVASYNC_SIM_LATENCY=100ms \
    STRAVASYNC_SIM_ACTIVITIES=$(( pages * page_size )) \
    STRAVASYNC_SIM_ATHLETES=0 \
    STRAVASYNC_SYNC_PAGE_SIZE=$page_size \
    STRAVASYNC_CONSUMER_IN_FLIGHT=$in_flight \
    STRAVASYNC_BUDGET_LIMITS=1000000,10000000,1000000,10000000 \
    STRAVASYNC_BUS_URL=nats://127.0.0.1:$nats_port \
    STRAVASYNC_STORE_URL=postgresql://bench@127.0.0.1:$pg_port/bench \
    STRAVASYNC_STRAVA_API_URL=$sim/api/v3 \
    STRAVASYNC_STRAVA_OAUTH_URL=$sim/oauth \
    STRAVASYNC_SECRETS_TOKEN_KEY=env:BENCH_KEY \
    BENCH_KEY=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
  STRAVASYNC_NODE_DATA_DIR=$folder/sim start sim "$binary" --role=sim
  until_true 10 curl -sf "$sim/sim/stats"
  "$binary" migrate >/dev/null
  STRAVASYNC_NODE_DATA_DIR=$folder/api STRAVASYNC_HTTP_LISTEN=${api#http://} \
    start api "$binary" --role=api
  until_true 20 curl -sf "$api/readyz"
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

finish_run() {
  local pid
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  pids=()
  rm -rf "$folder"
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
    line=$(tr ' ' '\n' <<<"${rates[$count]}" | grep . | sort -n \
      | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
    [[ -n ${base-} ]] || base=$line
    awk -v n="$count" -v r="$line" -v b="$base" 'BEGIN {
      printf "median: %d nodes %7.2f calls/s  %.2fx\n", n, r, r / b }'
  done
}

main
