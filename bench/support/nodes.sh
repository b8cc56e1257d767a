# What measurements of whole nodes share; to be sourced. Everything runs in
# $folder, is in $pids, and is gone when the script ends.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
binary=${BINARY:-$root/build/release/stravasync}
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
# each athlete. Needs the servers. Sets $sim.
start_sim() {
  sim=http://127.0.0.1:$(free_port)
  export STRAVASYNC_SIM_LISTEN=${sim#http://} \
    STRAVASYNC_SIM_LIMITS=1000000,10000000,1000000,10000000 \
    STRAVASYNC_SIM_LATENCY=$1 STRAVASYNC_SIM_ACTIVITIES=$2 \
    STRAVASYNC_SIM_ATHLETES=0 \
    STRAVASYNC_BUDGET_LIMITS=1000000,10000000,1000000,10000000 \
    STRAVASYNC_BUS_URL=nats://127.0.0.1:$nats_port \
    STRAVASYNC_STORE_URL=postgresql://bench@127.0.0.1:$pg_port/bench \
    STRAVASYNC_STRAVA_API_URL=$sim/api/v3 \
    STRAVASYNC_STRAVA_OAUTH_URL=$sim/oauth \
    STRAVASYNC_SECRETS_TOKEN_KEY=env:BENCH_KEY \
    BENCH_KEY=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
  STRAVASYNC_NODE_DATA_DIR=$folder/sim start sim "$binary" --role=sim
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

# The median of the numbers on standard input.
median() {
  sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Ends what was started and forgets what it stored.
finish_run() {
  local pid
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  pids=()
  rm -rf "$folder"
}

