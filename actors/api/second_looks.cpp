#include "actors/api/second_looks.hpp"

#include "actors/api/absences.hpp"
#include "actors/api/lost_runs.hpp"
#include "actors/api/progress.hpp"
#include "actors/api/records.hpp"

#include <set>
#include <utility>

namespace stravasync {

namespace {

/// Absences looked at in one go: a small history has few.
constexpr auto absences_max = std::uint32_t{1'000};

/// @returns whether a re-list began after `before_ms`: if that could not
/// decide, it is no use to try again at once.
caf::expected<bool>
was_listed_after(transaction& tx, std::int64_t athlete_id, unix_ms before_ms) {
  using relation = condition::relation;
  auto rows = tx.sync_runs().list(
    {.where
     = {{"athlete_id", relation::equal, athlete_id},
        {"mode", relation::equal, std::int64_t{jobs::v1::SYNC_MODE_RELIST}},
        {"started_at_ms", relation::at_least, before_ms + 1}},
     .limit = 1});
  return rows ? caf::expected<bool>{!rows->items.empty()} : rows.error();
}

list_query missed_by(unix_ms before_ms) {
  list_query query;
  query.where.push_back({"kind", condition::relation::equal,
                         static_cast<std::int64_t>(absence_kind::unseen)});
  query.where.push_back(
    {"since_ms", condition::relation::less_than, before_ms + 1});
  query.limit = absences_max;
  return query;
}

/// @returns whether there is still something to decide about.
caf::expected<bool>
misses_some(transaction& tx, std::int64_t athlete_id, unix_ms before_ms) {
  auto query = missed_by(before_ms);
  query.where.push_back({"athlete_id", condition::relation::equal, athlete_id});
  query.limit = 1;
  auto rows = tx.absences().list(query);
  return rows ? caf::expected<bool>{!rows->items.empty()} : rows.error();
}

} // namespace

caf::expected<bool> begin_second_look(transaction& tx, std::int64_t athlete_id,
                                      unix_ms before_ms, unix_ms now) {
  auto missed = misses_some(tx, athlete_id, before_ms);
  if (!missed || !*missed)
    return missed;
  auto whose = find_athlete(tx, athlete_id);
  if (!whose)
    return whose.error();
  auto keys = tx.credentials().get({athlete_id});
  if (!keys)
    return keys.error();
  auto newest = tx.queries().newest_run(athlete_id);
  if (!newest)
    return newest.error();
  auto may = *keys && !(*keys)->revoked && may_list_activities(whose->scope);
  auto is_free
    = *newest && has_history(**newest)
      && is_final(static_cast<events::v1::SyncState>((*newest)->state));
  if (!may || !is_free)
    return false;
  auto listed = was_listed_after(tx, athlete_id, before_ms);
  if (!listed || *listed)
    return listed ? caf::expected<bool>{false} : listed.error();
  auto why = start_run(tx, *whose, *newest, jobs::v1::SYNC_MODE_RELIST,
                       jobs::v1::LANE_BACKFILL, now, 0);
  return why ? caf::expected<bool>{why} : true;
}

caf::expected<std::vector<std::int64_t>>
athletes_to_look_at_again(transaction& tx, unix_ms before_ms) {
  auto query = missed_by(before_ms);
  std::set<std::int64_t> athletes;
  do {
    auto rows = tx.absences().list(query);
    if (!rows)
      return rows.error();
    for (const auto& one : rows->items)
      athletes.insert(one.athlete_id);
    query.after = std::move(rows->next);
  } while (!query.after.empty());
  return std::vector<std::int64_t>(athletes.begin(), athletes.end());
}

} // namespace stravasync
