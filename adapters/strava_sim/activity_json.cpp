#include "adapters/strava_sim/activity_json.hpp"

#include "adapters/strava_sim/polyline.hpp"
#include "adapters/strava_sim/random_source.hpp"
#include "adapters/strava_sim/route.hpp"
#include "adapters/strava_sim/titles.hpp"
#include "adapters/strava_sim/wire_json.hpp"

#include <algorithm>
#include <cmath>

namespace stravasync::strava_sim {

namespace {

/// What is worked out once and written at several places.
struct details {
  std::vector<coordinate> route;
  double average_speed = 0, max_speed = 0;
  double average_hr = 0, max_hr = 0;
  double elev_low = 0;
  std::int64_t upload_id = 0;
};

bool is_ride(sport kind) {
  return model_of(kind).gear == gear_kind::bike;
}

bool is_run(sport kind) {
  return model_of(kind).gear == gear_kind::shoe;
}

std::vector<coordinate>
route_of(const persona& who, const activity_plan& plan, random_source& random) {
  if (plan.manual || plan.trainer)
    return {};
  auto at_home = plan.where == who.home;
  auto start = coordinate{at_home ? who.home_latitude : plan.where->latitude,
                          at_home ? who.home_longitude : plan.where->longitude};
  auto shape = model_of(plan.kind).route;
  if (!plan.commute)
    return make_route(shape, start, plan.distance_m, random);
  // The same way every day, there in the morning, back in the evening.
  auto way = random_source{who.seed, 42};
  auto route = make_route(route_shape::loop, start, plan.distance_m * 2, way);
  route.resize(route.size() / 2);
  if (plan.start_of_day_s > 12 * 3'600)
    std::ranges::reverse(route);
  return route;
}

details
work_out(const persona& who, const activity_plan& plan, random_source& random) {
  const auto& model = model_of(plan.kind);
  auto result = details{};
  result.route = route_of(who, plan, random);
  if (plan.moving_s > 0)
    result.average_speed = plan.distance_m / plan.moving_s;
  if (!plan.manual)
    result.max_speed = result.average_speed * model.top_speed
                       * random.uniform(.9, 1.2);
  auto reserve = who.maximum_hr - who.resting_hr;
  result.average_hr = who.resting_hr + plan.effort * reserve;
  result.max_hr = std::min(
    who.maximum_hr, result.average_hr + reserve * random.uniform(.08, .22));
  result.elev_low = plan.where->elevation_m + random.uniform(-15, 20);
  // Uploads are numbered like activities, a little later.
  result.upload_id = plan.id + 900'000'000'000'000;
  return result;
}

/// Zero is written as an integer, everything else as a float.
void write_measure(object_writer& out, std::string_view key, double value,
                   int decimals) {
  if (value <= 0)
    out.integer(key, 0);
  else
    out.number(key, value, decimals);
}

void write_heading(object_writer& out, const persona& who,
                   const activity_plan& plan, random_source& random) {
  const auto& model = model_of(plan.kind);
  out.integer("resource_state", 2)
    .raw("athlete",
         "{\"id\":" + std::to_string(who.id) + ",\"resource_state\":1}")
    .text("name", make_title(who, plan, random))
    .number("distance", plan.distance_m)
    .integer("moving_time", plan.moving_s)
    .integer("elapsed_time", plan.elapsed_s);
  write_measure(out, "total_elevation_gain", plan.climb_m, 1);
  out.text("type", model.type).text("sport_type", model.sport_type);
  if (is_run(plan.kind)) {
    if (plan.race || plan.moving_s > 5'400)
      out.integer("workout_type", plan.race ? 1 : 2);
    else if (random.chance(.6))
      out.integer("workout_type", 0);
    else
      out.null("workout_type");
  } else if (is_ride(plan.kind)) {
    out.integer("workout_type", plan.race ? 11 : 10);
  }
  auto offset_s = utc_offset_s(plan.where->zone, plan.start_s);
  out.integer("id", plan.id)
    .text("start_date", iso_time(plan.start_s))
    .text("start_date_local", iso_time(plan.start_s + offset_s))
    .text("timezone", zone_label(plan.where->zone))
    .number("utc_offset", offset_s)
    .null("location_city")
    .null("location_state")
    .null("location_country");
}

void write_reactions(object_writer& out, const activity_plan& plan,
                     random_source& random) {
  auto seen = plan.seen_by != visibility::only_me;
  auto recorded = !plan.manual && !plan.trainer;
  out
    .integer("achievement_count",
             recorded && random.chance(.3) ? random.integer(1, 9) : 0)
    .integer("kudos_count", seen ? random.integer(0, plan.race ? 60 : 14) : 0)
    .integer("comment_count",
             seen && random.chance(.12) ? random.integer(1, 4) : 0)
    .integer("athlete_count", random.chance(.15) ? random.integer(2, 9) : 1)
    .integer("photo_count", 0);
}

std::string_view name_of(visibility seen_by) {
  switch (seen_by) {
    case visibility::everyone:
      return "everyone";
    case visibility::followers_only:
      return "followers_only";
    case visibility::only_me:
      return "only_me";
  }
  return "everyone";
}

void write_flags(object_writer& out, const persona& who,
                 const activity_plan& plan, const details& more) {
  auto map = std::string{};
  auto map_out = object_writer{map};
  map_out.text("id", "a" + std::to_string(plan.id))
    .text("summary_polyline", encode_polyline(more.route))
    .integer("resource_state", 2)
    .close();
  out.raw("map", map)
    .boolean("trainer", plan.trainer && !plan.manual)
    .boolean("commute", plan.commute)
    .boolean("manual", plan.manual)
    .boolean("private", plan.seen_by == visibility::only_me)
    .text("visibility", name_of(plan.seen_by))
    .boolean("flagged", false);
  if (plan.gear >= 0)
    out.text("gear_id", who.gear[static_cast<std::size_t>(plan.gear)].id);
  else
    out.null("gear_id");
}

std::string latlng(const coordinate& point) {
  auto result = std::string{"["};
  append_json_number(result, point.latitude, 6);
  result += ',';
  append_json_number(result, point.longitude, 6);
  result += ']';
  return result;
}

/// Watts that fit speed and climb of somebody on a bike, roughly.
double
watts_of(const persona& who, const activity_plan& plan, const details& more) {
  auto v = more.average_speed;
  auto climbing = plan.moving_s > 0
                    ? (who.weight_kg + 9) * 9.81 * plan.climb_m / plan.moving_s
                    : 0;
  return .21 * v * v * v * .95 + 3.4 * v + climbing;
}

void write_power(object_writer& out, const persona& who,
                 const activity_plan& plan, const details& more,
                 random_source& random) {
  auto watts = watts_of(who, plan, more);
  out.number("average_watts", watts);
  auto metered = who.power_meter || plan.kind == sport::virtual_ride;
  if (metered)
    out
      .integer("max_watts",
               static_cast<std::int64_t>(watts * random.uniform(2.4, 4.2)))
      .integer("weighted_average_watts",
               static_cast<std::int64_t>(watts * random.uniform(1.03, 1.16)));
  out.boolean("device_watts", metered)
    .number("kilojoules", watts * plan.moving_s / 1'000);
}

/// Degrees for the season at the place, from its latitude.
std::int64_t temperature(const activity_plan& plan, random_source& random) {
  if (plan.trainer)
    return random.integer(20, 27);
  auto date = date_of_day(plan.start_s / 86'400);
  auto season = -std::cos((date.month - .6) / 12.0 * 6.2831853);
  if (plan.where->southern())
    season = -season;
  auto away = std::abs(plan.where->latitude);
  return std::llround(27 - .33 * away + season * away * .21
                      - plan.where->elevation_m / 220 + random.normal(0, 3));
}

void write_measurements(object_writer& out, const persona& who,
                        const activity_plan& plan, const details& more,
                        random_source& random) {
  const auto& model = model_of(plan.kind);
  if (more.route.empty())
    out.raw("start_latlng", "[]").raw("end_latlng", "[]");
  else
    out.raw("start_latlng", latlng(more.route.front()))
      .raw("end_latlng", latlng(more.route.back()));
  out.number("average_speed", more.average_speed, 3);
  write_measure(out, "max_speed", more.max_speed, 3);
  if (plan.manual) {
    out.boolean("has_heartrate", false);
    return;
  }
  if (model.cadence > 0)
    out.number("average_cadence", model.cadence * (1 + .03 * (who.fitness - 1))
                                    + random.normal(0, 1.6));
  if (is_ride(plan.kind) && plan.distance_m > 0)
    write_power(out, who, plan, more, random);
  if (who.device_tag == "garmin_ping_" && model.speed_mps > 0)
    out.integer("average_temp", temperature(plan, random));
  out.boolean("has_heartrate", plan.heart_rate);
  if (plan.heart_rate)
    out.number("average_heartrate", more.average_hr)
      .number("max_heartrate", std::round(more.max_hr));
}

void write_origin(object_writer& out, const persona& who,
                  const activity_plan& plan, const details& more,
                  random_source& random) {
  out.boolean("heartrate_opt_out", false)
    .boolean("display_hide_heartrate_option", plan.heart_rate);
  if (!plan.manual && !plan.trainer)
    out
      .number("elev_high",
              more.elev_low + plan.climb_m * random.uniform(.35, .8) + 2)
      .number("elev_low", more.elev_low);
  if (plan.manual) {
    out.null("upload_id").null("external_id");
  } else {
    auto upload = std::to_string(more.upload_id);
    out.integer("upload_id", more.upload_id)
      .text("upload_id_str", upload)
      .text("external_id", who.device_tag + upload);
    // In summaries since 27 October 2025.
    out.text("device_name", who.device);
  }
  auto hours = plan.moving_s / 3'600.0;
  out.boolean("from_accepted_tag", false)
    .integer("pr_count",
             plan.race || random.chance(.06) ? random.integer(1, 3) : 0)
    .integer("total_photo_count",
             plan.race || random.chance(.1) ? random.integer(1, 5) : 0)
    .boolean("has_kudoed", false);
  if (plan.heart_rate)
    out.number("suffer_score",
               std::round(hours * 160 * plan.effort * plan.effort));
}

} // namespace

std::string
summary_activity_json(const persona& who, const activity_plan& plan) {
  auto random = random_source{plan.seed, 1};
  auto more = work_out(who, plan, random);
  auto result = std::string{};
  result.reserve(2'200);
  auto out = object_writer{result};
  write_heading(out, who, plan, random);
  write_reactions(out, plan, random);
  write_flags(out, who, plan, more);
  write_measurements(out, who, plan, more, random);
  write_origin(out, who, plan, more, random);
  out.close();
  return result;
}

} // namespace stravasync::strava_sim
