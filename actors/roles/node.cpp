#include "actors/roles/node.hpp"

#include "actors/roles/cluster_observation.hpp"
#include "actors/roles/front.hpp"
#include "actors/roles/node_actors.hpp"
#include "actors/roles/observation.hpp"
#include "actors/roles/patience.hpp"
#include "actors/roles/process_limits.hpp"
#include "actors/roles/simulation.hpp"
#include "actors/roles/stop_signals.hpp"
#include "adapters/cli/command.hpp"
#include "adapters/http/api.hpp"
#include "adapters/telemetry/log_writer.hpp"
#include "adapters/telemetry/metrics.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace stravasync {

namespace {

using clock = std::chrono::steady_clock;

/// Kept back for ending what did not stop by itself.
constexpr auto last_moments = milliseconds{2'000};

std::shared_ptr<telemetry::log_writer> open_log(const settings& config) {
  telemetry::log_options options;
  options.least = static_cast<log_level>(config.log.level);
  options.node = config.node.id;
  switch (config.log.format) {
    case log_format::automatic:
      options.style = telemetry::log_style::automatic;
      break;
    case log_format::json:
      options.style = telemetry::log_style::json;
      break;
    case log_format::text:
      options.style = telemetry::log_style::text;
      break;
  }
  return telemetry::make_log(options);
}

/// What a scrape of this node tells.
std::shared_ptr<telemetry::metrics> make_numbers(const node_parts& parts) {
  auto result = std::make_shared<telemetry::metrics>();
  result->add([tree = parts.tree, statistics = parts.context.statistics] {
    return actor_families(tree, statistics);
  });
  result->add(telemetry::process_families);
  return result;
}

/// Tells the numbers of this node, and on an api node those of the cluster.
void tell(const std::shared_ptr<telemetry::metrics>& numbers,
          const node_actors& actors, const http::text_receiver& to) {
  using figures = std::shared_ptr<const cluster_figures>;
  auto connected = actors.parts().state_of_bus->problem().empty();
  if (!actors.parts().config.node.has(role::api))
    return to(numbers->text({bus_family(connected)}));
  actors.look_at_cluster([=](caf::expected<figures> known) {
    auto more = known ? cluster_families(**known) : telemetry::families{};
    more.push_back(bus_family(connected && known && (*known)->answers));
    to(numbers->text(std::move(more)));
  });
}

void mount(http::router& routes, node_actors& actors, const http::site& where,
           const std::shared_ptr<telemetry::metrics>& numbers) {
  auto ready = [&actors] { return actors.ready(); };
  auto text = [&actors, numbers](const http::text_receiver& to) {
    tell(numbers, actors, to);
  };
  if (actors.service() == nullptr)
    return http::mount_health(routes, ready, text);
  http::mount_api(routes, {.service = *actors.service(),
                           .feed = actors.hub(),
                           .where = where,
                           .ready = ready,
                           .metrics_text = text});
  http::mount_page(routes, where);
}

/// Calls `what` once `delay` is over, unless it ends before.
class delayed_call {
public:
  delayed_call(milliseconds delay, std::function<void()> what)
    : thread_{[this, delay, what = std::move(what)](std::stop_token ended) {
        auto lock = std::unique_lock{mutex_};
        changed_.wait_for(lock, ended, delay, [] { return false; });
        if (!ended.stop_requested() && what)
          what();
      }} {
  }

private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

/// Lets standard NATS tools list this node as long as the result lives.
caf::expected<std::vector<std::shared_ptr<void>>>
announce(const node_parts& parts) {
  if (!parts.link.announce)
    return std::vector<std::shared_ptr<void>>{};
  return parts.link.announce(parts.questions);
}

/// Serves until there is a cause to stop, then stops in order.
caf::error run_until_stopped(const settings& config, node_parts parts,
                             telemetry::log_writer& journal, http_front& front,
                             stop_signals& signals) {
  node_actors actors{std::move(parts), signals};
  http::router routes;
  mount(routes, actors, front.where(), make_numbers(actors.parts()));
  auto announced = announce(actors.parts());
  if (!announced)
    journal.warning("this node cannot be announced",
                    {{"reason", detail_of(announced.error())}});
  front.serve(routes);
  journal.info(config.node.has(role::api)
                 ? "ready: open " + config.http.public_url + "/"
                 : "started");
  signals.started();
  auto cause = signals.wait([&] { journal.flush(false); });
  journal.info("stopping", {{"why", cause.text}});
  auto end = clock::now() + config.node.drain_deadline;
  signals.allow(config.node.drain_deadline + last_moments);
  // What waits for a broker that hangs would wait beyond the deadline.
  delayed_call hurry{config.node.drain_deadline * 3 / 4,
                     actors.parts().link.give_up};
  front.stop(drain_of(config));
  if (cause.wanted)
    actors.stop();
  auto spare = std::chrono::duration_cast<milliseconds>(end - clock::now());
  journal.info("stopped",
               {{"spare_ms", static_cast<std::int64_t>(spare.count())}});
  return cause.wanted ? caf::error{} : make_failure(ec::internal, cause.text);
}

/// Runs the roles but sim until there is a cause to stop.
caf::error run_actors(const settings& config,
                      std::shared_ptr<telemetry::log_writer> journal,
                      stop_signals& signals) {
  http_front front{config.http, journal};
  if (auto why = front.start())
    return why;
  patience waiting{
    signals,
    journal,
    {.fail_fast = config.node.fail_fast,
     .on_wait = [&front](const std::string& what) { front.waiting(what); }}};
  signals.starting(config.node.drain_deadline);
  auto parts = open_parts(config, journal, waiting);
  if (!parts) {
    front.stop(drain_of(config));
    // Told to stop while it waited: that is no failure.
    return signals.wait_for(milliseconds{0}) ? caf::error{} : parts.error();
  }
  return run_until_stopped(config, std::move(*parts), *journal, front, signals);
}

caf::error run_roles(const loaded_settings& loaded,
                     std::shared_ptr<telemetry::log_writer> journal,
                     stop_signals& signals) {
  auto config = loaded.values;
  fit_open_files(config, raise_open_files(), *journal);
  std::unique_ptr<strava_sim::simulator> simulator;
  if (config.node.has(role::sim)) {
    auto started = start_simulator(config, *journal);
    if (!started)
      return started.error();
    simulator = std::move(*started);
    // Port 0 picks one: what was derived from the setting has to follow.
    auto base = base_url_of(simulator->addresses());
    if (!loaded.is_set("strava.api_url"))
      config.strava.api_url = base + "/api/v3";
    if (!loaded.is_set("strava.oauth_url"))
      config.strava.oauth_url = base + "/oauth";
    if (!loaded.is_set("strava.authorize_url"))
      config.strava.authorize_url = config.strava.oauth_url + "/authorize";
  }
  auto why = caf::error{};
  if (config.node.roles == std::set{role::sim}) {
    auto cause = signals.wait([&] { journal->flush(false); });
    journal->info("stopping", {{"why", cause.text}});
    signals.allow(config.node.drain_deadline + last_moments);
  } else {
    why = run_actors(config, journal, signals);
  }
  if (simulator)
    simulator->stop(config.node.drain_deadline / 2);
  return why;
}

} // namespace

kit::supervisor_config supervision(const kit::actor_observer& observer) {
  kit::supervisor_config config;
  config.intensity = {20, milliseconds{60'000}};
  config.backoff = {milliseconds{100}, milliseconds{30'000}};
  config.observer = observer;
  return config;
}

int run_node(const loaded_settings& loaded) {
  const auto& config = loaded.values;
  stop_signals signals;
  auto journal = open_log(config);
  std::string roles;
  for (auto one : config.node.roles)
    roles += (roles.empty() ? "" : ",") + std::string{to_string(one)};
  journal->info("starting",
                {{"roles", roles}, {"version", cli::version_text()}});
  if (auto why = run_roles(loaded, journal, signals)) {
    journal->error("cannot run", {{"reason", detail_of(why)}});
    journal->flush(true);
    return 1;
  }
  return 0;
}

} // namespace stravasync
