# shellcheck shell=bash
# shellcheck disable=SC2154
# One slot of a schedule with more and more athletes; a window in which more of
# them wait than can be served.

# Stops the node, and starts it again with a slot of the schedule ahead, at a
# multiple of $1 seconds.
start_before_slot() {
  stop_node "$node"
  next_slot 6 "$1"
  export STRAVASYNC_SYNC_INCREMENTAL_EVERY=${every}s
  start_all
  while (( EPOCHSECONDS < at )); do sleep 0.02; done
}

has_fed() {
  curl -sf "$api/api/v1/admin/schedules" | tr '{' '\n' \
    | grep -A 3 '"name":"incremental"' | grep -q '"state":"finished"'
}

feed_athletes() { # COUNT
  local began
  folder=$work/run/$1
  mkdir "$folder"
  sync_all "$1" 3
  start_before_slot 1
  began=$(now_us)
  until_true 600 has_fed
  figure "$1 athletes: feeder s" "$(seconds_since "$began")"
  until_true 900 complete "$1" lite 2
  figure "$1 athletes: drain s" "$(seconds_since "$began")"
  figure "$1 athletes: JOBS bytes" "$(of_stream JOBS bytes)"
  figure "$1 athletes: JOBS messages" "$(of_stream JOBS messages)"
  stop_node "$node"
  stop_node "$sim_node"
}

part_feeder() {
  local count
  for count in $(sized '20 50' '200 2000 10000'); do
    feed_athletes "$count"
  done
}

# What waits for permits costs nothing meanwhile: with 100 (20) calls a window,
# from the slot to the last call.
part_waiting() {
  local athletes window permits narrow events cpu began
  athletes=$(sized 100 1000) window=$(sized 5 20) permits=$(sized 20 100)
  narrow=1000000,10000000,$permits,10000000
  sync_all "$athletes" 3
  stop_node "$sim_node"
  export STRAVASYNC_SIM_LIMITS=$narrow STRAVASYNC_SIM_WINDOW=${window}s \
    STRAVASYNC_BUDGET_LIMITS=$narrow STRAVASYNC_BUDGET_WINDOW=${window}s
  STRAVASYNC_NODE_DATA_DIR=$folder/sim start sim-2 "$binary" --role=sim
  until_ready "$sim"
  start_before_slot "$window"
  events=$(of_stream EVENTS last_seq) cpu=$(cpu_of "$node") began=$(now_us)
  sleep "$window"
  figure 'the first window: events' \
    "$(( $(of_stream EVENTS last_seq) - events ))"
  figure 'the first window: CPU s' \
    "$(per "$(( $(cpu_of "$node") - cpu ))" 100 2)"
  until_true $(( 3 * window * athletes / permits + 60 )) \
    complete "$athletes" lite 2
  figure 'until all are served: events' \
    "$(( $(of_stream EVENTS last_seq) - events ))"
  figure 'until all are served: CPU s' \
    "$(per "$(( $(cpu_of "$node") - cpu ))" 100 2)"
  figure 'until all are served: windows' \
    "$(per "$(seconds_since "$began")" "$window" 1)"
}
