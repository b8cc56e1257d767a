#include "actors/api/start_times.hpp"

#include <algorithm>

namespace stravasync {

caf::error correct_newest(transaction& tx, athlete& whose, unix_ms now) {
  using relation = condition::relation;
  if (whose.newest_start_ms <= now + clocks_apart_max_ms)
    return {};
  auto newest = tx.activities().list(
    {.where = {{"athlete_id", relation::equal, whose.id},
               {"deleted_at_ms", relation::is_null, {}},
               {"start_at_ms", relation::less_than, now + clocks_apart_max_ms}},
     .limit = 1,
     .raw = raw_json::left_out});
  if (!newest)
    return newest.error();
  whose.newest_start_ms
    = newest->items.empty() ? 0 : newest->items.front().start_at_ms;
  return {};
}

caf::expected<unix_ms>
start_after(transaction& tx, const std::optional<sync_run>& newest,
            unix_ms now) {
  if (!newest)
    return now;
  auto ahead = now + clocks_apart_max_ms;
  if (newest->started_at_ms <= ahead)
    return std::max(now, newest->started_at_ms + 1);
  auto hit = tx.queries().bring_back(now, ahead);
  if (!hit)
    return hit.error();
  return now + 1;
}

} // namespace stravasync
