#include "actors/paging.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

using jobs::v1::ListPosition;

constexpr auto hour_s = std::int64_t{3'600};

/// Removes what an earlier page carried, each once.
class carried_before {
public:
  explicit carried_before(const ListPosition& at)
    : ids_{at.seen_ids().begin(), at.seen_ids().end()},
      digests_{at.seen_digests().begin(), at.seen_digests().end()} {
  }

  bool take(const listed_activity& item) {
    if (item.id > 0)
      return std::ranges::find(ids_, item.id) != ids_.end();
    auto found = std::ranges::find(digests_, element_digest(item.json));
    if (found == digests_.end())
      return false;
    digests_.erase(found);
    return true;
  }

private:
  std::vector<std::int64_t> ids_;
  std::vector<std::uint64_t> digests_;
};

bool is_descending(const ListPosition& at) {
  return !at.has_after_s();
}

bool has_same_bounds(const ListPosition& a, const ListPosition& b) {
  return a.has_before_s() == b.has_before_s()
         && a.has_after_s() == b.has_after_s() && a.before_s() == b.before_s()
         && a.after_s() == b.after_s();
}

ListPosition next_page_of(const ListPosition& at) {
  auto result = at;
  result.set_page(std::max(1U, at.page()) + 1);
  return result;
}

std::optional<std::int64_t>
last_start(const std::vector<listed_activity>& items) {
  auto last = std::find_if(items.rbegin(), items.rend(), [](const auto& item) {
    return item.start_s.has_value();
  });
  return last == items.rend() ? std::nullopt : last->start_s;
}

/// Remembers what may come again behind the bound of `next`: the items from the
/// first that is at it or beyond, the bound itself included.
void remember_overlap(ListPosition& next,
                      const std::vector<listed_activity>& items) {
  auto comes_again = [&](const listed_activity& item) {
    return item.start_s
           && (is_descending(next) ? *item.start_s <= next.before_s()
                                   : *item.start_s >= next.after_s());
  };
  auto first = std::ranges::find_if(items, comes_again);
  for (auto item = first; item != items.end(); ++item) {
    if (item->id == 0)
      next.add_seen_digests(element_digest(item->json));
    else if (std::ranges::find(next.seen_ids(), item->id)
             == next.seen_ids().end())
      next.add_seen_ids(item->id);
  }
}

/// @returns the position whose time bound is one second into what is known, up
/// to `last_s`.
ListPosition beyond(const ListPosition& at, std::int64_t last_s,
                    const std::vector<listed_activity>& items) {
  // All that is before 1970 counts as one second: no bound can part it.
  auto boundary_s = std::max<std::int64_t>(0, last_s);
  ListPosition next;
  next.set_page(1);
  if (is_descending(at))
    next.set_before_s(boundary_s + 1);
  else
    next.set_after_s(std::max<std::int64_t>(0, boundary_s - 1));
  remember_overlap(next, items);
  return next;
}

ListPosition behind_full_page(const ListPosition& at,
                              const std::vector<listed_activity>& items,
                              std::int64_t now_s) {
  auto last_s = last_start(items);
  if (!last_s || (!is_descending(at) && *last_s > now_s - hour_s))
    return next_page_of(at);
  auto next = beyond(at, *last_s, items);
  // A whole page within one second moves no time cursor.
  return has_same_bounds(next, at) ? next_page_of(at) : next;
}

void count_progress(const ListPosition& at, std::optional<std::int64_t> last_s,
                    std::size_t listed, ListPosition& next) {
  auto came_further = [&] {
    if (!last_s || !at.has_reached_s())
      return last_s.has_value();
    return is_descending(at) ? *last_s <= at.reached_s() - hour_s
                             : *last_s >= at.reached_s() + hour_s;
  };
  next.set_stalled_pages(came_further() ? 0 : at.stalled_pages() + 1);
  next.clear_reached_s();
  if (last_s)
    next.set_reached_s(*last_s);
  else if (at.has_reached_s())
    next.set_reached_s(at.reached_s());
  next.set_listed(at.listed() + listed);
}

} // namespace

std::string
page_message_id(const std::string& run_id, std::uint32_t page_number) {
  return run_id + "/" + std::to_string(page_number);
}

std::uint64_t element_digest(std::string_view bytes) {
  // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv
  auto result = std::uint64_t{0xcbf29ce484222325};
  for (auto c : bytes) {
    result ^= static_cast<unsigned char>(c);
    result *= 0x100000001b3U;
  }
  return result;
}

ListPosition first_position(jobs::v1::SyncMode mode,
                            std::optional<std::int64_t> newest_start_s,
                            std::int64_t overlap_s, std::int64_t now_s) {
  ListPosition result;
  result.set_page(1);
  if (mode != jobs::v1::SYNC_MODE_INCREMENTAL)
    return result;
  auto after_s = std::min(newest_start_s.value_or(0), now_s) - overlap_s;
  result.set_after_s(
    std::max<std::int64_t>(1, std::min(after_s, now_s - hour_s)));
  return result;
}

page_step step(jobs::v1::SyncMode mode, const ListPosition& at,
               std::vector<listed_activity> items, std::uint32_t per_page,
               std::int64_t now_s) {
  page_step result;
  if (items.empty())
    return result;
  if (items.size() >= per_page)
    result.next = behind_full_page(at, items, now_s);
  else if (mode != jobs::v1::SYNC_MODE_INCREMENTAL)
    result.next = next_page_of(at);
  auto last_s = last_start(items);
  auto seen = carried_before{at};
  for (auto& item : items)
    if (!seen.take(item))
      result.fresh.push_back(std::move(item));
  if (result.next)
    count_progress(at, last_s, result.fresh.size(), *result.next);
  return result;
}

bool lists_as_much(const jobs::v1::SyncAthlete& other,
                   const jobs::v1::SyncAthlete& job) {
  auto begins = other.page_number() == 1 && job.page_number() == 1
                && other.athlete_id() == job.athlete_id()
                && other.mode() == job.mode();
  if (!begins || job.mode() == jobs::v1::SYNC_MODE_BACKFILL)
    return false;
  return job.mode() == jobs::v1::SYNC_MODE_RELIST
         || other.position().after_s() <= job.position().after_s();
}

std::string reason_to_stop(const ListPosition& at, const run_limits& limits) {
  if (at.stalled_pages() >= limits.stalled_pages_max)
    return "Strava's list does not go on: " + std::to_string(at.stalled_pages())
           + " pages in a row came less than an hour further "
             "(sync.stalled_pages_max)";
  if (at.listed() > limits.activities_max)
    return "Strava's list has no end: it listed " + std::to_string(at.listed())
           + " activities of one athlete (sync.activities_max)";
  return {};
}

} // namespace stravasync
