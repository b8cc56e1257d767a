# shellcheck shell=bash
# shellcheck disable=SC2154
# What measurements of whole nodes share; to be sourced. Everything runs in
# $folder, is in $pids, and is gone when the script ends.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
binary=${BINARY:-$root/build/release/stravasync}
work=$(mktemp -d)
pids=()
pg_bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)

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

start_servers() { # OPTIONS OF POSTGRES...
  nats_port=$(free_port) pg_port=$(free_port)
  start nats nats-server -a 127.0.0.1 -p "$nats_port" -js -sd "$folder/js"
  mkdir "$folder/pg"
  chmod 755 "$work" "$folder"
  [[ $(id -u) != 0 ]] || chown postgres "$folder/pg"
  (cd / && as_postgres "$pg_bin/initdb" -D "$folder/pg/data" -U bench \
    -A trust) >/dev/null
  if [[ $(id -u) == 0 ]]; then
    start postgres runuser -u postgres -- "$pg_bin/postgres" \
      -D "$folder/pg/data" -p "$pg_port" -k "$folder/pg" -h 127.0.0.1 "$@"
  else
    start postgres "$pg_bin/postgres" -D "$folder/pg/data" -p "$pg_port" \
      -k "$folder/pg" -h 127.0.0.1 "$@"
  fi
  until_true 20 "$pg_bin/pg_isready" -h 127.0.0.1 -p "$pg_port"
  "$pg_bin/createdb" -h 127.0.0.1 -p "$pg_port" -U bench bench
}

until_ready() { # URL
  until_true 30 curl -sf "$1/readyz"
}

# Connects athlete $1 at node $api as a browser would.
connect() {
  local to back
  to=$(curl -sf -o /dev/null -w '%{redirect_url}' -c "$folder/cookies" \
    "$api/connect")
  back=$(curl -s -o /dev/null -w '%{redirect_url}' "$to" \
    -d "athlete_id=$1" \
    -d 'scope=read,activity:read_all,profile:read_all')
  curl -sf -o /dev/null -b "$folder/cookies" "$back"
}

# Says to all nodes started from now on where bus, database and Strava are, and
# starts a simulated Strava with wide limits, latency $1 and $2 activities of
# each athlete. With servers, if they were started. Sets $sim and $sim_node.
start_sim() {
  sim=http://127.0.0.1:$(free_port)
  export STRAVASYNC_SIM_LISTEN=${sim#http://} \
    STRAVASYNC_SIM_LIMITS=1000000,10000000,1000000,10000000 \
    STRAVASYNC_SIM_LATENCY=$1 STRAVASYNC_SIM_ACTIVITIES=$2 \
    STRAVASYNC_SIM_ATHLETES=0 \
    STRAVASYNC_BUDGET_LIMITS=1000000,10000000,1000000,10000000 \
    STRAVASYNC_STRAVA_API_URL=$sim/api/v3 \
    STRAVASYNC_STRAVA_OAUTH_URL=$sim/oauth \
    STRAVASYNC_SECRETS_TOKEN_KEY=env:BENCH_KEY \
    BENCH_KEY=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
  if [[ -n ${nats_port-} ]]; then
    export STRAVASYNC_BUS_URL=nats://127.0.0.1:$nats_port \
      STRAVASYNC_STORE_URL=postgresql://bench@127.0.0.1:$pg_port/bench
  fi
  STRAVASYNC_NODE_DATA_DIR=$folder/sim start sim "$binary" --role=sim
  sim_node=$!
  until_ready "$sim"
}

# Makes the database's tables and starts node $api with roles $1. Sets $node.
start_node() {
  "$binary" migrate >/dev/null
  api=http://127.0.0.1:$(free_port)
  STRAVASYNC_NODE_DATA_DIR=$folder/api STRAVASYNC_HTTP_LISTEN=${api#http://} \
    start api "$binary" --role="$1"
  node=$!
  until_ready "$api"
}

# psql's answers without decoration.
sql() { # DATABASE ARGUMENTS...
  "$pg_bin/psql" -h 127.0.0.1 -p "$pg_port" -U bench -At "$@"
}

rows_of() { # TABLE DATABASE
  sql "$2" -c "SELECT count(*) FROM $1"
}

has_rows() { # COUNT TABLE DATABASE
  (( $(rows_of "$2" "$3") == $1 ))
}

# Makes database $1 with the athletes of the one that INGEST was filled by, and
# has nodes started from now on use it.
copy_athletes() {
  "$pg_bin/createdb" -h 127.0.0.1 -p "$pg_port" -U bench "$1"
  export STRAVASYNC_STORE_URL=postgresql://bench@127.0.0.1:$pg_port/$1
  "$binary" migrate >/dev/null
  # Pages of an athlete who is not connected are left aside.
  sql bench -c 'COPY athlete TO STDOUT' \
    | sql "$1" -c 'COPY athlete FROM STDIN' >/dev/null
}

# Fills INGEST by a sync of $athletes athletes with $activities activities each,
# without any delay. Needs the servers. Sets $pages.
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

# The median of the numbers on standard input.
median() {
  sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# The greatest of the numbers on standard input.
most() {
  sort -n | tail -n 1
}

# Ends what was started and forgets what it stored.
finish_run() {
  local pid
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  pids=()
  rm -rf "$folder"
}
