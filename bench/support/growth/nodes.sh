# shellcheck shell=bash
# shellcheck disable=SC2154
# Several api nodes, and several consumers, on a NATS and a PostgreSQL.

# Activities a second of a sync by $1 api nodes and $2 consumers, and what it
# cost PostgreSQL.
sync_by() {
  local apis=$1 consumers=$2 i began wal before athletes activities label
  athletes=$(sized 6 50) activities=$(sized 400 1000)
  label="$apis api, $consumers consumer"
  folder=$work/run/$apis-$consumers
  mkdir "$folder"
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
  start_servers
  start_sim 0ms "$activities"
  export STRAVASYNC_SYNC_INCREMENTAL_EVERY=0s STRAVASYNC_SYNC_RELIST_EVERY=0s
  start_node api
  connect_many "$athletes"
  for (( i = 2; i <= apis; ++i )); do
    STRAVASYNC_NODE_DATA_DIR=$folder/api-$i STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 \
      start "api-$i" "$binary" --role=api
  done
  sleep 1
  wal=$(sql 'SELECT pg_current_wal_insert_lsn()')
  before=$(sql "SELECT xact_rollback FROM pg_stat_database WHERE datname = 'bench'")
  began=$(now_us)
  for (( i = 1; i <= consumers; ++i )); do
    STRAVASYNC_NODE_DATA_DIR=$folder/consumer-$i \
      STRAVASYNC_HTTP_LISTEN=127.0.0.1:0 \
      start "consumer-$i" "$binary" --role=consumer
  done
  if ! until_true 300 complete "$athletes" sql; then
    figure "$label: activities/s" 0
    return
  fi
  figure "$label: activities/s" \
    "$(per "$(( athletes * activities ))" "$(seconds_since "$began")" 0)"
  sleep 1 # What backends counted is told once a second.
  figure "$label: failed transactions" "$(sql "SELECT xact_rollback - $before
    FROM pg_stat_database WHERE datname = 'bench'")"
  figure "$label: deadlocks" "$(sql "SELECT deadlocks FROM pg_stat_database
    WHERE datname = 'bench'")"
  figure "$label: WAL bytes an activity" "$(per "$(sql \
    "SELECT pg_current_wal_insert_lsn() - '$wal'")" \
    "$(( athletes * activities ))" 0)"
  end_started
}

part_nodes() {
  local count
  for count in 1 2 4; do sync_by "$count" 1; done
}

part_consumers() {
  local count
  for count in 1 2 4; do sync_by 1 "$count"; done
}
