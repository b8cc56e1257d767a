#include "adapters/strava_sim/calendar.hpp"
#include "adapters/strava_sim/endpoints.hpp"
#include "adapters/strava_sim/wire_json.hpp"

#include <simdjson.h>

#include <array>
#include <cmath>
#include <string_view>

namespace stravasync::strava_sim {

namespace {

namespace dom = simdjson::dom;

struct sum {
  std::int64_t count = 0;
  double distance_m = 0;
  double moving_s = 0;
  double elapsed_s = 0;
  double climb_m = 0;
  std::int64_t achievements = 0;
};

double number_of(dom::element activity, std::string_view key) {
  auto value = 0.0;
  return activity[key].get_double().get(value) == simdjson::SUCCESS ? value
                                                                    : 0.0;
}

void add(sum& to, dom::element activity) {
  ++to.count;
  to.distance_m += number_of(activity, "distance");
  to.moving_s += number_of(activity, "moving_time");
  to.elapsed_s += number_of(activity, "elapsed_time");
  to.climb_m += number_of(activity, "total_elevation_gain");
  to.achievements += std::llround(number_of(activity, "achievement_count"));
}

std::string json_of(const sum& total, bool with_achievements) {
  auto result = std::string{};
  auto out = object_writer{result};
  out.integer("count", total.count)
    .number("distance", total.distance_m)
    .integer("moving_time", std::llround(total.moving_s))
    .integer("elapsed_time", std::llround(total.elapsed_s))
    .number("elevation_gain", total.climb_m);
  if (with_achievements)
    out.integer("achievement_count", total.achievements);
  out.close();
  return result;
}

/// 0 ride, 1 run, 2 swim; 3: in no total.
std::size_t family_of(std::string_view type) {
  if (type == "Ride")
    return 0;
  return type == "Run" ? 1 : type == "Swim" ? 2 : 3;
}

} // namespace

std::string stats_json(const athlete_history& history, std::int64_t now_s) {
  constexpr std::int64_t recent_s = 28 * day_s;
  auto this_year = date_of_day(now_s / 86'400).year;
  std::array<std::array<sum, 4>, 3> totals{}; // Recent, this year, all.
  auto parser = dom::parser{};
  for (const auto& entry : history.entries()) {
    auto activity = dom::element{};
    auto seen_by = std::string_view{};
    auto type = std::string_view{};
    // Only what everyone may see is in Strava's sums.
    if (parser.parse(history.json(entry)).get(activity) != simdjson::SUCCESS
        || activity["visibility"].get_string().get(seen_by) != simdjson::SUCCESS
        || seen_by != "everyone"
        || activity["type"].get_string().get(type) != simdjson::SUCCESS)
      continue;
    auto family = family_of(type);
    add(totals[2].at(family), activity);
    if (date_of_day(entry.start_s / 86'400).year == this_year)
      add(totals[1].at(family), activity);
    if (entry.start_s > now_s - recent_s)
      add(totals[0].at(family), activity);
  }
  auto result = std::string{};
  auto out = object_writer{result};
  constexpr auto spans
    = std::to_array<std::string_view>({"recent", "ytd", "all"});
  constexpr auto families
    = std::to_array<std::string_view>({"ride", "run", "swim"});
  for (std::size_t span = 0; span < 3; ++span)
    for (std::size_t family = 0; family < 3; ++family)
      out.raw(std::string{spans.at(span)} + "_"
                + std::string{families.at(family)} + "_totals",
              json_of(totals.at(span).at(family), span == 0));
  out.close();
  return result;
}

std::string detailed_activity(const std::string& summary) {
  auto result = summary;
  constexpr auto state = std::string_view{R"({"resource_state":2)"};
  if (result.starts_with(state))
    result[state.size() - 1] = '3';
  auto parser = dom::parser{};
  auto activity = dom::element{};
  auto line = std::string_view{};
  auto hours = 0.0;
  if (parser.parse(summary).get(activity) == simdjson::SUCCESS) {
    hours = number_of(activity, "moving_time") / 3'600;
    // Without a map the line stays empty.
    if (activity["map"]["summary_polyline"].get(line) != simdjson::SUCCESS)
      line = {};
  }
  auto more = std::string{};
  auto out = object_writer{more};
  out.null("description")
    .number("calories", hours * 560)
    .raw("photos", R"({"primary":null,"count":0})")
    .raw("segment_efforts", "[]")
    .raw("splits_metric", "[]")
    .raw("splits_standard", "[]")
    .raw("laps", "[]")
    .raw("best_efforts", "[]")
    .text("embed_token", "0000000000000000000000000000000000000000")
    .boolean("hide_from_home", false)
    .close();
  if (auto end = result.rfind('}'); end != std::string::npos) {
    result.resize(end);
    result += "," + more.substr(1);
  }
  constexpr auto map_key = std::string_view{R"("summary_polyline":")"};
  if (auto at = result.find(map_key); at != std::string::npos) {
    auto full = std::string{};
    object_writer{full}.text("polyline", line).close();
    result.insert(at, full.substr(1, full.size() - 2) + ",");
  }
  return result;
}

} // namespace stravasync::strava_sim
