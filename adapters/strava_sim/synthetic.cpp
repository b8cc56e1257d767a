#include "adapters/strava_sim/synthetic.hpp"

#include "adapters/strava_sim/activity_json.hpp"
#include "adapters/strava_sim/persona.hpp"
#include "adapters/strava_sim/training_plan.hpp"

namespace stravasync::strava_sim {

synthetic
synthetic_athlete(std::int64_t id, std::uint64_t seed, std::size_t activities) {
  auto who = make_persona(id, seed);
  auto plans = plan_history(who, activities);
  auto result = synthetic{make_athlete_json(who, plans).summary, {}};
  result.activities_json.reserve(plans.size());
  for (const auto& plan : plans)
    result.activities_json.push_back(summary_activity_json(who, plan));
  return result;
}

} // namespace stravasync::strava_sim
