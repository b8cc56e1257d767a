#include "adapters/sql/queries.hpp"

#include "adapters/sql/entities.hpp"
#include "messages/events.pb.h"
#include "messages/jobs.pb.h"

#include <string>

namespace stravasync::sql {

namespace {

// In the units of the entities: metres, as many as they are.
constexpr auto sums = "CAST(sum(activities) AS bigint), "
                      "CAST(sum(distance_mm) AS double precision) / 1000, "
                      "CAST(sum(moving_time_s) AS bigint), "
                      "CAST(sum(elevation_gain_mm) AS double precision) / 1000";

/// @returns the column, or `limit` if that is less.
std::string not_after(const std::string& column, const std::string& limit) {
  return "CASE WHEN " + column + " > " + limit + " THEN " + limit + " ELSE "
         + column + " END";
}

figures_queries make_figures(const dialect& with) {
  auto given = " WHERE " + with.among("athlete_id", 1);
  return {
    .newest_runs = "SELECT " + column_list(shape_of<sync_run>)
                   + " FROM sync_run WHERE id IN (SELECT (SELECT id FROM "
                     "sync_run WHERE athlete_id = given.value ORDER BY "
                     "started_at_ms DESC, id DESC LIMIT 1) FROM "
                   + with.each_of(1) + ")",
    .counts = "SELECT athlete_id, " + std::to_string(counted_activities)
              + ", CAST(sum(activities) AS bigint), 0 FROM activity_total"
              + given + " GROUP BY athlete_id UNION ALL SELECT athlete_id, "
              + std::to_string(counted_unread)
              + ", count(*), 0 FROM unread_activity" + given
              + " GROUP BY athlete_id UNION ALL SELECT athlete_id, kind, "
                "count(*), min(since_ms) FROM absence"
              + given + " GROUP BY athlete_id, kind",
  };
}

/// Compares the end of a turn with what one that begins now would have: clocks
/// of nodes that are right differ by less.
constexpr auto far_beyond = " - 60000 > ";

/// "WHERE" the outbox row is one of those and nobody else changes it.
std::string free_outbox(const dialect& with, const std::string& which) {
  return " WHERE id IN (SELECT id FROM outbox WHERE " + which
         + std::string{with.free_rows} + ")";
}

/// The same for the one turn.
std::string free_turn(const dialect& with, const std::string& which) {
  return " WHERE id IN (SELECT id FROM relay_turn WHERE " + which
         + std::string{with.free_rows} + ")";
}

outbox_queries make_outbox(const dialect& with) {
  auto p1 = with.placeholder(1);
  auto p2 = with.placeholder(2);
  auto p3 = with.placeholder(3);
  auto p4 = with.placeholder(4);
  auto p5 = with.placeholder(5);
  return {
    .unsent = "SELECT " + column_list(shape_of<outbox_message>)
              + " FROM outbox WHERE sent_at_ms = 0 AND subject NOT LIKE " + p2
              + " AND subject NOT LIKE " + p3 + " AND subject NOT LIKE " + p4
              + " AND subject NOT LIKE " + p5 + " ORDER BY id LIMIT " + p1,
    .mark_sent = "UPDATE outbox SET sent_at_ms = " + p2
                 + free_outbox(with, with.matches("id", 1)
                                       + " AND sent_at_ms = 0 ORDER BY id"),
    .take_turn = "UPDATE relay_turn SET holder = " + p1 + ", until_ms = " + p3
                 + free_turn(with, "holder = " + p1 + " OR until_ms <= " + p2
                                     + " OR until_ms" + std::string{far_beyond}
                                     + p3),
    .leave_turn = "UPDATE relay_turn SET until_ms = 0"
                  + free_turn(with, "holder = " + p1),
    .take_up_again = "UPDATE outbox SET sent_at_ms = 0"
                     + free_outbox(with, "sent_at_ms < 0 ORDER BY id"),
    .purge_sent = "DELETE FROM outbox"
                  + free_outbox(with, "sent_at_ms > 0 AND sent_at_ms < " + p1),
    .last_sent = "SELECT " + column_list(shape_of<outbox_message>)
                 + " FROM outbox WHERE sent_sequence > 0 AND subject LIKE " + p1
                 + " ORDER BY sent_sequence DESC LIMIT 1",
    .send_again = "UPDATE outbox SET sent_at_ms = 0, sent_sequence = 0 WHERE "
                  "sent_at_ms > 0 AND subject LIKE "
                  + p1,
  };
}

clock_queries make_clocks(const dialect& with) {
  auto p1 = with.placeholder(1);
  auto p2 = with.placeholder(2);
  auto p3 = with.placeholder(3);
  return {
    .bring_runs_back
    = "UPDATE sync_run SET started_at_ms = started_at_ms + " + p1
      + " - (SELECT max(started_at_ms) FROM sync_run), updated_at_ms = "
      + not_after("updated_at_ms", p1) + ", finished_at_ms = "
      + not_after("finished_at_ms", p1) + ", first_fetched_at_ms = "
      + not_after("first_fetched_at_ms", p1) + " WHERE started_at_ms > " + p2,
    .look_for_fetched_after
    = "SELECT count(CASE WHEN fetched_at_ms > " + p1 + " OR deleted_at_ms > "
      + p1
      + " THEN 1 END), coalesce(max(id), 0) FROM (SELECT id, "
        "fetched_at_ms, deleted_at_ms FROM activity WHERE id > "
      + p2 + " ORDER BY id LIMIT " + p3 + ") AS looked_at",
    .bring_fetched_back
    = "UPDATE activity SET fetched_at_ms = " + not_after("fetched_at_ms", p1)
      + ", deleted_at_ms = " + not_after("deleted_at_ms", p1)
      + " WHERE fetched_at_ms > " + p2 + " OR deleted_at_ms > " + p2,
    .bring_listed_back = "UPDATE unread_activity SET listed_at_ms = " + p1
                         + " WHERE listed_at_ms > " + p2,
    .bring_absences_back = "UPDATE absence SET since_ms = " + p1
                           + " WHERE since_ms > " + p2,
    .bring_sent_back = "UPDATE outbox SET sent_at_ms = " + p1
                       + " WHERE sent_at_ms > 0 AND sent_at_ms > " + p2,
  };
}

} // namespace

named_queries make_queries(const dialect& with) {
  auto p1 = with.placeholder(1);
  auto p2 = with.placeholder(2);
  auto p3 = with.placeholder(3);
  auto live = " FROM activity WHERE athlete_id = " + p1
              + " AND deleted_at_ms IS NULL";
  auto complete = std::to_string(events::v1::SYNC_STATE_COMPLETE);
  auto kept = " FROM activity_total WHERE athlete_id = " + p1;
  return {
    .totals = "SELECT sport_type, '', " + std::string{sums} + kept
              + " GROUP BY sport_type"
                " ORDER BY sum(activities) DESC, sport_type",
    .totals_by_month = "SELECT sport_type, month, " + std::string{sums} + kept
                       + " GROUP BY month, sport_type"
                         " ORDER BY month, sum(activities) DESC, sport_type",
    .count_activities = "SELECT CAST(coalesce(sum(activities), 0) AS bigint)"
                        + kept,
    .count_unread = "SELECT count(*) FROM unread_activity WHERE athlete_id = "
                    + p1,
    .figures = make_figures(with),
    .not_fetched_since = "SELECT id" + live + " AND fetched_at_ms < " + p2
                         + " ORDER BY id LIMIT " + p3,
    .mark_deleted = "UPDATE activity SET deleted_at_ms = " + p2 + " WHERE "
                    + with.matches("id", 1) + " AND deleted_at_ms IS NULL",
    .absences_of = "SELECT kind, count(*), min(since_ms) FROM absence WHERE "
                   "athlete_id = "
                   + p1 + " GROUP BY kind",
    .end_absences = "DELETE FROM absence WHERE "
                    + with.matches("activity_id", 1) + " AND since_ms <= " + p2,
    .newest_run = "SELECT " + column_list(shape_of<sync_run>)
                  + " FROM sync_run WHERE athlete_id = " + p1
                  + " ORDER BY started_at_ms DESC, id DESC LIMIT 1",
    .erase_runs
    = "DELETE FROM sync_run WHERE id IN (SELECT id FROM sync_run AS r WHERE "
      "finished_at_ms > 0 AND finished_at_ms < "
      + p1 + " AND mode <> " + std::to_string(jobs::v1::SYNC_MODE_BACKFILL)
      + " AND EXISTS (SELECT 1 FROM sync_run AS n WHERE n.athlete_id = "
        "r.athlete_id AND n.started_at_ms > r.started_at_ms AND n.mode = "
        "r.mode AND (n.state = "
      + complete + " OR r.state <> " + complete + ")) LIMIT " + p2
      + std::string{with.free_rows} + ")",
    .outbox = make_outbox(with),
    .clocks = make_clocks(with),
  };
}

} // namespace stravasync::sql
