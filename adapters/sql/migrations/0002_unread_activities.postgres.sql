-- Elements of an athlete's list that cannot be read: each has one dead letter.
CREATE TABLE unread_activity (
  athlete_id BIGINT NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  digest BIGINT NOT NULL,
  activity_id BIGINT NOT NULL,
  listed_at_ms BIGINT NOT NULL,
  redriven_from TEXT NOT NULL,
  PRIMARY KEY (athlete_id, digest)
);

-- The page whose job was held up last; 0: none.
ALTER TABLE sync_run ADD COLUMN held_at_page BIGINT NOT NULL DEFAULT 0;
