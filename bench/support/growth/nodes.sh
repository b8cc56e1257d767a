# shellcheck shell=bash
# shellcheck disable=SC2154
# Several api nodes, and several consumers, on a NATS and a PostgreSQL.

# Prints a number that PostgreSQL counts of database $2.
of_database() {
  sql "$2" -c "SELECT $1 FROM pg_stat_database WHERE datname = '$2'"
}

# Figures $1 of what writers cost database $2 to store $3 activities: failed
# transactions since they were $4, deadlocks, and WAL since position $5.
writers_cost() {
  local failed all
  failed=$(( $(of_database xact_rollback "$2") - $4 ))
  all=$(of_database 'xact_commit + xact_rollback' "$2")
  figure "$1: failed transactions, most" "$failed"
  figure "$1: failed % of transactions, most" \
    "$(per $(( 100 * failed )) "$all" 2)"
  figure "$1: deadlocks, most" "$(of_database deadlocks "$2")"
  figure "$1: WAL bytes an activity" "$(per \
    "$(pg "SELECT pg_current_wal_insert_lsn() - '$5'")" "$3" 0)"
}

# How fast $1 api nodes bring what INGEST has recorded into a database of their
# own, from the first page to the last.
write_by() {
  local name=copy_$1 label="$1 api, recorded" i wal own=()
  copy_athletes "$name"
  wal=$(pg 'SELECT pg_current_wal_insert_lsn()')
  for (( i = 1; i <= $1; ++i )); do
    STRAVASYNC_API_SERVICE=$name STRAVASYNC_NODE_DATA_DIR=$folder/$name-$i \
      STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 start "$name-$i" "$binary" --role=api
    own+=($!)
  done
  if ! until_true 300 has_rows "$pages" sync_page "$name" \
    || ! until_true 60 has_rows 0 "outbox WHERE sent_at_ms = 0" "$name"; then
    figure "$label: activities/s" 0
  else
    figure "$label: activities/s" "$(sql "$name" -c "SELECT round(count(*) \
      * 1e3 / (SELECT greatest(max(stored_at_ms) - min(stored_at_ms), 1) \
      FROM sync_page)) FROM activity")"
  fi
  # A backend tells what it did when it ends.
  kill "${own[@]}"
  wait "${own[@]}" || true
  sleep 1
  writers_cost "$label" "$name" $(( athletes * activities )) 0 "$wal"
  "$pg_bin/dropdb" -h 127.0.0.1 -p "$pg_port" -U bench --force "$name"
}

part_nodes() {
  local count athletes activities
  athletes=$(sized 6 50) activities=$(sized 400 1000)
  start_servers
  record
  for count in 1 2 4; do write_by "$count"; done
}

# Activities a second of a sync by one api node and $1 consumers, simulator
# included, and what it cost PostgreSQL.
sync_by() {
  local i began wal failed athletes activities label
  athletes=$(sized 6 50) activities=$(sized 400 1000)
  label="1 api, $1 consumer"
  folder=$work/run/$1
  mkdir "$folder"
  start_servers
  start_sim 0ms "$activities"
  start_node api
  connect_many "$athletes"
  sleep 1
  wal=$(pg 'SELECT pg_current_wal_insert_lsn()')
  failed=$(of_database xact_rollback bench)
  began=$(now_us)
  for (( i = 1; i <= $1; ++i )); do
    STRAVASYNC_NODE_DATA_DIR=$folder/consumer-$i \
      STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 \
      start "consumer-$i" "$binary" --role=consumer
  done
  if until_true 300 complete "$athletes" pg; then
    figure "$label: activities/s" \
      "$(per "$(( athletes * activities ))" "$(seconds_since "$began")" 0)"
  else
    figure "$label: activities/s" 0
  fi
  # A backend tells what it did when it ends.
  stop_node "$node"
  sleep 1
  writers_cost "$label" bench $(( athletes * activities )) "$failed" "$wal"
  end_started
}

part_consumers() {
  local count
  for count in 1 2 4; do sync_by "$count"; done
}
