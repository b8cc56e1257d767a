-- Whether another run of some mode began before or after one is asked at every
-- page and whenever runs are erased: not to be looked for among all the others,
-- of which most are of one mode.
CREATE INDEX sync_run_by_mode
  ON sync_run (athlete_id, mode, started_at_ms, id);
