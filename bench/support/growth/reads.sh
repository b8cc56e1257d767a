# shellcheck shell=bash
# shellcheck disable=SC2154
# Reads of many activities and athletes; memory under more of them than can be
# answered; the start with much to remember.

# A node on store $1 (sqlite, postgresql) with demo athletes: one ($long) with a
# long history, many with a short one. $some is an activity.
seed_many() {
  local ask=lite
  go_embedded
  if [[ $1 == postgresql ]]; then
    ask=pg
    start_servers
    export STRAVASYNC_STORE_URL=postgresql://bench@127.0.0.1:$pg_port/bench
    "$binary" migrate >/dev/null
  fi
  export STRAVASYNC_STRAVA_CLIENT_ID=1 STRAVASYNC_STRAVA_CLIENT_SECRET=bench
  "$binary" seed --athletes "$(sized 200 10000)" --activities "$(sized 5 8)" \
    >/dev/null
  "$binary" seed --athletes 1 --activities "$(sized 2000 20000)" >/dev/null
  start api "$binary" --role=api
  node=$!
  until_ready "$api"
  long=$("$ask" 'SELECT athlete_id FROM activity GROUP BY 1
                 ORDER BY count(*) DESC LIMIT 1')
  some=$("$ask" 'SELECT min(id) FROM activity')
}

# Figures $1 of $2 connections that ask for path $3 all the time.
read_figures() {
  local count p50 p99 refused
  client read "${api#http://}" "$seconds" "$2" "$3" >"$folder/read"
  read -r count p50 p99 refused <"$folder/read"
  figure "$1: p50 ms" "$p50"
  figure "$1: p99 ms" "$p99"
  (( $2 == 1 )) || figure "$1: answers/s" \
    "$(per "$(( count - refused ))" "$seconds" 0)"
}

# Figures $1 of path $2 while another client asks for path $3 all the time.
read_while() {
  local load
  client read "${api#http://}" $(( seconds + 1 )) 1 "$3" >/dev/null &
  load=$!
  sleep 0.3
  read_figures "$1" 1 "$2"
  wait "$load" || true
}

# Path $2 alone, and beside the slowest; an activity by its id beside it.
read_beside() {
  read_figures "$1" 1 "$2"
  read_while "$1, beside the slowest" "$2" "$slowest"
  read_while "by id beside $1" "/api/v1/activities/$some" "$2"
}

# Each read of store $1.
read_all() {
  local athlete slowest
  folder=$work/run/$1
  mkdir "$folder"
  seed_many "$1"
  athlete=/api/v1/athletes/$long
  slowest="$athlete/activities?limit=200&include=raw"
  read_figures "$1: activity" 1 "/api/v1/activities/$some"
  read_beside "$1: activity, raw" "/api/v1/activities/$some?include=raw"
  read_beside "$1: athlete" "$athlete"
  read_beside "$1: sync" "$athlete/sync"
  read_beside "$1: stats" "$athlete/stats"
  read_beside "$1: list of 50" "$athlete/activities"
  read_beside "$1: list of 200" "$athlete/activities?limit=200"
  read_beside "$1: list of 200, raw" "$slowest"
  read_beside "$1: list by sport" \
    "$athlete/activities?limit=200&sport_type=Run"
  read_beside "$1: list by time" \
    "$athlete/activities?limit=200&to=2024-01-01T00:00:00Z"
  read_beside "$1: athletes, 50" /api/v1/athletes
  read_beside "$1: athletes, 200" '/api/v1/athletes?limit=200'
  [[ $1 != postgresql ]] \
    || read_figures "$1: athletes, 200, 100 clients" 100 \
      '/api/v1/athletes?limit=200'
  end_started
}

part_reads() {
  local store seconds
  seconds=$(sized 1 3)
  for store in sqlite postgresql; do read_all "$store"; done
}

part_overload() {
  local connections seconds idle peak=0 now load
  connections=$(sized 100 1000) seconds=$(sized 3 10)
  ulimit -n 4096 2>/dev/null || true
  seed_many sqlite
  idle=$(pss_mb "$node")
  for what in athletes "activities of one"; do
    path='/api/v1/athletes?limit=200'
    [[ $what == athletes ]] \
      || path="/api/v1/athletes/$long/activities?limit=200&include=raw"
    peak=0
    client read "${api#http://}" "$seconds" "$connections" "$path" \
      >"$folder/load" &
    load=$!
    while kill -0 "$load" 2>/dev/null; do
      now=$(pss_mb "$node")
      peak=$(awk -v a="$now" -v b="$peak" 'BEGIN { print (a > b ? a : b) }')
      sleep 0.2
    done
    wait "$load"
    sleep 3
    figure "$what: idle MB before" "$idle"
    figure "$what: MB at most" "$peak"
    figure "$what: MB 3 s after" "$(pss_mb "$node")"
    figure "$what: answers/s" \
      "$(awk -v s="$seconds" '{ printf "%.0f", ($1 - $4) / s }' "$folder/load")"
    figure "$what: refused/s" \
      "$(awk -v s="$seconds" '{ printf "%.0f", $4 / s }' "$folder/load")"
  done
}

# Milliseconds from exec to the first answer of /readyz.
start_ms() {
  local began line='' host=${api#http://}
  began=$(now_us)
  start "start-$RANDOM" "$binary" --role=all
  node=$!
  until [[ $line == 'HTTP/1.1 200'* ]]; do
    line=$({
      exec 3<>"/dev/tcp/${host/:/\/}"
      printf 'GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n' /readyz \
        'Connection: close' >&3
      head -n 1 <&3
    } 2>/dev/null) || true
  done
  start_took=$(per "$(( $(now_us) - began ))" 1000 1)
  stop_node "$node"
}

part_start() {
  local athletes
  athletes=$(sized 100 10000)
  export STRAVASYNC_BUS_DEDUPE_WINDOW=7d
  sync_all "$athletes" 3
  figure 'messages in the window' "$(( $(of_stream JOBS messages) \
    + $(of_stream INGEST messages) + $(of_stream EVENTS messages) ))"
  stop_node "$node"
  start_ms
  figure 'full dedupe window: ms to ready' "$start_took"
  export STRAVASYNC_BUS_DEDUPE_WINDOW=1s
  start_ms
  start_ms # The first has changed the streams.
  figure 'empty dedupe window: ms to ready' "$start_took"
}
