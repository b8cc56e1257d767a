#include "actors/roles/node.hpp"

#include "actors/roles/groups.hpp"
#include "actors/roles/observation.hpp"
#include "actors/roles/parts.hpp"
#include "actors/roles/simulation.hpp"
#include "actors/roles/stop_signals.hpp"
#include "adapters/cli/command.hpp"
#include "adapters/http/api.hpp"
#include "adapters/http/router.hpp"
#include "adapters/http/server.hpp"
#include "adapters/telemetry/log_writer.hpp"
#include "messages/error.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <thread>

namespace stravasync {

namespace {

using clock = std::chrono::steady_clock;

/// Threads that run actors: enough for parallel work, few for a quiet laptop.
constexpr auto scheduler_threads_max = 4u;
/// Messages one actor handles before the next gets its turn.
constexpr auto throughput = std::size_t{50};
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

caf::actor_system_config& configure(caf::actor_system_config& config) {
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads",
             static_cast<std::size_t>(std::min(cores, scheduler_threads_max)));
  config.set("scheduler.max-throughput", throughput);
  return config;
}

/// The actors of a node, from start to stop.
class actor_side {
public:
  actor_side(node_parts parts, stop_signals& signals)
    : parts_{std::move(parts)},
      system_{configure(config_)} {
    auto observer = make_observer(parts_.tree, parts_.context.journal, hub_);
    auto supervise = supervision(observer);
    std::vector<kit::child_spec> groups;
    auto add = [&](const char* name, std::vector<kit::child_spec> children) {
      auto spec = kit::nested(name, supervise, std::move(children));
      spec.stop_deadline = parts_.config.node.drain_deadline;
      groups.push_back(std::move(spec));
    };
    auto api = make_api_group(system_, parts_, hub_);
    bridge_ = make_api_bridge(api.edge, api.actors);
    add("api", std::move(api.children));
    add("consumer", make_consumer_group(system_, parts_, api.tokens));
    add("worker", make_worker_group(system_, parts_, api.actors.athletes));
    auto root = caf::actor_cast<caf::actor>(
      kit::spawn_supervisor(system_, supervise, std::move(groups)));
    root->attach_functor([&signals](const caf::error& reason) {
      signals.request({false, "the actors gave up: " + detail_of(reason)});
    });
    root_ = std::move(root);
  }

  actor_side(const actor_side&) = delete;
  actor_side& operator=(const actor_side&) = delete;

  ~actor_side() {
    // What calls back into actors goes before the system they live in.
    bridge_.reset();
    parts_ = {};
    system_.clock().cancel_all();
  }

  /// Stops all actors, sources first; returns when they have ended.
  void stop() {
    auto self = caf::scoped_actor{system_};
    self->monitor(root_);
    self->send<caf::message_priority::high>(
      root_, caf::exit_msg{self->address(), caf::exit_reason::user_shutdown});
    self->receive([](const caf::down_msg&) {});
    root_ = nullptr;
  }

  api_service& service() {
    return *bridge_;
  }

  feed_hub& hub() {
    return *hub_;
  }

  [[nodiscard]] const node_parts& parts() const {
    return parts_;
  }

private:
  // In the order in which they must outlive each other.
  std::shared_ptr<feed_hub> hub_ = std::make_shared<feed_hub>();
  node_parts parts_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  std::unique_ptr<api_service> bridge_;
  caf::actor root_;
};

const auto readiness_parts = std::vector<readiness>{
  {"database", "/api/store-writer/actor"},
  {"database reads", "/api/store-reader/actor"},
  {"ingest", "/api/ingest-source"},
  {"jobs", "/consumer/job-source"},
};

http::api_dependencies
dependencies(actor_side& actors, telemetry::metrics& numbers) {
  return {.service = actors.service(),
          .feed = actors.hub(),
          .ready =
            [tree = actors.parts().tree] {
              return readiness_of(tree, readiness_parts);
            },
          .metrics_text = [&numbers] { return numbers.text(); }};
}

caf::expected<std::unique_ptr<http::server>>
serve(const http_settings& config, const http::router& routes, log& journal) {
  http::server_options options;
  options.listen = config.listen;
  options.io_threads = config.io_threads;
  options.connections_max = config.connections_max;
  options.in_flight_max = config.in_flight_max;
  options.header_bytes_max = config.header_bytes_max;
  options.body_bytes_max = config.body_bytes_max;
  options.header_timeout = config.header_timeout;
  options.idle_timeout = config.idle_timeout;
  return http::start_server(
    options,
    [&routes](http::request what, std::shared_ptr<http::responder> reply) {
      routes.serve(std::move(what), std::move(reply));
    },
    journal);
}

/// Runs api, consumer and worker until there is a cause to stop.
caf::error run_actors(const settings& config,
                      std::shared_ptr<telemetry::log_writer> journal,
                      stop_signals& signals) {
  auto parts = open_parts(config, journal);
  if (!parts)
    return parts.error();
  if (auto why = ensure_streams(*parts))
    return why;
  actor_side actors{std::move(*parts), signals};
  telemetry::metrics numbers;
  numbers.add([&actors] {
    return actor_families(actors.parts().tree,
                          actors.parts().context.statistics);
  });
  numbers.add(telemetry::process_families);
  http::router routes;
  http::mount_api(routes, dependencies(actors, numbers));
  http::mount_page(routes);
  auto server = serve(config.http, routes, *journal);
  if (!server) {
    actors.stop();
    return with_context(server.error(), "http.listen");
  }
  for (const auto& address : (*server)->addresses())
    journal->info("listening", {{"address", address}});
  journal->info("ready: open " + config.http.public_url + "/");
  auto cause = signals.wait([&] { journal->flush(false); });
  journal->info("stopping", {{"why", cause.text}});
  auto end = clock::now() + config.node.drain_deadline;
  signals.allow(config.node.drain_deadline + last_moments);
  (*server)->stop(drain_of(config));
  if (cause.wanted)
    actors.stop();
  auto spare = std::chrono::duration_cast<milliseconds>(end - clock::now());
  journal->info("stopped",
                {{"spare_ms", static_cast<std::int64_t>(spare.count())}});
  return cause.wanted ? caf::error{} : make_failure(ec::internal, cause.text);
}

caf::error run_roles(const loaded_settings& loaded,
                     std::shared_ptr<telemetry::log_writer> journal,
                     stop_signals& signals) {
  auto config = loaded.values;
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
  }
  auto alone = !config.node.has(role::api);
  auto why = caf::error{};
  if (alone) {
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
