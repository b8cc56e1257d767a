#include "tests/support/simulated_actors.hpp"

#include "actors/api/activities.hpp"
#include "actors/api/athletes.hpp"
#include "actors/api/ingest_writer.hpp"
#include "actors/api/oauth_client.hpp"
#include "actors/api/outbox_keeper.hpp"
#include "actors/api/outbox_relay.hpp"
#include "actors/api/reconciler.hpp"
#include "actors/api/run_keeper.hpp"
#include "actors/api/store_session.hpp"
#include "actors/api/tokens.hpp"
#include "actors/consumer/budget.hpp"
#include "actors/consumer/strava_client.hpp"
#include "actors/consumer/sync.hpp"
#include "actors/durable_source.hpp"
#include "actors/roles/durables.hpp"
#include "actors/roles/ingest_rules.hpp"
#include "actors/worker/feeder.hpp"
#include "actors/worker/history_keeper.hpp"
#include "actors/worker/scheduler.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "adapters/strava/strava_client.hpp"

#include <caf/actor_cast.hpp>

namespace test {

using namespace stravasync;

namespace {

budget_config
budget_of(const settings& config, const std::shared_ptr<unix_ms>& now) {
  const auto& limits = config.budget.limits;
  budget_config result;
  result.rules.short_overall = limits.short_all;
  result.rules.day_overall = limits.day_all;
  result.rules.short_read = limits.short_read;
  result.rules.day_read = limits.day_read;
  result.rules.live_share = config.budget.live_share;
  result.rules.live_release = config.budget.live_release;
  result.sole_owner = true;
  result.steady = [now] {
    return milliseconds{*now - simulated_world::begin_ms};
  };
  return result;
}

} // namespace

template <class... Args>
auto simulated_actors::spawn(Args&&... args) {
  auto result = system_.system().spawn(std::forward<Args>(args)...);
  all_.push_back(caf::actor_cast<caf::actor>(result));
  return result;
}

simulated_actors::simulated_actors(deterministic_system& system,
                                   settings config, simulated_world around)
  : system_{system},
    config_{std::move(config)},
    around_{std::move(around)},
    context_{{}, around_.log, [now = around_.now] { return *now; }, "n1"},
    bus_{around_.bus} {
  auto relay = add_store();
  add_api(relay);
  if (config_.node.has(role::consumer))
    add_consumer();
  if (config_.node.has(role::worker))
    add_worker();
}

simulated_actors::~simulated_actors() {
  for (const auto& one : all_)
    system_.self()->send_exit(one, caf::exit_reason::kill);
  system_.run();
}

std::int64_t simulated_actors::overlap_s() const {
  return std::chrono::duration_cast<std::chrono::seconds>(
           config_.sync.incremental_overlap)
    .count();
}

outbox_relay_actor simulated_actors::add_store() {
  auto open = store_opener{[path = around_.store_path] {
    return sqlite::open_session({.path = path});
  }};
  store_.writer = spawn(store_session_loop, context_, open);
  store_.reader = spawn(store_session_loop, context_, open);
  auto relay = spawn(outbox_relay, context_, store_,
                     std::shared_ptr<publisher>{bus_}, outbox_relay_config{});
  spawn(outbox_keeper, context_, store_, std::shared_ptr<stream_catalog>{bus_},
        relay, outbox_keeper_config{});
  return relay;
}

void simulated_actors::add_api(const outbox_relay_actor& relay) {
  auto oauth = spawn(oauth_client, context_,
                     std::shared_ptr<strava_oauth>{around_.strava});
  tokens_ = spawn(stravasync::tokens, context_, store_, oauth, around_.cipher,
                  std::shared_ptr<key_value>{bus_});
  reconciler_config looking;
  looking.incremental_overlap_s = overlap_s();
  looking.runs_max_age = config_.runs_max_age();
  // It looks once a step, however long that is.
  looking.erase_every = 12 * looking.every;
  looking.jobs_durable = job_durable(config_).options.durable;
  looking.pages_durable = ingest_durable(config_).options.durable;
  looking.words_durable = held_up_durable(config_).options.durable;
  auto mends = spawn(reconciler, context_, store_, bus_, relay, looking);
  athletes = spawn(stravasync::athletes, context_, store_, tokens_, oauth,
                   around_.cipher, relay, mends, athletes_config{overlap_s()});
  activities = spawn(stravasync::activities, context_, store_, around_.cipher);
  auto decoder = std::shared_ptr<const strava_decoder>{strava::make_decoder()};
  auto writer = spawn(ingest_writer, context_, store_, decoder, relay,
                      ingest_rules(config_));
  spawn(durable_source, context_, bus_, writer, ingest_durable(config_));
  auto keeper = spawn(run_keeper, context_, store_, relay);
  spawn(durable_source, context_, bus_, keeper, held_up_durable(config_));
}

void simulated_actors::add_consumer() {
  auto limits = spawn(budget, context_, std::shared_ptr<key_value>{bus_},
                      budget_of(config_, around_.now));
  auto client = spawn(strava_client, context_,
                      std::shared_ptr<strava_api>{around_.strava}, limits, 3U);
  auto handler = spawn(stravasync::sync, context_, bus_, tokens_, client,
                       sync_config{});
  spawn(durable_source, context_, bus_, handler, job_durable(config_));
}

void simulated_actors::add_worker() {
  auto role = std::make_shared<leadership>([] { return milliseconds{0}; });
  role->grant(7, milliseconds{1});
  spawn(history_keeper, context_, std::shared_ptr<stream_catalog>{bus_},
        std::shared_ptr<const leadership>{role}, history_keeper_config{});
  feeder_config feeding;
  feeding.incremental_overlap_s = overlap_s();
  feeding.jobs_durable = job_durable(config_).options.durable;
  auto feeds = spawn(feeder, context_, bus_, role, athletes, feeding);
  std::vector<schedule> due{
    {"incremental", plan_every(config_.sync.incremental_every, "every"),
     jobs::v1::SYNC_MODE_INCREMENTAL},
    {"relist", plan_every(config_.sync.relist_every, "every"),
     jobs::v1::SYNC_MODE_RELIST}};
  spawn(scheduler, context_, std::shared_ptr<key_value>{bus_},
        std::shared_ptr<const leadership>{role}, feeds, due);
}

} // namespace test
