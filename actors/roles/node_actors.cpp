#include "actors/roles/node_actors.hpp"

#include "actors/remote/remote_actors.hpp"
#include "actors/roles/group.hpp"
#include "actors/roles/node_health.hpp"
#include "actors/roles/observation.hpp"
#include "messages/error.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <thread>
#include <utility>

namespace stravasync {

namespace {

/// Threads that run actors: enough for parallel work, few for a quiet laptop.
constexpr auto scheduler_threads_max = 4u;
/// Messages one actor handles before the next gets its turn.
constexpr auto throughput = std::size_t{50};

caf::actor_system_config& configure(caf::actor_system_config& config) {
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads",
             static_cast<std::size_t>(std::min(cores, scheduler_threads_max)));
  config.set("scheduler.max-throughput", throughput);
  return config;
}

/// The actors of other nodes that this one asks.
struct remote_group {
  tokens_actor tokens;
  athletes_actor athletes;
  std::vector<kit::child_spec> children;
};

remote_group
make_remote_group(caf::actor_system& system, const node_parts& parts) {
  group all{system, drain_of(parts.config)};
  remote_link link{parts.link.questions, {}};
  link.config.deadline = parts.config.bus.request_timeout;
  remote_group result;
  result.tokens = all.add<tokens_actor>("tokens", [=](caf::actor_system& sys) {
    return sys.spawn(remote_tokens, parts.context, link);
  });
  result.athletes
    = all.add<athletes_actor>("athletes", [=](caf::actor_system& sys) {
        return sys.spawn(remote_athletes, parts.context, link);
      });
  result.children = all.take();
  return result;
}

} // namespace

node_actors::node_actors(node_parts parts, stop_signals& signals)
  : parts_{std::move(parts)},
    system_{configure(config_)} {
  auto supervise
    = supervision(make_observer(parts_.tree, parts_.context.journal, hub_));
  std::vector<kit::child_spec> groups;
  auto add = [&](const char* name, std::vector<kit::child_spec> children) {
    auto spec = kit::nested(name, supervise, std::move(children));
    spec.stop_deadline = parts_.config.node.drain_deadline;
    groups.push_back(std::move(spec));
  };
  const auto& node = parts_.config.node;
  add("node", make_node_group(system_, parts_));
  tokens_actor tokens;
  athletes_actor athletes;
  store_access store;
  if (node.has(role::api)) {
    auto api = make_api_group(system_, parts_, hub_);
    bridge_ = make_api_bridge(api.edge, api.actors, parts_.context.journal);
    tokens = api.tokens;
    athletes = api.actors.athletes;
    edge_ = api.edge;
    figures_ = api.figures;
    store = api.store;
    add("api", std::move(api.children));
  } else {
    auto remote = make_remote_group(system_, parts_);
    tokens = remote.tokens;
    athletes = remote.athletes;
    add("remote", std::move(remote.children));
  }
  if (node.has(role::consumer))
    add("consumer", make_consumer_group(system_, parts_, tokens));
  if (node.has(role::worker))
    add("worker", make_worker_group(system_, parts_, athletes));
  add("health", make_health_group(system_, parts_, edge_, store));
  auto root = caf::actor_cast<caf::actor>(
    kit::spawn_supervisor(system_, supervise, std::move(groups)));
  root->attach_functor([&signals](const caf::error& reason) {
    signals.request({false, "the actors gave up: " + detail_of(reason)});
  });
  root_ = std::move(root);
}

node_actors::~node_actors() {
  // What calls back into actors goes before the system they live in.
  bridge_.reset();
  edge_ = nullptr;
  figures_ = nullptr;
  parts_ = {};
  system_.clock().cancel_all();
}

void node_actors::stop() {
  auto self = caf::scoped_actor{system_};
  self->monitor(root_);
  self->send<caf::message_priority::high>(
    root_, caf::exit_msg{self->address(), caf::exit_reason::user_shutdown});
  self->receive([](const caf::down_msg&) {});
  root_ = nullptr;
}

void node_actors::look_at_cluster(
  completion<std::shared_ptr<const cluster_figures>> done) const {
  if (!figures_)
    return done(make_failure(ec::unavailable, "an api node knows that"));
  ask_through(edge_, figures_, stravasync::look_at_cluster{}, std::move(done));
}

std::vector<readiness> node_actors::ready() const {
  return health_of(parts_);
}

} // namespace stravasync
