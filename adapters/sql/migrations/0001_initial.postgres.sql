-- Units are in the names; times are Unix milliseconds, UTC. Text sorts by its
-- bytes (collation C), as in every other store. Columns named raw hold Strava's
-- JSON byte for byte, which text does not promise:
-- convert_from(raw, 'UTF8')::jsonb reads it.

CREATE TABLE setting (
  name text COLLATE "C" PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);

CREATE TABLE athlete (
  id bigint PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  username text COLLATE "C" NOT NULL,
  city text COLLATE "C" NOT NULL,
  country text COLLATE "C" NOT NULL,
  profile_url text COLLATE "C" NOT NULL,
  scope text COLLATE "C" NOT NULL,
  strava_created_at_ms bigint NOT NULL,
  connected_at_ms bigint NOT NULL,
  newest_start_ms bigint NOT NULL,
  raw bytea NOT NULL
);

CREATE TABLE credential (
  athlete_id bigint PRIMARY KEY REFERENCES athlete (id) ON DELETE CASCADE,
  access_token bytea NOT NULL,
  refresh_token bytea NOT NULL,
  expires_at_ms bigint NOT NULL,
  version bigint NOT NULL,
  revoked boolean NOT NULL
);

CREATE TABLE activity (
  id bigint PRIMARY KEY,
  athlete_id bigint NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL,
  sport_type text COLLATE "C" NOT NULL,
  start_at_ms bigint NOT NULL,
  start_local_at_ms bigint NOT NULL,
  timezone text COLLATE "C" NOT NULL,
  utc_offset_s double precision NOT NULL,
  distance_m double precision NOT NULL,
  moving_time_s bigint NOT NULL,
  elapsed_time_s bigint NOT NULL,
  total_elevation_gain_m double precision NOT NULL,
  visibility text COLLATE "C" NOT NULL,
  manual boolean NOT NULL,
  trainer boolean NOT NULL,
  commute boolean NOT NULL,
  gear_id text COLLATE "C" NOT NULL,
  device_name text COLLATE "C" NOT NULL,
  summary_polyline text COLLATE "C" NOT NULL,
  average_speed_mps double precision,
  max_speed_mps double precision,
  average_heartrate_bpm double precision,
  max_heartrate_bpm double precision,
  average_cadence_rpm double precision,
  average_watts double precision,
  fetched_at_ms bigint NOT NULL,
  deleted_at_ms bigint,
  raw bytea NOT NULL
);

-- An athlete's list, newest first; the foreign key's cascade uses it too. With
-- the last column, counting what is not deleted mostly needs no row.
CREATE INDEX activity_by_start
  ON activity (athlete_id, start_at_ms, id, deleted_at_ms);

-- The same with a filter by sport.
CREATE INDEX activity_by_sport
  ON activity (athlete_id, sport_type, start_at_ms, id, deleted_at_ms);

CREATE TABLE sync_run (
  id text COLLATE "C" PRIMARY KEY,
  athlete_id bigint NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  mode bigint NOT NULL,
  state bigint NOT NULL,
  reason text COLLATE "C" NOT NULL,
  started_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  finished_at_ms bigint NOT NULL,
  resumes_at_ms bigint NOT NULL,
  pages_stored bigint NOT NULL,
  pages_total bigint NOT NULL,
  newest_start_ms bigint NOT NULL,
  oldest_start_ms bigint NOT NULL,
  activities_listed bigint NOT NULL,
  first_fetched_at_ms bigint NOT NULL,
  next_job bytea NOT NULL
);

CREATE INDEX sync_run_by_athlete ON sync_run (athlete_id, started_at_ms, id);

CREATE INDEX sync_run_by_start ON sync_run (started_at_ms, id);

CREATE TABLE sync_page (
  run_id text COLLATE "C" NOT NULL REFERENCES sync_run (id) ON DELETE CASCADE,
  page_number bigint NOT NULL,
  stored_at_ms bigint NOT NULL,
  PRIMARY KEY (run_id, page_number)
);

-- Ids grow and are not given again. They may be committed in another order than
-- they were given in: readers go by sent_at_ms, not by the last id they saw.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  headers text COLLATE "C" NOT NULL,
  payload bytea NOT NULL,
  created_at_ms bigint NOT NULL,
  sent_at_ms bigint NOT NULL
);

CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at_ms = 0;

CREATE INDEX outbox_sent ON outbox (sent_at_ms) WHERE sent_at_ms > 0;

-- Rows come and go all the time: clean up early, or reading the few that wait
-- means stepping over the many that went.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02);

-- Several times faster than the default, where the server was built with it.
DO $$
BEGIN
  EXECUTE 'ALTER TABLE activity ALTER raw SET COMPRESSION lz4';
  EXECUTE 'ALTER TABLE athlete ALTER raw SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error
    OR invalid_parameter_value THEN
  NULL;
END
$$;
