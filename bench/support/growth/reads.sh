# shellcheck shell=bash
# shellcheck disable=SC2154
# Reads of many activities and athletes; memory under more of them than can be
# answered; the start with much to remember.

# A node on SQLite with demo athletes: one with a long history, many with a
# short one.
seed_many() {
  go_embedded
  export STRAVASYNC_STRAVA_CLIENT_ID=1 STRAVASYNC_STRAVA_CLIENT_SECRET=bench
  "$binary" seed --athletes "$(sized 200 10000)" --activities "$(sized 5 8)" \
    >/dev/null
  "$binary" seed --athletes 1 --activities "$(sized 2000 20000)" >/dev/null
  start api "$binary" --role=api
  node=$!
  until_ready "$api"
  long=$(lite 'SELECT athlete_id FROM activity GROUP BY 1
               ORDER BY count(*) DESC LIMIT 1')
  mapfile -t some < <(lite 'SELECT id FROM activity ORDER BY id LIMIT 200')
}

part_reads() {
  local name p50 p99 slowest='' worst=0 seconds result loads
  seconds=$(sized 1 4)
  seed_many
  declare -A paths=(
    [activity]="/api/v1/activities/${some[0]}"
    [athletes]='/api/v1/athletes?limit=200'
    [list]="/api/v1/athletes/$long/activities?limit=200"
    [stats]="/api/v1/athletes/$long/stats"
    [sync]="/api/v1/athletes/$long/sync"
  )
  for name in activity athletes list stats sync; do
    result=$(client read "${api#http://}" "$seconds" 1 "${paths[$name]}")
    read -r _ p50 p99 _ <<<"$result"
    figure "$name alone: p50 ms" "$p50"
    figure "$name alone: p99 ms" "$p99"
    if awk -v a="$p50" -v b="$worst" 'BEGIN { exit !(a > b) }'; then
      worst=$p50 slowest=$name
    fi
  done
  for name in activity athletes list stats sync; do
    [[ $name != "$slowest" ]] || continue
    client read "${api#http://}" $(( seconds + 1 )) 1 "${paths[$slowest]}" \
      >/dev/null &
    loads=$!
    sleep 0.3
    result=$(client read "${api#http://}" "$seconds" 1 "${paths[$name]}")
    read -r _ p50 p99 _ <<<"$result"
    figure "$name beside the slowest: p50 ms" "$p50"
    figure "$name beside the slowest: p99 ms" "$p99"
    wait "$loads" || true
  done
}

part_overload() {
  local connections seconds idle peak=0 now load
  connections=$(sized 100 1000) seconds=$(sized 3 10)
  ulimit -n 4096 2>/dev/null || true
  seed_many
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
    figure "$what: answers 200 a second" \
      "$(awk -v s="$seconds" '{ printf "%.0f", ($1 - $4) / s }' "$folder/load")"
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
      printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
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
