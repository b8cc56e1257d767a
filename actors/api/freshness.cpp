#include "actors/api/freshness.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace stravasync {

namespace {

using relation = condition::relation;

/// Re-lists of which one may still end after an incremental run.
constexpr auto relists_max = std::uint32_t{5};
/// Incremental runs that a page may come after.
constexpr auto later_max = std::uint32_t{200};

condition is_of_mode(jobs::v1::SyncMode mode) {
  return {"mode", relation::equal, std::int64_t{mode}};
}

bool lists(const sync_run& run, const activity& row) {
  return run.activities_listed > 0 && row.start_at_ms >= run.oldest_start_ms
         && row.start_at_ms <= run.newest_start_ms;
}

/// @returns incremental runs that began after the page's run, and of which all
/// pages stored were fetched after this one.
caf::expected<std::vector<sync_run>>
later_runs(transaction& tx, const ingest::v1::ActivitiesPage& page) {
  auto runs = tx.sync_runs().list(
    {.where
     = {{"athlete_id", relation::equal, page.athlete_id()},
        {"started_at_ms", relation::at_least, page.run_started_at_ms() + 1},
        is_of_mode(jobs::v1::SYNC_MODE_INCREMENTAL)},
     .limit = later_max});
  if (!runs)
    return runs.error();
  std::erase_if(runs->items, [&](const sync_run& one) {
    return one.first_fetched_at_ms <= page.fetched_at_ms();
  });
  return std::move(runs->items);
}

/// Puts what is `stored` in the row's place, as of the row's time, if it is the
/// athlete's and there. @returns whether it is.
bool stand_in(activity& row, const activity& stored) {
  if (stored.athlete_id != row.athlete_id || stored.deleted_at_ms)
    return false;
  auto listed_at = std::max(stored.fetched_at_ms, row.fetched_at_ms);
  row = stored;
  row.fetched_at_ms = listed_at;
  return true;
}

} // namespace

caf::expected<unix_ms>
touch_before(transaction& tx, const ingest::v1::ActivitiesPage& page) {
  if (page.mode() != jobs::v1::SYNC_MODE_INCREMENTAL)
    return std::numeric_limits<unix_ms>::max();
  auto relists = tx.sync_runs().list(
    {.where = {{"athlete_id", relation::equal, page.athlete_id()},
               is_of_mode(jobs::v1::SYNC_MODE_RELIST)},
     .limit = relists_max});
  if (!relists)
    return relists.error();
  auto result = unix_ms{0};
  for (const auto& one : relists->items)
    result = std::max(result, one.first_fetched_at_ms);
  return result;
}

caf::error
leave_out_outdated(transaction& tx, const ingest::v1::ActivitiesPage& page,
                   std::vector<activity>& rows) {
  auto later = later_runs(tx, page);
  if (!later || later->empty())
    return later ? caf::error{} : later.error();
  auto is_listed = [&](const activity& row) {
    return std::ranges::any_of(
      *later, [&](const auto& one) { return lists(one, row); });
  };
  std::vector<std::int64_t> ids;
  for (const auto& row : rows)
    if (is_listed(row))
      ids.push_back(row.id);
  auto remembers = page.mode() != jobs::v1::SYNC_MODE_INCREMENTAL;
  auto stored = tx.activities().get_many(ids, remembers ? raw_json::included
                                                        : raw_json::left_out);
  if (!stored)
    return stored.error();
  std::unordered_map<std::int64_t, activity> known;
  for (auto& one : *stored)
    known.emplace(one.id, std::move(one));
  std::vector<activity> kept;
  for (auto& row : rows) {
    auto found = known.find(row.id);
    auto outdated = found != known.end() && is_listed(row);
    if (!outdated || (remembers && stand_in(row, found->second)))
      kept.push_back(std::move(row));
  }
  rows = std::move(kept);
  return {};
}

} // namespace stravasync
