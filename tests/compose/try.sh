#!/usr/bin/env bash
# Tries a cluster that runs (./dev up): connects athletes of its simulated
# Strava, kills every container once while they are synced, and counts what is
# stored in the end. No part of ./dev test: it needs a Docker engine.
#
#   SIM_LIMITS=2000,20000,1000,10000 SIM_WINDOW=10s ./dev up --scale consumer=2
#   tests/compose/try.sh [FIRST_ATHLETE [ATHLETES [ACTIVITIES_OF_EACH]]]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
page=${PUBLIC_URL:-http://localhost:${HTTP_PORT:-8080}}
first=${1:-71000001} count=${2:-12} expected=${3:-600}
patience_s=180

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
die() { say "FAILED: $*"; exit 1; }

# Retries what a node that is away cannot answer; fails on a refusal.
ask() { curl -sS --fail --retry 90 --retry-all-errors --retry-delay 1 \
  --max-time 20 "$@" 2>/dev/null; }

# Follows the consent of athlete $1 as a browser does.
connect() {
  local consent callback jar
  jar=$(mktemp)
  consent=$(ask -o /dev/null -w '%{redirect_url}' -c "$jar" "$page/connect")
  callback=$(ask -o /dev/null -w '%{redirect_url}' -d "athlete_id=$1" \
    -d scope=read,activity:read_all,profile:read_all "$consent")
  ask -o /dev/null -b "$jar" "$callback"
  rm "$jar"
}

progress() {
  ask "$page/api/v1/athletes/$1/sync" | sed -E \
    's/.*"state":"([a-z_]*)".*"activities_stored":([0-9]+).*/\1 \2/'
}

# How many different activities of athlete $1 the API lists.
listed() {
  local cursor='' answer
  while :; do
    answer=$(ask "$page/api/v1/athletes/$1/activities?limit=200$cursor")
    grep -oE '"id":[0-9]+' <<<"$answer" || true
    cursor=$(sed -nE 's/.*"next_cursor":"([^"]+)".*/\&cursor=\1/p' \
      <<<"$answer")
    [[ -n $cursor ]] || break
  done | sort -u | wc -l
}

wait_for_all() {
  local athlete last deadline=$(( SECONDS + patience_s ))
  for (( athlete = first; athlete < first + count; ++athlete )); do
    until last=$(progress "$athlete"); [[ $last == complete* ]]; do
      (( SECONDS < deadline )) || die "athlete $athlete is still: $last"
      sleep 1
    done
  done
}

mapfile -t victims < <(cd "$root" \
  && docker compose --profile edge ps --format '{{.Name}}')
(( ${#victims[@]} > 0 )) || die "nothing runs: ./dev up first"
say "connecting $count athletes at $page"
for (( athlete = first; athlete < first + count; ++athlete )); do
  connect "$athlete"
done

for victim in "${victims[@]}"; do
  for (( athlete = first; athlete < first + count; ++athlete )); do
    # Refused while one runs, which is as good.
    curl -s -o /dev/null -H 'Content-Type: application/json' \
      -d '{"mode":"relist"}' "$page/api/v1/athletes/$athlete/sync" &
  done
  sleep 0.5
  docker kill "$victim" >/dev/null
  say "killed $victim"
  sleep 3
  wait || true
  # The engine restarts what crashes, but not what a person has killed.
  docker start "$victim" >/dev/null
  wait_for_all
  say "all $count athletes are complete"
done

for (( athlete = first; athlete < first + count; ++athlete )); do
  got=$(listed "$athlete")
  (( got == expected )) || die "athlete $athlete: $got activities, not $expected"
done
say "every athlete has $expected activities, each once"
for victim in "${victims[@]}"; do
  state=$(docker inspect -f '{{.State.Health.Status}}' "$victim")
  for (( i = 0; i < 60; ++i )); do
    [[ $state != healthy ]] || break
    sleep 1
    state=$(docker inspect -f '{{.State.Health.Status}}' "$victim")
  done
  [[ $state == healthy ]] || die "$victim is $state"
done
say "all ${#victims[@]} containers are healthy"
