-- Runs that go on are looked through all the time.
CREATE INDEX sync_run_unfinished
  ON sync_run (finished_at_ms, started_at_ms, id);

-- Activities that the last whole list did not have and that are not deleted.
-- Few: a table of their own leaves the rows of activity as they are.
CREATE TABLE absence (
  activity_id INTEGER PRIMARY KEY REFERENCES activity (id) ON DELETE CASCADE,
  athlete_id INTEGER NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  kind INTEGER NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX absence_by_athlete ON absence (athlete_id, kind, since_ms);
