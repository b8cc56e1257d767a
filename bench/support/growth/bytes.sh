# shellcheck shell=bash
# shellcheck disable=SC2154
# What an activity takes, and what a run costs that finds nothing new.

file_bytes() { cat "$@" 2>/dev/null | wc -c; }

part_bytes() {
  local athletes activities all empty
  athletes=$(sized 4 50) activities=$(sized 500 2000)
  all=$(( athletes * activities ))
  sync_all "$athletes" "$activities"
  figure 'INGEST bytes an activity' "$(per "$(of_stream INGEST bytes)" "$all" 0)"
  stop_node "$node"
  figure 'SQLite bytes an activity' \
    "$(per "$(file_bytes "$folder"/data/stravasync.db*)" "$all" 0)"
  figure 'bus.db bytes an activity' \
    "$(per "$(file_bytes "$folder"/data/bus.db*)" "$all" 0)"
  stop_node "$sim_node"
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
  start_servers
  start_sim 0ms "$activities"
  start_node api,consumer
  empty=$(sql "SELECT pg_database_size('bench')")
  connect_many "$athletes"
  until_true 900 complete "$athletes" sql
  sql 'VACUUM' >/dev/null
  figure 'PostgreSQL bytes an activity' "$(per "$(sql \
    "SELECT pg_database_size('bench') - $empty")" "$all" 0)"
}

# Runs of 1 page that bring what is stored: a week's activities.
part_idle() {
  local athletes rounds round all files cpu ingest events wal rows commits
  athletes=$(sized 20 200) rounds=$(sized 2 10)
  all=$(( athletes * rounds ))
  sync_all "$athletes" 200
  stop_node "$node" # Then the files hold all there is.
  files=$(file_bytes "$folder"/data/*.db)
  start_all
  cpu=$(cpu_of "$node")
  ingest=$(of_stream INGEST bytes) events=$(of_stream EVENTS last_seq)
  for (( round = 1; round <= rounds; ++round )); do
    client sync "${api#http://}" "$first_id" "$athletes" incremental
    until_true 300 complete $(( athletes * round )) lite 2
  done
  figure 'embedded: CPU ms a run' \
    "$(per "$(( ($(cpu_of "$node") - cpu) * 10 ))" "$all" 2)"
  figure 'embedded: INGEST bytes a run' \
    "$(per "$(( $(of_stream INGEST bytes) - ingest ))" "$all" 0)"
  figure 'embedded: events a run' \
    "$(per "$(( $(of_stream EVENTS last_seq) - events ))" "$all" 1)"
  stop_node "$node"
  figure 'embedded: file bytes a run' \
    "$(per "$(( $(file_bytes "$folder"/data/*.db) - files ))" "$all" 0)"
  stop_node "$sim_node"
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
  start_servers
  start_sim 0ms 200
  start_node api,consumer
  connect_many "$athletes"
  until_true 900 complete "$athletes" sql
  sleep 1
  cpu=$(cpu_of "$node") wal=$(sql 'SELECT pg_current_wal_insert_lsn()')
  rows=$(sql "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)
    FROM pg_stat_user_tables")
  commits=$(sql "SELECT xact_commit FROM pg_stat_database
    WHERE datname = 'bench'")
  for (( round = 1; round <= rounds; ++round )); do
    client sync "${api#http://}" "$first_id" "$athletes" incremental
    until_true 300 complete $(( athletes * round )) sql 2
  done
  sleep 1
  figure 'PostgreSQL: CPU ms of the node a run' \
    "$(per "$(( ($(cpu_of "$node") - cpu) * 10 ))" "$all" 2)"
  figure 'PostgreSQL: WAL bytes a run' "$(per "$(sql \
    "SELECT pg_current_wal_insert_lsn() - '$wal'")" "$all" 0)"
  figure 'PostgreSQL: rows written a run' "$(per "$(sql "SELECT
    sum(n_tup_ins + n_tup_upd + n_tup_del) - $rows
    FROM pg_stat_user_tables")" "$all" 1)"
  figure 'PostgreSQL: transactions a run' "$(per "$(sql "SELECT
    xact_commit - $commits FROM pg_stat_database
    WHERE datname = 'bench'")" "$all" 1)"
}
