-- Units are in the names; times are Unix milliseconds, UTC. Columns named raw
-- hold Strava's JSON byte for byte and come last, so that reading the others
-- does not touch a row's overflow pages.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE athlete (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  username TEXT NOT NULL,
  city TEXT NOT NULL,
  country TEXT NOT NULL,
  profile_url TEXT NOT NULL,
  scope TEXT NOT NULL,
  strava_created_at_ms INTEGER NOT NULL,
  connected_at_ms INTEGER NOT NULL,
  newest_start_ms INTEGER NOT NULL,
  raw TEXT NOT NULL
) STRICT;

CREATE TABLE credential (
  athlete_id INTEGER PRIMARY KEY REFERENCES athlete (id) ON DELETE CASCADE,
  access_token BLOB NOT NULL,
  refresh_token BLOB NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  version INTEGER NOT NULL,
  revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT;

CREATE TABLE activity (
  id INTEGER PRIMARY KEY,
  athlete_id INTEGER NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  sport_type TEXT NOT NULL,
  start_at_ms INTEGER NOT NULL,
  start_local_at_ms INTEGER NOT NULL,
  timezone TEXT NOT NULL,
  utc_offset_s REAL NOT NULL,
  distance_m REAL NOT NULL,
  moving_time_s INTEGER NOT NULL,
  elapsed_time_s INTEGER NOT NULL,
  total_elevation_gain_m REAL NOT NULL,
  visibility TEXT NOT NULL,
  manual INTEGER NOT NULL CHECK (manual IN (0, 1)),
  trainer INTEGER NOT NULL CHECK (trainer IN (0, 1)),
  commute INTEGER NOT NULL CHECK (commute IN (0, 1)),
  gear_id TEXT NOT NULL,
  device_name TEXT NOT NULL,
  summary_polyline TEXT NOT NULL,
  average_speed_mps REAL,
  max_speed_mps REAL,
  average_heartrate_bpm REAL,
  max_heartrate_bpm REAL,
  average_cadence_rpm REAL,
  average_watts REAL,
  fetched_at_ms INTEGER NOT NULL,
  deleted_at_ms INTEGER,
  raw TEXT NOT NULL
) STRICT;

-- An athlete's list, newest first; the foreign key's cascade uses it too. With
-- the last column, counting what is not deleted needs no row.
CREATE INDEX activity_by_start
  ON activity (athlete_id, start_at_ms, id, deleted_at_ms);

-- The same with a filter by sport.
CREATE INDEX activity_by_sport
  ON activity (athlete_id, sport_type, start_at_ms, id, deleted_at_ms);

CREATE TABLE sync_run (
  id TEXT PRIMARY KEY,
  athlete_id INTEGER NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  mode INTEGER NOT NULL,
  state INTEGER NOT NULL,
  reason TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER NOT NULL,
  resumes_at_ms INTEGER NOT NULL,
  pages_stored INTEGER NOT NULL,
  pages_total INTEGER NOT NULL,
  newest_start_ms INTEGER NOT NULL,
  oldest_start_ms INTEGER NOT NULL,
  activities_listed INTEGER NOT NULL,
  first_fetched_at_ms INTEGER NOT NULL,
  next_job BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sync_run_by_athlete ON sync_run (athlete_id, started_at_ms, id);

CREATE INDEX sync_run_by_start ON sync_run (started_at_ms, id);

CREATE TABLE sync_page (
  run_id TEXT NOT NULL REFERENCES sync_run (id) ON DELETE CASCADE,
  page_number INTEGER NOT NULL,
  stored_at_ms INTEGER NOT NULL,
  PRIMARY KEY (run_id, page_number)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: an id is not given again after its row was purged, so that
-- ids keep growing.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  headers TEXT NOT NULL,
  payload BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL,
  sent_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at_ms = 0;

CREATE INDEX outbox_sent ON outbox (sent_at_ms) WHERE sent_at_ms > 0;

-- What the planner should expect (rows in all, then per leading column), rather
-- than its own guesses: plans are the same in every database.
ANALYZE;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('activity', 'activity_by_start', '1000000 1000 1 1 1'),
  ('activity', 'activity_by_sport', '1000000 1000 100 1 1 1');
