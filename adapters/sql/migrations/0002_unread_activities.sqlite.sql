-- Elements of an athlete's list that cannot be read: each has one dead letter.
CREATE TABLE unread_activity (
  athlete_id INTEGER NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  digest INTEGER NOT NULL,
  activity_id INTEGER NOT NULL,
  listed_at_ms INTEGER NOT NULL,
  redriven_from TEXT NOT NULL,
  PRIMARY KEY (athlete_id, digest)
) STRICT, WITHOUT ROWID;

-- The page whose job was held up last; 0: none.
ALTER TABLE sync_run ADD COLUMN held_at_page INTEGER NOT NULL DEFAULT 0;
