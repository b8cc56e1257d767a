#include "adapters/strava_sim/training_plan.hpp"

#include "adapters/strava_sim/calendar.hpp"
#include "adapters/strava_sim/random_source.hpp"

#include <algorithm>
#include <cmath>

namespace stravasync::strava_sim {

namespace {

constexpr double history_weeks_max = 15 * 52;

/// What a day is like for one athlete.
struct day_context {
  std::int64_t day = 0; // Since the epoch.
  civil_date date;
  unsigned weekday = 0; // 0: Sunday.
  const place* where = nullptr;
  bool skiing = false; // On a skiing holiday.

  [[nodiscard]] bool weekend() const {
    return weekday == 0 || weekday == 6;
  }
};

/// Two holidays a year, of which one is a week in the snow for those who ski;
/// the rest of the year is spent at home.
day_context context_of(const persona& who, std::int64_t day) {
  auto result = day_context{day, date_of_day(day), weekday_of_day(day),
                            who.home, false};
  auto random = random_source{
    who.seed, static_cast<std::uint64_t>(result.date.year) + 7'000};
  auto skis = who.tastes[static_cast<std::size_t>(sport::alpine_ski)] > 0
              || random.chance(.2);
  auto resorts = ski_resorts();
  const auto* resort
    = &resorts[static_cast<std::size_t>(random.next() % resorts.size())];
  auto away = resort->southern() ? 210 : 35;
  auto winter_first = away + random.integer(0, 25);
  auto towns = home_towns();
  const auto* town
    = &towns[static_cast<std::size_t>(random.next() % towns.size())];
  auto summer_first = random.integer(170, 235);
  auto summer_days = random.integer(6, 13);
  auto day_of_year = (static_cast<std::int64_t>(result.date.month) - 1) * 30
                     + result.date.day;
  if (skis && day_of_year >= winter_first && day_of_year < winter_first + 7) {
    result.where = resort;
    result.skiing = true;
  } else if (day_of_year >= summer_first
             && day_of_year < summer_first + summer_days) {
    result.where = town;
  }
  return result;
}

/// Illness, work, a broken collarbone: some fortnights are nearly empty.
double form_of(const persona& who, std::int64_t day) {
  auto random = random_source{who.seed,
                              static_cast<std::uint64_t>(day / 14) + 100'000};
  auto dice = random.uniform();
  return dice < .05 ? .15 : dice < .2 ? .7 : 1.1;
}

sport choose_sport(const persona& who, const day_context& today,
                   random_source& random) {
  if (today.skiing && random.chance(.85))
    return sport::alpine_ski;
  auto month = today.date.month;
  if (today.where->southern())
    month = (month + 5) % 12 + 1;
  auto weights = season_weights(month, today.where->mountains,
                                today.where->open_water);
  for (std::size_t i = 0; i < sport_count; ++i)
    weights[i] *= who.tastes[i];
  auto dampen = [&weights](sport kind, double factor) {
    weights[static_cast<std::size_t>(kind)] *= factor;
  };
  if (!today.weekend())
    for (auto kind : {sport::alpine_ski, sport::backcountry_ski, sport::hike})
      dampen(kind, .12);
  if (today.where != who.home)
    for (auto kind : {sport::virtual_ride, sport::weight_training})
      dampen(kind, .1);
  return static_cast<sport>(random.weighted(weights));
}

std::int32_t choose_start(const persona& who, const day_context& today,
                          sport kind, random_source& random) {
  auto hour = 0.0;
  if (kind == sport::alpine_ski || kind == sport::backcountry_ski)
    hour = random.normal(9.3, .4);
  else if (today.weekend())
    hour = random.normal(9.2, 1.3);
  else if (random.chance(.1))
    hour = random.normal(12.2, .3);
  else if (random.chance(who.morning_share))
    hour = random.normal(6.6, .5);
  else
    hour = random.normal(17.9, .8);
  return static_cast<std::int32_t>(std::clamp(hour, 4.5, 21.5) * 3'600)
         + static_cast<std::int32_t>(random.integer(0, 59));
}

void choose_amount(activity_plan& plan, const persona& who, bool weekend,
                   random_source& random) {
  const auto& model = model_of(plan.kind);
  auto minutes = weekend && random.chance(.6) ? model.weekend_minutes
                                              : model.minutes;
  minutes *= std::clamp(random.normal(1, .24), .35, 1.9);
  plan.effort = std::clamp(model.effort + random.normal(0, .05), .12, .93);
  if (plan.race) {
    plan.effort = std::min(.95, model.effort + .15);
    plan.seed |= 1; // Texts of races look at it.
  }
  plan.moving_s = static_cast<std::int32_t>(minutes * 60);
  auto climb_per_km = plan.trainer ? 0.0
                                   : plan.where->climb_m_per_km * model.climb
                                       * random.uniform(.55, 1.45);
  // Harder means faster, uphill means slower.
  auto speed
    = model.speed_mps * who.fitness * (1 + 1.1 * (plan.effort - model.effort))
      * std::max(.7, 1 - climb_per_km / 160) * random.uniform(.97, 1.03);
  if (plan.kind == sport::pool_swim) {
    // Whole lengths of 25 m.
    plan.distance_m = std::round(speed * plan.moving_s / 25) * 25;
  } else {
    plan.distance_m = std::round(speed * plan.moving_s * 10) / 10;
  }
  plan.climb_m = std::round(plan.distance_m / 1'000 * climb_per_km);
  if (plan.kind == sport::alpine_ski)
    plan.climb_m = std::round(plan.distance_m * random.uniform(.085, .115));
  plan.elapsed_s = plan.moving_s
                   + static_cast<std::int32_t>(plan.moving_s * model.pause
                                               * random.uniform(.1, 1.6))
                   + static_cast<std::int32_t>(random.integer(0, 40));
}

void choose_circumstances(activity_plan& plan, const persona& who,
                          random_source& random) {
  const auto& model = model_of(plan.kind);
  plan.trainer = model.route == route_shape::none
                 || (plan.kind == sport::run && random.chance(.02));
  plan.manual = random.chance(
    plan.kind == sport::pool_swim || plan.kind == sport::yoga ? .05 : .008);
  plan.heart_rate = who.strap && !plan.manual && random.chance(.95);
  auto dice = random.uniform();
  plan.seen_by = dice < who.private_share ? visibility::only_me
                 : dice < who.private_share + who.followers_share
                   ? visibility::followers_only
                   : visibility::everyone;
}

/// Shoes last a year and a half; one bike is for the rain.
std::int8_t choose_gear(const persona& who, const activity_plan& plan,
                        std::int64_t day, random_source& random) {
  switch (model_of(plan.kind).gear) {
    case gear_kind::none:
      return -1;
    case gear_kind::shoe:
      return static_cast<std::int8_t>((day / 550 + who.id) % 3);
    case gear_kind::bike:
      return static_cast<std::int8_t>(random.chance(.8) ? 3 : 4);
  }
  return -1;
}

void set_start(activity_plan& plan, const persona& who, std::int64_t day,
               std::int32_t start_of_day_s) {
  // Since July 2024 a hidden start time is published as midnight and 1 s.
  constexpr std::int64_t hiding_since_s = 1'719'964'800;
  plan.start_of_day_s = start_of_day_s;
  auto local_s = day * day_s + start_of_day_s;
  plan.start_s = utc_of_local(plan.where->zone, local_s);
  plan.start_hidden = who.hides_start_times && !plan.race
                      && plan.start_s > hiding_since_s;
  if (plan.start_hidden)
    plan.start_s = utc_of_local(plan.where->zone, day * day_s + 1);
}

activity_plan plan_session(const persona& who, const day_context& today,
                           sport kind, random_source& random) {
  auto plan = activity_plan{};
  plan.kind = kind;
  plan.where = today.where;
  plan.seed = random.next() & ~std::uint64_t{1};
  choose_circumstances(plan, who, random);
  plan.race = today.weekday == 0 && !plan.manual && !plan.trainer
              && (kind == sport::run || kind == sport::ride)
              && random.chance(.05);
  choose_amount(plan, who, today.weekend(), random);
  plan.gear = choose_gear(who, plan, today.day, random);
  set_start(plan, who, today.day, choose_start(who, today, kind, random));
  return plan;
}

/// To work and back, the same way every time.
void add_commute(std::vector<activity_plan>& sessions, const persona& who,
                 const day_context& today, random_source& random) {
  auto away_m = 4'000 + static_cast<double>(who.seed % 9'000);
  for (auto hour : {7.7, 17.3}) {
    auto plan = plan_session(who, today, sport::ride, random);
    plan.commute = true;
    plan.manual = plan.race = plan.trainer = false;
    plan.distance_m = std::round(away_m * random.uniform(.98, 1.03) * 10) / 10;
    auto speed = 5.9 * who.fitness * random.uniform(.92, 1.06);
    plan.moving_s = static_cast<std::int32_t>(plan.distance_m / speed);
    plan.elapsed_s = plan.moving_s
                     + static_cast<std::int32_t>(random.integer(30, 240));
    plan.climb_m = std::round(away_m / 1'000 * plan.where->climb_m_per_km * .4);
    plan.gear = 4;
    set_start(plan, who, today.day,
              static_cast<std::int32_t>(random.normal(hour, .15) * 3'600));
    sessions.push_back(plan);
  }
}

/// @returns the day's sessions, newest first, with their ids.
std::vector<activity_plan>
plan_day(const persona& who, std::int64_t day, double sessions_per_day) {
  auto random = random_source{who.seed,
                              static_cast<std::uint64_t>(day) + 1'000'000};
  auto today = context_of(who, day);
  auto sessions = std::vector<activity_plan>{};
  auto expected = sessions_per_day * form_of(who, day)
                  * (today.weekend() ? 1.25 : .9);
  auto whole = std::floor(expected);
  auto count = static_cast<int>(whole)
               + (random.chance(expected - whole) ? 1 : 0);
  count = std::min(count, 60);
  for (auto i = 0; i < count; ++i)
    sessions.push_back(
      plan_session(who, today, choose_sport(who, today, random), random));
  auto cycling_weather = today.date.month >= 3 && today.date.month <= 11;
  if (who.commutes && !today.weekend() && today.where == who.home
      && cycling_weather && random.chance(.3))
    add_commute(sessions, who, today, random);
  std::ranges::stable_sort(sessions, std::greater{},
                           [](const auto& plan) { return plan.start_s; });
  auto number = static_cast<std::int64_t>(sessions.size());
  for (auto& plan : sessions)
    plan.id = first_activity_id(who.id) + day * 100 + --number;
  return sessions;
}

} // namespace

std::vector<activity_plan>
plan_history(const persona& who, std::size_t count, std::int64_t end_s) {
  count = std::min(count, synthetic_activities_max);
  auto sessions_per_day
    = std::max(who.sessions_per_week,
               static_cast<double>(count) / history_weeks_max * 1.15)
      / 7;
  auto result = std::vector<activity_plan>{};
  result.reserve(count);
  for (auto day = end_s / day_s - 1; day > 0 && result.size() < count; --day)
    for (const auto& plan : plan_day(who, day, sessions_per_day))
      if (result.size() < count)
        result.push_back(plan);
  // Time zones and hidden starts can put a day's activity before the one of
  // the day before.
  std::ranges::stable_sort(result, [](const auto& a, const auto& b) {
    return a.start_s != b.start_s ? a.start_s > b.start_s : a.id > b.id;
  });
  return result;
}

activity_plan plan_single(const persona& who, sport kind, std::int64_t id,
                          std::int64_t start_s) {
  auto random = random_source{who.seed, static_cast<std::uint64_t>(id)};
  auto local_s = start_s + utc_offset_s(who.home->zone, start_s);
  auto day = local_s / day_s;
  auto today = day_context{day, date_of_day(day), weekday_of_day(day), who.home,
                           false};
  auto plan = plan_session(who, today, kind, random);
  plan.id = id;
  plan.manual = plan.race = plan.start_hidden = false;
  plan.seen_by = visibility::everyone;
  plan.start_s = start_s;
  plan.start_of_day_s = static_cast<std::int32_t>(local_s % day_s);
  return plan;
}

} // namespace stravasync::strava_sim
