#include "adapters/strava_sim/athlete_history.hpp"

#include "adapters/strava_sim/random_source.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::strava_sim {

namespace {

bool newer(const history_entry& a, const history_entry& b) {
  return a.start_s != b.start_s ? a.start_s > b.start_s : a.id > b.id;
}

/// @returns how many items page `number` (from 1) holds at most.
std::size_t page_size(const list_query& query, const list_rules& rules,
                      std::uint32_t number) {
  if (rules.short_page_rate <= 0 || query.per_page < 2)
    return query.per_page;
  auto random = random_source{rules.seed, number};
  if (!random.chance(rules.short_page_rate))
    return query.per_page;
  auto missing_max = std::max(1U, query.per_page / 10);
  return query.per_page
         - static_cast<std::size_t>(random.integer(1, missing_max));
}

} // namespace

athlete_history::athlete_history(std::vector<history_entry> entries,
                                 renderer render)
  : entries_{std::move(entries)},
    render_{std::move(render)} {
  std::ranges::sort(entries_, newer);
}

std::span<const history_entry> athlete_history::entries() const {
  return entries_;
}

std::string athlete_history::json(const history_entry& entry) const {
  if (entry.slot >= 0)
    return render_(entry.slot);
  auto found = std::ranges::find(edits_, entry.id, &edited::id);
  return found == edits_.end() ? std::string{} : found->json;
}

const history_entry* athlete_history::find(std::int64_t id) const {
  auto found = std::ranges::find(entries_, id, &history_entry::id);
  return found == entries_.end() ? nullptr : &*found;
}

void athlete_history::put(history_entry entry, std::string json) {
  erase(entry.id);
  entry.slot = -1;
  edits_.push_back({entry.id, std::move(json)});
  entries_.insert(std::ranges::upper_bound(entries_, entry, newer), entry);
}

bool athlete_history::erase(std::int64_t id) {
  std::erase_if(edits_, [id](const edited& edit) { return edit.id == id; });
  return std::erase_if(
           entries_,
           [id](const history_entry& entry) { return entry.id == id; })
         > 0;
}

std::vector<history_entry>
list_page(std::span<const history_entry> newest_first, const list_query& query,
          const list_rules& rules) {
  auto bound = rules.inclusive_bounds ? 1 : 0;
  auto visible = std::vector<history_entry>{};
  for (const auto& entry : newest_first) {
    if (query.before_s && entry.start_s >= *query.before_s + bound)
      continue;
    if (query.after_s && entry.start_s <= *query.after_s - bound)
      break; // What follows is older.
    if (query.with_only_me || !entry.only_me)
      visible.push_back(entry);
  }
  if (query.after_s && !query.before_s)
    std::ranges::reverse(visible);
  auto first = std::size_t{0};
  for (auto page = 1U; page < query.page && first < visible.size(); ++page)
    first += page_size(query, rules, page);
  if (first >= visible.size())
    return {};
  auto size = std::min(page_size(query, rules, query.page),
                       visible.size() - first);
  auto begin = visible.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

} // namespace stravasync::strava_sim
