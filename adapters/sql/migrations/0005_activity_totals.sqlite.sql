-- What the live activities of an athlete come to, by month of their local start
-- and sport: kept as they change, since counting them takes longer each year.
-- Whole millimetres, because sums of fractions drift as rows come and go. What
-- is beyond all that is real counts as 0, its month as ''. No row counts 0.
CREATE TABLE activity_total (
  athlete_id INTEGER NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  month TEXT NOT NULL,
  sport_type TEXT NOT NULL,
  activities INTEGER NOT NULL,
  distance_mm INTEGER NOT NULL,
  moving_time_s INTEGER NOT NULL,
  elevation_gain_mm INTEGER NOT NULL,
  PRIMARY KEY (athlete_id, month, sport_type)
) STRICT, WITHOUT ROWID;

-- What each live activity adds to them.
CREATE VIEW activity_share AS
SELECT
  id,
  athlete_id,
  CASE
    WHEN start_local_at_ms BETWEEN -62135596800000 AND 253402300799999
    THEN strftime('%Y-%m', start_local_at_ms / 1000, 'unixepoch')
    ELSE ''
  END AS month,
  sport_type,
  CASE
    WHEN distance_m BETWEEN -1e9 AND 1e9
    THEN CAST(round(distance_m * 1000) AS INTEGER)
    ELSE 0
  END AS distance_mm,
  CASE
    WHEN moving_time_s BETWEEN -1000000000 AND 1000000000
    THEN moving_time_s
    ELSE 0
  END AS moving_time_s,
  CASE
    WHEN total_elevation_gain_m BETWEEN -1e9 AND 1e9
    THEN CAST(round(total_elevation_gain_m * 1000) AS INTEGER)
    ELSE 0
  END AS elevation_gain_mm
FROM activity
WHERE deleted_at_ms IS NULL;

INSERT INTO activity_total
SELECT athlete_id, month, sport_type, count(*), sum(distance_mm),
  sum(moving_time_s), sum(elevation_gain_mm)
FROM activity_share
GROUP BY 1, 2, 3;

-- Who inserts activities adds their shares, once for all of a page: a trigger,
-- which runs for each row, would make storing one twice as dear.

CREATE TRIGGER activity_total_delete AFTER DELETE ON activity
WHEN old.deleted_at_ms IS NULL
BEGIN
  UPDATE activity_total SET
    activities = activities - 1,
    distance_mm = distance_mm - CASE
      WHEN old.distance_m BETWEEN -1e9 AND 1e9
      THEN CAST(round(old.distance_m * 1000) AS INTEGER)
      ELSE 0
    END,
    moving_time_s = activity_total.moving_time_s - CASE
      WHEN old.moving_time_s BETWEEN -1000000000 AND 1000000000
      THEN old.moving_time_s
      ELSE 0
    END,
    elevation_gain_mm = elevation_gain_mm - CASE
      WHEN old.total_elevation_gain_m BETWEEN -1e9 AND 1e9
      THEN CAST(round(old.total_elevation_gain_m * 1000) AS INTEGER)
      ELSE 0
    END
  WHERE athlete_id = old.athlete_id
    AND month = CASE
      WHEN old.start_local_at_ms BETWEEN -62135596800000 AND 253402300799999
      THEN strftime('%Y-%m', old.start_local_at_ms / 1000, 'unixepoch')
      ELSE ''
    END
    AND sport_type = old.sport_type
    AND old.deleted_at_ms IS NULL;
  DELETE FROM activity_total
  WHERE athlete_id = old.athlete_id
    AND month = CASE
      WHEN old.start_local_at_ms BETWEEN -62135596800000 AND 253402300799999
      THEN strftime('%Y-%m', old.start_local_at_ms / 1000, 'unixepoch')
      ELSE ''
    END
    AND sport_type = old.sport_type
    AND activities = 0;
END;

-- An edit leaves what it adds up to as it is, mostly.
CREATE TRIGGER activity_total_update AFTER UPDATE OF athlete_id, sport_type,
  start_local_at_ms, distance_m, moving_time_s, total_elevation_gain_m,
  deleted_at_ms ON activity
WHEN (old.deleted_at_ms IS NULL) <> (new.deleted_at_ms IS NULL)
  OR new.deleted_at_ms IS NULL
    AND (old.athlete_id, old.sport_type, old.start_local_at_ms, old.distance_m,
        old.moving_time_s, old.total_elevation_gain_m)
      <> (new.athlete_id, new.sport_type, new.start_local_at_ms,
        new.distance_m, new.moving_time_s, new.total_elevation_gain_m)
BEGIN
  UPDATE activity_total SET
    activities = activities - 1,
    distance_mm = distance_mm - CASE
      WHEN old.distance_m BETWEEN -1e9 AND 1e9
      THEN CAST(round(old.distance_m * 1000) AS INTEGER)
      ELSE 0
    END,
    moving_time_s = activity_total.moving_time_s - CASE
      WHEN old.moving_time_s BETWEEN -1000000000 AND 1000000000
      THEN old.moving_time_s
      ELSE 0
    END,
    elevation_gain_mm = elevation_gain_mm - CASE
      WHEN old.total_elevation_gain_m BETWEEN -1e9 AND 1e9
      THEN CAST(round(old.total_elevation_gain_m * 1000) AS INTEGER)
      ELSE 0
    END
  WHERE athlete_id = old.athlete_id
    AND month = CASE
      WHEN old.start_local_at_ms BETWEEN -62135596800000 AND 253402300799999
      THEN strftime('%Y-%m', old.start_local_at_ms / 1000, 'unixepoch')
      ELSE ''
    END
    AND sport_type = old.sport_type
    AND old.deleted_at_ms IS NULL;
  DELETE FROM activity_total
  WHERE athlete_id = old.athlete_id
    AND month = CASE
      WHEN old.start_local_at_ms BETWEEN -62135596800000 AND 253402300799999
      THEN strftime('%Y-%m', old.start_local_at_ms / 1000, 'unixepoch')
      ELSE ''
    END
    AND sport_type = old.sport_type
    AND activities = 0;
  INSERT INTO activity_total
  SELECT athlete_id, month, sport_type, 1, distance_mm, moving_time_s,
    elevation_gain_mm
  FROM activity_share
  WHERE id = new.id
  ON CONFLICT DO UPDATE SET
    activities = activities + 1,
    distance_mm = distance_mm + excluded.distance_mm,
    moving_time_s = moving_time_s + excluded.moving_time_s,
    elevation_gain_mm = elevation_gain_mm + excluded.elevation_gain_mm;
END;
