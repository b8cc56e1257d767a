#include "actors/consumer/budget.hpp"
#include "actors/consumer/strava_client.hpp"
#include "actors/consumer/sync.hpp"
#include "actors/roles/durables.hpp"
#include "actors/roles/group.hpp"
#include "actors/roles/groups.hpp"

#include <random>
#include <string>

namespace stravasync {

namespace {

budget_config make_budget_config(const settings& config) {
  const auto& limits = config.budget.limits;
  budget_config result;
  result.rules.window = config.budget.window;
  result.rules.short_overall = limits.short_all;
  result.rules.day_overall = limits.day_all;
  result.rules.short_read = limits.short_read;
  result.rules.day_read = limits.day_read;
  result.rules.live_share = config.budget.live_share;
  result.rules.live_release = config.budget.live_release;
  // A request waits for a connection, connects and is answered within it.
  result.rules.lease_max = 2 * config.strava.request_timeout;
  result.sole_owner = config.bus.embedded();
  result.clock_skew_max = config.budget.clock_skew_max;
  result.life = std::to_string(std::random_device{}());
  return result;
}

/// Strava is asked again late: it is shared, and each probe costs a permit.
kit::guardian_config strava_guardian() {
  kit::guardian_config config;
  config.backoff = {milliseconds{1'000}, milliseconds{300'000}};
  config.is_failure = is_upstream_failure;
  return config;
}

} // namespace

std::vector<kit::child_spec>
make_consumer_group(caf::actor_system& system, const node_parts& parts,
                    const tokens_actor& tokens) {
  group all{system, drain_of(parts.config)};
  const auto& config = parts.config;
  auto limits = all.add<budget_actor>(
    "budget", [=, rules = make_budget_config(config)](caf::actor_system& sys) {
      return sys.spawn(budget, parts.context, parts.messages, rules);
    });
  auto strava = all.add_guarded<strava_client_actor>(
    "strava-client", "Strava", strava_guardian(),
    [=, failures_max = config.strava.failures_max](caf::actor_system& sys) {
      return sys.spawn(strava_client, parts.context, parts.strava, limits,
                       failures_max);
    });
  sync_config syncing;
  syncing.page_size = config.sync.page_size;
  syncing.limits = {config.sync.stalled_pages_max, config.sync.activities_max};
  auto handler
    = all.add<delivery_handler_actor>("sync", [=](caf::actor_system& sys) {
        return sys.spawn(sync, parts.context, parts.messages, tokens, strava,
                         syncing);
      });
  all.add<caf::actor>(
    "job-source", [=, source = job_durable(config)](caf::actor_system& sys) {
      return sys.spawn(durable_source, parts.context, parts.messages, handler,
                       source);
    });
  return all.take();
}

} // namespace stravasync
