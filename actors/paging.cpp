#include "actors/paging.hpp"

#include <algorithm>

namespace stravasync {

namespace {

using jobs::v1::ListPosition;

bool seen(const ListPosition& at, std::int64_t id) {
  return std::ranges::find(at.seen_ids(), id) != at.seen_ids().end();
}

/// @returns the position whose time bound is `boundary_s`, set one second into
/// what is known, with the ids of that second.
ListPosition
beyond(const ListPosition& at, std::int64_t boundary_s, bool descending,
       const std::vector<listed_activity>& items) {
  ListPosition next;
  next.set_page(1);
  if (descending)
    next.set_before_s(boundary_s + 1);
  else
    next.set_after_s(boundary_s - 1);
  if (at.before_s() == next.before_s() && at.after_s() == next.after_s())
    *next.mutable_seen_ids() = at.seen_ids();
  for (const auto& item : items)
    if (item.start_s == boundary_s && !seen(next, item.id))
      next.add_seen_ids(item.id);
  return next;
}

} // namespace

std::string
page_message_id(const std::string& run_id, std::uint32_t page_number) {
  return run_id + "/" + std::to_string(page_number);
}

ListPosition
first_position(jobs::v1::SyncMode mode, std::int64_t newest_start_s,
               std::int64_t overlap_s) {
  ListPosition result;
  result.set_page(1);
  if (mode == jobs::v1::SYNC_MODE_INCREMENTAL)
    result.set_after_s(std::max<std::int64_t>(1, newest_start_s - overlap_s));
  return result;
}

page_step step(jobs::v1::SyncMode mode, const ListPosition& at,
               std::vector<listed_activity> items, std::uint32_t per_page) {
  page_step result;
  if (items.empty())
    return result;
  auto same_bound = at;
  same_bound.set_page(std::max(1u, at.page()) + 1);
  auto full = items.size() >= per_page;
  if (full) {
    auto boundary_s = items.back().start_s;
    auto descending = at.after_s() == 0;
    auto next = beyond(at, boundary_s, descending, items);
    // A whole page within one second moves no time cursor: turn the page.
    auto stuck = next.before_s() == at.before_s()
                 && next.after_s() == at.after_s();
    result.next = stuck ? same_bound : next;
  } else if (mode != jobs::v1::SYNC_MODE_INCREMENTAL) {
    result.next = same_bound;
  }
  for (auto& item : items)
    if (!seen(at, item.id))
      result.fresh.push_back(std::move(item));
  return result;
}

} // namespace stravasync
