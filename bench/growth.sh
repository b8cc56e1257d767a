#!/usr/bin/env bash
# How figures grow with nodes and athletes, before and after a change: of
# another binary (BEFORE) and of this tree's release (BINARY), measured in turn
# in one run on one machine. Prints a table of medians for each part.
# Usage: [BEFORE=/path/to/stravasync] growth.sh [PART...], parts being nodes,
# consumers, bytes, idle, feeder, waiting, reads, overload, start; all of them
# without. RUNS (3) is how often each is measured; SCALE=small does all of it
# once and in small, to see that it works.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=bench/support/nodes.sh
. "$here/support/nodes.sh"

after=$binary
before=${BEFORE-}
scale=${SCALE:-full}
runs=${RUNS:-$([[ $scale == small ]] && printf 1 || printf 3)}
first_id=80000001

# The first of the two in small, else the second.
sized() {
  if [[ $scale == small ]]; then printf '%s' "$1"; else printf '%s' "$2"; fi
}

client() { perl "$here/support/client.pl" "$@"; }

# Prints a figure for the table: what it is, its number.
figure() { printf '%s\t%s\n' "$1" "$2"; }

# Quotient of two numbers with $3 decimals.
per() {
  awk -v a="$1" -v b="$2" -v d="${3:-1}" \
    'BEGIN { printf "%.*f", d, (b ? a / b : 0) }'
}

now_us() { printf '%s' "${EPOCHREALTIME/./}"; }

# Seconds since $1, in microseconds since the epoch.
seconds_since() { per "$(( $(now_us) - $1 ))" 1000000 3; }

pss_mb() { awk '/^Pss:/ { printf "%.1f", $2 / 1024 }' "/proc/$1/smaps_rollup"; }

# CPU of a process so far, in hundredths of a second.
cpu_of() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# A number of stream $1 at node $api: messages, bytes, last_seq.
of_stream() {
  curl -sf "$api/api/v1/admin/streams" | tr '{' '\n' | grep "\"name\":\"$1\"" \
    | sed -E "s/.*\"$2\":([0-9]+).*/\1/"
}

lite() { sqlite3 -readonly "$folder/data/stravasync.db" "$1"; }

pg() { sql bench -c "$1"; }

# Whether $1 runs are complete, by `lite` or `pg` ($2); of mode $3, if given.
complete() {
  (( $("$2" "SELECT count(*) FROM sync_run WHERE state = 4
             AND mode = ${3:-mode}") >= $1 ))
}

stop_node() {
  kill "$1"
  wait "$1" || true
}

# Everything in one process but Strava: bus and database are files.
go_embedded() {
  unset nats_port pg_port STRAVASYNC_STORE_URL STRAVASYNC_BUS_URL
  api=http://127.0.0.1:$(free_port)
  export STRAVASYNC_NODE_DATA_DIR=$folder/data \
    STRAVASYNC_HTTP_LISTEN=${api#http://}
}

# Starts node $node with the settings that are exported.
start_all() {
  start "all-$RANDOM" "$binary" --role=all
  node=$!
  until_ready "$api"
}

connect_many() {
  client connect "${api#http://}" "${sim#http://}" "$first_id" "$1"
}

# $1 connected athletes with $2 activities each, all of them synced.
sync_all() {
  go_embedded
  start_sim 0ms "$2"
  export STRAVASYNC_SYNC_INCREMENTAL_EVERY=0s STRAVASYNC_SYNC_RELIST_EVERY=0s
  start_all
  connect_many "$1"
  until_true 900 complete "$1" lite
}

# Sets `every` and `at` so that a schedule with this interval (seconds) has its
# next slot at that time, $1 seconds from now at least and a multiple of $2, and
# another one much later.
next_slot() {
  local now=$EPOCHSECONDS
  for (( at = now + $1; ; ++at )); do
    (( at % $2 == 0 )) || continue
    for (( every = 4000; every < 9000; ++every )); do
      (( at % every )) || return 0
    done
  done
}

# shellcheck source=/dev/null
for file in "$here"/support/growth/*.sh; do . "$file"; done

# Ends what was started.
end_started() {
  local pid
  for pid in "${pids[@]}"; do kill -9 "$pid" || true; done
  wait || true
  pids=()
  unset nats_port pg_port
} 2>/dev/null

# Measures part $1 of $binary once, in a folder and with servers of its own.
measure() (
  trap end_started EXIT
  folder=$work/run pids=()
  rm -rf "$folder"
  mkdir "$folder"
  unset "${!STRAVASYNC_@}"
  "part_$1"
)

# Prints the medians of the figures in file $1, in the order of their coming; of
# what must never be, the most.
medians() {
  local take
  awk -F'\t' '!seen[$1]++ { print $1 }' "$1" | while IFS= read -r name; do
    take=median
    [[ $name != *', most' ]] || take=most
    figure "$name" "$(awk -F'\t' -v n="$name" '$1 == n { print $2 }' "$1" \
      | "$take")"
  done
}

# Prints what was measured of part $1, a line a figure.
table() {
  local name
  printf '\n%s (median of %d)\n' "$1" "$runs"
  printf '| %-50s | %12s | %12s |\n' figure before after
  [[ -z $before ]] || medians "$work/before.$1" >"$work/before.medians"
  medians "$work/after.$1" | while IFS=$'\t' read -r name value; do
    printf '| %-50s | %12s | %12s |\n' "$name" \
      "$(awk -F'\t' -v n="$name" '$1 == n { print $2 }' \
        "$work/before.medians" 2>/dev/null)" "$value"
  done
}

main() {
  local part run side sides=(after)
  [[ -z $before ]] || sides=(before after)
  (( $# )) || set -- nodes consumers bytes idle feeder waiting reads overload \
    start
  for part; do
    for (( run = 1; run <= runs; ++run )); do
      for side in "${sides[@]}"; do
        binary=${!side}
        measure "$part" >>"$work/$side.$part"
      done
    done
    table "$part"
  done
}

main "$@"
