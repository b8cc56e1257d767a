#include "adapters/sql/queries.hpp"

#include "adapters/sql/entities.hpp"

namespace stravasync::sql {

namespace {

constexpr auto sums
  = "count(*), coalesce(sum(distance_m), 0), coalesce(sum(moving_time_s), 0), "
    "coalesce(sum(total_elevation_gain_m), 0)";

} // namespace

named_queries make_queries(const dialect& with) {
  auto p1 = with.placeholder(1);
  auto p2 = with.placeholder(2);
  auto p3 = with.placeholder(3);
  auto live = " FROM activity WHERE athlete_id = " + p1
              + " AND deleted_at_ms IS NULL";
  auto month = with.month_of_ms("start_local_at_ms");
  return {
    .totals = "SELECT sport_type, '', " + std::string{sums} + live
              + " GROUP BY sport_type ORDER BY count(*) DESC, sport_type",
    .totals_by_month = "SELECT sport_type, " + month + ", " + sums + live
                       + " GROUP BY sport_type, 2"
                         " ORDER BY 2, count(*) DESC, sport_type",
    .count_activities = "SELECT count(*)" + live,
    .count_unread = "SELECT count(*) FROM unread_activity WHERE athlete_id = "
                    + p1,
    .not_fetched_since = "SELECT id" + live + " AND fetched_at_ms < " + p2
                         + " ORDER BY id LIMIT " + p3,
    .mark_deleted = "UPDATE activity SET deleted_at_ms = " + p2 + " WHERE "
                    + with.matches("id", 1) + " AND deleted_at_ms IS NULL",
    .newest_run = "SELECT " + column_list(shape_of<sync_run>)
                  + " FROM sync_run WHERE athlete_id = " + p1
                  + " ORDER BY started_at_ms DESC, id DESC LIMIT 1",
    .unsent = "SELECT " + column_list(shape_of<outbox_message>)
              + " FROM outbox WHERE sent_at_ms = 0 ORDER BY id LIMIT " + p1,
    .mark_sent = "UPDATE outbox SET sent_at_ms = " + p2 + " WHERE "
                 + with.matches("id", 1) + " AND sent_at_ms = 0",
    .purge_sent = "DELETE FROM outbox WHERE sent_at_ms > 0 AND sent_at_ms < "
                  + p1,
  };
}

} // namespace stravasync::sql
