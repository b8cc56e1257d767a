# shellcheck shell=bash
# shellcheck disable=SC2154
# What an activity takes, and what a run costs that finds nothing new.

file_bytes() { cat "$@" 2>/dev/null | wc -c; }

part_bytes() {
  local athletes activities all empty
  athletes=$(sized 4 50) activities=$(sized 500 2000)
  all=$(( athletes * activities ))
  sync_all "$athletes" "$activities"
  figure 'embedded: CPU us an activity' \
    "$(per "$(( $(cpu_of "$node") * 10000 ))" "$all" 1)"
  figure 'INGEST bytes an activity' \
    "$(per "$(of_stream INGEST bytes)" "$all" 0)"
  stop_node "$node"
  figure 'SQLite bytes an activity' \
    "$(per "$(file_bytes "$folder"/data/stravasync.db*)" "$all" 0)"
  figure 'bus.db bytes an activity' \
    "$(per "$(file_bytes "$folder"/data/bus.db*)" "$all" 0)"
  stop_node "$sim_node"
  start_servers
  start_sim 0ms "$activities"
  start_node api,consumer
  empty=$(pg "SELECT pg_database_size('bench')")
  connect_many "$athletes"
  until_true 900 complete "$athletes" pg
  pg 'VACUUM' >/dev/null
  figure 'PostgreSQL bytes an activity' "$(per "$(pg \
    "SELECT pg_database_size('bench') - $empty")" "$all" 0)"
}

# Runs of 1 page that bring what is stored: a week's activities.
idle_embedded() {
  local round store bus cpu ingest events
  sync_all "$athletes" 200
  stop_node "$node" # Then the files hold all there is.
  store=$(file_bytes "$folder"/data/stravasync.db)
  bus=$(file_bytes "$folder"/data/bus.db)
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
  figure 'embedded: store bytes a run' \
    "$(per "$(( $(file_bytes "$folder"/data/stravasync.db) - store ))" "$all" 0)"
  figure 'embedded: bus bytes a run' \
    "$(per "$(( $(file_bytes "$folder"/data/bus.db) - bus ))" "$all" 0)"
  stop_node "$sim_node"
}

# Statements of the node so far, by the extension that counts them: the bench
# asks for runs, too.
statements() {
  pg "SELECT sum(calls) FROM pg_stat_statements
    WHERE query NOT LIKE '%count(*) FROM sync_run%'"
}

# Where the extension is not installed, statements are not counted.
idle_postgresql() {
  local round cpu wal rows commits asked='' options=()
  [[ ! -e ${pg_bin%/bin}/lib/pg_stat_statements.so ]] \
    || options=(-c shared_preload_libraries=pg_stat_statements)
  start_servers "${options[@]}"
  start_sim 0ms 200
  start_node api,consumer
  connect_many "$athletes"
  until_true 900 complete "$athletes" pg
  sleep 11 # A backend that rests tells what it counted after 10 s.
  if (( ${#options[@]} )); then
    pg 'CREATE EXTENSION pg_stat_statements' >/dev/null
    asked=$(statements)
  fi
  cpu=$(cpu_of "$node") wal=$(pg 'SELECT pg_current_wal_insert_lsn()')
  rows=$(pg "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)
    FROM pg_stat_user_tables")
  commits=$(pg "SELECT xact_commit FROM pg_stat_database
    WHERE datname = 'bench'")
  for (( round = 1; round <= rounds; ++round )); do
    client sync "${api#http://}" "$first_id" "$athletes" incremental
    until_true 300 complete $(( athletes * round )) pg 2
  done
  sleep 1
  figure 'PostgreSQL: CPU ms of the node a run' \
    "$(per "$(( ($(cpu_of "$node") - cpu) * 10 ))" "$all" 2)"
  figure 'PostgreSQL: WAL bytes a run' "$(per "$(pg \
    "SELECT pg_current_wal_insert_lsn() - '$wal'")" "$all" 0)"
  [[ -z $asked ]] || figure 'PostgreSQL: statements a run' \
    "$(per "$(( $(statements) - asked ))" "$all" 1)"
  stop_node "$node" # Each backend tells the rest at its end.
  sleep 1
  figure 'PostgreSQL: rows written a run' "$(per "$(pg "SELECT
    sum(n_tup_ins + n_tup_upd + n_tup_del) - $rows
    FROM pg_stat_user_tables")" "$all" 1)"
  figure 'PostgreSQL: transactions a run' "$(per "$(pg "SELECT
    xact_commit - $commits FROM pg_stat_database
    WHERE datname = 'bench'")" "$all" 1)"
}

part_idle() {
  local athletes rounds all
  athletes=$(sized 20 200) rounds=$(sized 2 10)
  all=$(( athletes * rounds ))
  idle_embedded
  idle_postgresql
}
