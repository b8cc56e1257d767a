-- What the live activities of an athlete come to, by month of their local start
-- and sport: kept as they change, since counting them takes longer each year.
-- Whole millimetres, because sums of fractions drift as rows come and go. What
-- is beyond all that is real counts as 0, its month as ''. No row counts 0.
CREATE TABLE activity_total (
  athlete_id bigint NOT NULL REFERENCES athlete (id) ON DELETE CASCADE,
  month text COLLATE "C" NOT NULL,
  sport_type text COLLATE "C" NOT NULL,
  activities bigint NOT NULL,
  distance_mm bigint NOT NULL,
  moving_time_s bigint NOT NULL,
  elevation_gain_mm bigint NOT NULL,
  PRIMARY KEY (athlete_id, month, sport_type)
);

-- A total changes with each page: room for that beside it, cleaned up early.
ALTER TABLE activity_total
  SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

CREATE FUNCTION activity_month(at_ms bigint) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN at_ms BETWEEN -62135596800000 AND 253402300799999
    THEN to_char(to_timestamp(at_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM')
    ELSE ''
  END
$$;

CREATE FUNCTION activity_mm(metres double precision) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN metres BETWEEN -1e9 AND 1e9 THEN round(metres * 1000)::bigint
    ELSE 0
  END
$$;

CREATE FUNCTION activity_s(seconds bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN seconds BETWEEN -1000000000 AND 1000000000 THEN seconds
    ELSE 0
  END
$$;

-- Once for all rows of a statement, so that a page comes to a few totals.
CREATE FUNCTION activity_total_insert() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO activity_total AS kept
  SELECT athlete_id, activity_month(start_local_at_ms), sport_type, count(*),
    sum(activity_mm(distance_m)), sum(activity_s(moving_time_s)),
    sum(activity_mm(total_elevation_gain_m))
  FROM new_rows
  WHERE deleted_at_ms IS NULL
  GROUP BY 1, 2, 3
  ORDER BY 1, 2, 3
  ON CONFLICT (athlete_id, month, sport_type) DO UPDATE SET
    activities = kept.activities + excluded.activities,
    distance_mm = kept.distance_mm + excluded.distance_mm,
    moving_time_s = kept.moving_time_s + excluded.moving_time_s,
    elevation_gain_mm = kept.elevation_gain_mm + excluded.elevation_gain_mm;
  RETURN NULL;
END
$$;

CREATE FUNCTION activity_total_delete() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  -- Those of an athlete who is being erased may be gone already.
  UPDATE activity_total AS kept SET
    activities = kept.activities - gone.activities,
    distance_mm = kept.distance_mm - gone.distance_mm,
    moving_time_s = kept.moving_time_s - gone.moving_time_s,
    elevation_gain_mm = kept.elevation_gain_mm - gone.elevation_gain_mm
  FROM (
    SELECT athlete_id, activity_month(start_local_at_ms) AS month, sport_type,
      count(*) AS activities, sum(activity_mm(distance_m)) AS distance_mm,
      sum(activity_s(moving_time_s)) AS moving_time_s,
      sum(activity_mm(total_elevation_gain_m)) AS elevation_gain_mm
    FROM old_rows
    WHERE deleted_at_ms IS NULL
    GROUP BY 1, 2, 3
  ) AS gone
  WHERE kept.athlete_id = gone.athlete_id AND kept.month = gone.month
    AND kept.sport_type = gone.sport_type;
  IF FOUND THEN
    DELETE FROM activity_total WHERE activities = 0
      AND athlete_id IN (SELECT athlete_id FROM old_rows);
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION activity_total_update() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  -- What leaves a total has been in it: no total is made that counts below 0.
  INSERT INTO activity_total AS kept
  SELECT athlete_id, activity_month(start_local_at_ms), sport_type, sum(n),
    sum(n * activity_mm(distance_m)), sum(n * activity_s(moving_time_s)),
    sum(n * activity_mm(total_elevation_gain_m))
  FROM (
    SELECT 1 AS n, athlete_id, start_local_at_ms, sport_type, distance_m,
      moving_time_s, total_elevation_gain_m
    FROM new_rows
    WHERE deleted_at_ms IS NULL
    UNION ALL
    SELECT -1, athlete_id, start_local_at_ms, sport_type, distance_m,
      moving_time_s, total_elevation_gain_m
    FROM old_rows
    WHERE deleted_at_ms IS NULL
  ) AS changed
  GROUP BY 1, 2, 3
  HAVING sum(n) <> 0 OR sum(n * activity_mm(distance_m)) <> 0
    OR sum(n * activity_s(moving_time_s)) <> 0
    OR sum(n * activity_mm(total_elevation_gain_m)) <> 0
  ORDER BY 1, 2, 3
  ON CONFLICT (athlete_id, month, sport_type) DO UPDATE SET
    activities = kept.activities + excluded.activities,
    distance_mm = kept.distance_mm + excluded.distance_mm,
    moving_time_s = kept.moving_time_s + excluded.moving_time_s,
    elevation_gain_mm = kept.elevation_gain_mm + excluded.elevation_gain_mm;
  IF FOUND THEN
    DELETE FROM activity_total WHERE activities = 0
      AND athlete_id IN (SELECT athlete_id FROM old_rows);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER activity_total_insert AFTER INSERT ON activity
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION activity_total_insert();

CREATE TRIGGER activity_total_update AFTER UPDATE ON activity
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION activity_total_update();

CREATE TRIGGER activity_total_delete AFTER DELETE ON activity
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION activity_total_delete();

-- After the triggers, which keep other writers out until this is committed.
SET LOCAL enable_seqscan = on;

INSERT INTO activity_total
SELECT athlete_id, activity_month(start_local_at_ms), sport_type, count(*),
  sum(activity_mm(distance_m)), sum(activity_s(moving_time_s)),
  sum(activity_mm(total_elevation_gain_m))
FROM activity
WHERE deleted_at_ms IS NULL
GROUP BY 1, 2, 3;

SET LOCAL enable_seqscan = off;
