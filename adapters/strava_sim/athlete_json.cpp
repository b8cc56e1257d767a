#include "adapters/strava_sim/activity_json.hpp"
#include "adapters/strava_sim/calendar.hpp"
#include "adapters/strava_sim/random_source.hpp"
#include "adapters/strava_sim/wire_json.hpp"

#include <cmath>

namespace stravasync::strava_sim {

namespace {

void write_summary(object_writer& out, const persona& who, int resource_state,
                   std::int64_t joined_s, std::int64_t changed_s) {
  out.integer("id", who.id)
    .text("username", who.username)
    .integer("resource_state", resource_state)
    .text("firstname", who.first_name)
    .text("lastname", who.last_name)
    .null("bio")
    .text("city", who.home->city)
    .text("state", who.home->state)
    .text("country", who.home->country)
    .text("sex", who.female ? "F" : "M")
    .boolean("premium", who.premium)
    .boolean("summit", who.premium)
    .text("created_at", iso_time(joined_s))
    .text("updated_at", iso_time(changed_s))
    .integer("badge_type_id", who.premium ? 1 : 0)
    .number("weight", who.weight_kg)
    .text("profile_medium", "avatar/athlete/medium.png")
    .text("profile", "avatar/athlete/large.png")
    .null("friend")
    .null("follower");
}

std::string gear_list(const persona& who, gear_kind kind,
                      const std::vector<double>& distances_m) {
  auto result = std::string{"["};
  auto primary = true;
  for (std::size_t i = 0; i < who.gear.size(); ++i) {
    const auto& item = who.gear[i];
    if (item.kind != kind || distances_m[i] <= 0)
      continue;
    if (result.size() > 1)
      result += ',';
    auto unit_m = who.imperial ? 1'609.344 : 1'000.0;
    auto out = object_writer{result};
    out.text("id", item.id)
      .boolean("primary", primary)
      .text("name", item.name)
      .null("nickname")
      .integer("resource_state", 2)
      .boolean("retired", false)
      .integer("distance", std::llround(distances_m[i]))
      .number("converted_distance", distances_m[i] / unit_m)
      .close();
    primary = false;
  }
  return result + "]";
}

} // namespace

athlete_json
make_athlete_json(const persona& who, std::span<const activity_plan> history) {
  auto random = random_source{who.seed, 2};
  auto first_s = history.empty() ? default_history_end_s
                                 : history.back().start_s;
  auto joined_s = first_s - random.integer(day_s, 30 * day_s);
  auto changed_s = history.empty() ? joined_s : history.front().start_s;
  auto distances_m = std::vector<double>(who.gear.size());
  for (const auto& plan : history)
    if (plan.gear >= 0)
      distances_m[static_cast<std::size_t>(plan.gear)] += plan.distance_m;
  auto result = athlete_json{};
  auto summary = object_writer{result.summary};
  write_summary(summary, who, 2, joined_s, changed_s);
  summary.close();
  auto detailed = object_writer{result.detailed};
  write_summary(detailed, who, 3, joined_s, changed_s);
  detailed.boolean("blocked", false)
    .boolean("can_follow", true)
    .integer("follower_count", random.integer(3, 400))
    .integer("friend_count", random.integer(3, 300))
    .integer("mutual_friend_count", 0)
    .integer("athlete_type", who.commutes || who.power_meter ? 0 : 1)
    .text("date_preference", who.imperial ? "%m/%d/%Y" : "%d/%m/%Y")
    .text("measurement_preference", who.imperial ? "feet" : "meters")
    .raw("clubs", "[]")
    .integer("postable_clubs_count", 0);
  if (who.power_meter)
    detailed.integer("ftp", std::llround(3.3 * who.weight_kg * who.fitness));
  else
    detailed.null("ftp");
  detailed.raw("bikes", gear_list(who, gear_kind::bike, distances_m))
    .raw("shoes", gear_list(who, gear_kind::shoe, distances_m))
    .close();
  return result;
}

} // namespace stravasync::strava_sim
