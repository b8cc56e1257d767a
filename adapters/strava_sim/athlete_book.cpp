#include "adapters/strava_sim/athlete_book.hpp"

#include "adapters/strava_sim/activity_edit.hpp"
#include "adapters/strava_sim/activity_json.hpp"
#include "adapters/strava_sim/persona.hpp"
#include "adapters/strava_sim/simulator.hpp"
#include "adapters/strava_sim/training_plan.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stravasync::strava_sim {

namespace {

/// Invented activities have numbers from the day below this.
constexpr std::int64_t first_added_number = 9'000'000;

/// The activities are known, the athlete is not: somebody with the same id is
/// invented who joined a day before the first of them.
athlete_json describe(const persona& who, const recording& recorded) {
  auto plans = std::vector<activity_plan>(2);
  auto [first, last] = std::ranges::minmax(recorded.entries, {},
                                           &history_entry::start_s);
  plans.front().start_s = last.start_s;
  plans.back().start_s = first.start_s;
  return make_athlete_json(who, plans);
}

} // namespace

athlete_book::athlete_book(rules with, std::vector<recording> recordings)
  : rules_{with} {
  for (auto& recorded : recordings) {
    auto id = recorded.athlete_id;
    recorded_.push_back(id);
    auto [summary, detailed] = describe(make_persona(id, rules_.seed),
                                        recorded);
    auto texts
      = std::make_shared<std::vector<std::string>>(std::move(recorded.texts));
    auto history = athlete_history{
      std::move(recorded.entries), [texts](std::int32_t slot) {
        return (*texts)[static_cast<std::size_t>(slot)];
      }};
    held_.emplace(
      id, held{{std::move(summary), std::move(detailed), std::move(history)},
               true,
               used_.insert(used_.begin(), id)});
  }
}

athlete_data athlete_book::make_synthetic(std::int64_t id) const {
  auto who = std::make_shared<persona>(make_persona(id, rules_.seed));
  auto plans = std::make_shared<std::vector<activity_plan>>(
    plan_history(*who, rules_.activities_per_athlete));
  auto entries = std::vector<history_entry>{};
  entries.reserve(plans->size());
  for (const auto& plan : *plans)
    entries.push_back({plan.id, plan.start_s,
                       plan.seen_by == visibility::only_me,
                       static_cast<std::int32_t>(entries.size())});
  auto [summary, detailed] = make_athlete_json(*who, *plans);
  return {std::move(summary), std::move(detailed),
          athlete_history{std::move(entries), [who, plans](std::int32_t slot) {
                            return summary_activity_json(
                              *who, (*plans)[static_cast<std::size_t>(slot)]);
                          }}};
}

athlete_data& athlete_book::find(std::int64_t id) {
  auto found = held_.find(id);
  if (found != held_.end()) {
    used_.splice(used_.begin(), used_, found->second.used);
    return found->second.data;
  }
  forget_some();
  auto [made, _] = held_.emplace(
    id, held{make_synthetic(id), false, used_.insert(used_.begin(), id)});
  return made->second.data;
}

void athlete_book::forget_some() {
  auto total = std::size_t{0};
  for (auto it = used_.begin(); it != used_.end();) {
    auto found = held_.find(*it);
    total += found->second.data.history.entries().size();
    if (found->second.pinned || it == used_.begin()
        || total <= rules_.held_activities_max) {
      ++it;
      continue;
    }
    held_.erase(found);
    it = used_.erase(it);
  }
}

void athlete_book::put(std::int64_t athlete_id, history_entry entry,
                       std::string json) {
  find(athlete_id).history.put(entry, json);
  held_.at(athlete_id).pinned = true;
  edits_[{athlete_id, entry.id}] = std::move(json);
}

bool athlete_book::erase(std::int64_t athlete_id, std::int64_t activity_id) {
  auto erased = find(athlete_id).history.erase(activity_id);
  if (erased) {
    held_.at(athlete_id).pinned = true;
    edits_[{athlete_id, activity_id}].clear();
  }
  return erased;
}

const athlete_book::edit_map& athlete_book::edits() const {
  return edits_;
}

std::string athlete_book::invent(std::int64_t athlete_id, std::int64_t start_s,
                                 const std::string& sport_type) {
  auto id = first_activity_id(athlete_id) + first_added_number;
  // Numbers of erased activities are not given again.
  for (const auto& [key, text] : edits_)
    if (key.first == athlete_id)
      id = std::max(id, key.second + 1);
  auto who = make_persona(athlete_id, rules_.seed);
  auto kind = sport::run;
  for (std::size_t i = 0; i < sport_count; ++i)
    if (model_of(static_cast<sport>(i)).sport_type == sport_type) {
      kind = static_cast<sport>(i);
      break;
    }
  return summary_activity_json(who, plan_single(who, kind, id, start_s));
}

athlete_card athlete_book::card(std::int64_t id) const {
  auto who = make_persona(id, rules_.seed);
  auto result = athlete_card{
    id, who.first_name + " " + who.last_name,
    std::string{who.home->city} + ", " + std::string{who.home->country},
    rules_.activities_per_athlete, std::ranges::count(recorded_, id) > 0};
  if (auto found = held_.find(id); found != held_.end())
    result.activities = found->second.data.history.entries().size();
  if (result.recorded)
    result.town = "recorded data";
  return result;
}

std::vector<athlete_card> athlete_book::cards(std::size_t limit) const {
  auto result = std::vector<athlete_card>{};
  for (auto id : recorded_)
    result.push_back(card(id));
  for (std::size_t i = 0; i < std::min(limit, rules_.synthetic_athletes); ++i) {
    auto id = first_synthetic_athlete + static_cast<std::int64_t>(i);
    if (std::ranges::count(recorded_, id) == 0)
      result.push_back(card(id));
  }
  return result;
}

} // namespace stravasync::strava_sim
