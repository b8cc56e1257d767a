-- Half a millimetre counts as a whole one, up or down, as in SQLite: round()
-- takes it to the even one, so a database made again elsewhere would differ.
LOCK TABLE activity IN SHARE ROW EXCLUSIVE MODE;

CREATE OR REPLACE FUNCTION activity_mm(metres double precision) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN metres BETWEEN -1e9 AND 1e9
    THEN trunc(metres * 1000 + CASE WHEN metres < 0 THEN -0.5 ELSE 0.5 END)
      ::bigint
    ELSE 0
  END
$$;

SET LOCAL enable_seqscan = on;

DELETE FROM activity_total;

INSERT INTO activity_total
SELECT athlete_id, activity_month(start_local_at_ms), sport_type, count(*),
  sum(activity_mm(distance_m)), sum(activity_s(moving_time_s)),
  sum(activity_mm(total_elevation_gain_m))
FROM activity
WHERE deleted_at_ms IS NULL
GROUP BY 1, 2, 3;

SET LOCAL enable_seqscan = off;
