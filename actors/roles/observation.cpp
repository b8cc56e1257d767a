#include "actors/roles/observation.hpp"

#include "actors/kit/fault.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace stravasync {

namespace {

using kit::run_state;

bool was_working(run_state state) {
  return state == run_state::up || state == run_state::starting;
}

std::string sentence(const kit::actor_event& event) {
  return event.path + " is " + to_string(event.to)
         + (event.to == run_state::down ? ": " + kit::describe(event.reason)
                                        : std::string{});
}

void tell(log& journal, const kit::actor_event& event) {
  if (event.to == run_state::down && was_working(event.from))
    return journal.warning(
      "an actor is down",
      {{"path", event.path},
       {"reason", kit::describe(event.reason)},
       {"retry_in_ms", static_cast<std::int64_t>(event.retry_after.count())}});
  if (event.to == run_state::up && event.restarts > 0)
    return journal.info(
      "an actor is up again",
      {{"path", event.path},
       {"restarts", static_cast<std::int64_t>(event.restarts)}});
  journal.debug("an actor changed", {{"path", event.path},
                                     {"from", to_string(event.from)},
                                     {"to", to_string(event.to)}});
}

using kind = telemetry::sample_family::kind;

telemetry::sample_family named(const char* name, const char* help, kind is) {
  return {std::string{"stravasync_"} + name, help, is, {}};
}

void add(telemetry::sample_family& to, const std::string& actor_class,
         double value) {
  to.samples.push_back({{{"class", actor_class}}, value});
}

/// What supervisors know.
telemetry::families supervised(const kit::actor_tree& tree) {
  struct sums {
    double all = 0;
    double up = 0;
    double restarts = 0;
  };
  std::map<std::string, sums> by_class;
  for (const auto& node : tree.snapshot()) {
    // One that never started is of no class yet.
    auto& sum = by_class[node.actor_class.empty() ? "none" : node.actor_class];
    sum.all += 1;
    sum.up += node.state == run_state::up ? 1 : 0;
    sum.restarts += static_cast<double>(node.restarts);
  }
  auto all = named("actors", "Supervised actors, by class.", kind::gauge);
  auto up = named("actors_up", "Those of them that run.", kind::gauge);
  auto restarts = named("actor_restarts_total",
                        "How often actors of the class were started again.",
                        kind::counter);
  for (const auto& [actor_class, sum] : by_class) {
    add(all, actor_class, sum.all);
    add(up, actor_class, sum.up);
    add(restarts, actor_class, sum.restarts);
  }
  return {all, up, restarts};
}

/// What actors counted themselves.
telemetry::families counted(const kit::actor_statistics& statistics) {
  constexpr auto ns_per_s = 1e9;
  auto handled = named("actor_messages_total",
                       "Messages handled, by class of actor.", kind::counter);
  auto failed = named("actor_failures_total",
                      "Messages answered with an error, by class of actor.",
                      kind::counter);
  auto busy = named("actor_busy_seconds_total",
                    "Time spent in handlers, by class of actor.",
                    kind::counter);
  auto waiting = named("actor_mailbox_messages",
                       "Messages that wait in mailboxes, by class of actor; "
                       "as each actor saw it after its last message.",
                       kind::gauge);
  for (const auto& one : statistics.snapshot()) {
    add(handled, one.actor_class, static_cast<double>(one.handled));
    add(failed, one.actor_class, static_cast<double>(one.failed));
    add(busy, one.actor_class,
        static_cast<double>(one.busy.count()) / ns_per_s);
    add(waiting, one.actor_class, static_cast<double>(one.waiting));
  }
  return {handled, failed, busy, waiting};
}

} // namespace

kit::actor_observer
make_observer(kit::actor_tree tree, std::shared_ptr<log> journal,
              std::shared_ptr<feed_hub> hub) {
  return [=](const kit::actor_event& event) {
    tree.note(event);
    tell(*journal, event);
    if (event.to == run_state::down || event.to == run_state::up) {
      feed_event news;
      news.kind = "guardian";
      news.text = sentence(event);
      hub->emit(news);
    }
  };
}

std::vector<readiness>
readiness_of(const kit::actor_tree& tree, const std::vector<actor_part>& parts,
             unix_ms now) {
  auto nodes = tree.snapshot();
  std::vector<readiness> result;
  for (const auto& [part, path, lazy] : parts) {
    auto found = std::ranges::find(nodes, path, &kit::actor_node::path);
    if (lazy && (found == nodes.end() || was_working(found->state)))
      continue;
    auto& one = result.emplace_back(readiness{part, {}});
    if (found == nodes.end()) {
      one.problem = "has not started yet";
      continue;
    }
    one.since_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                     found->since.time_since_epoch())
                     .count();
    if (found->state != run_state::up)
      one.problem = found->last_error.empty() ? to_string(found->state)
                                              : found->last_error;
    one.last_ok_at_ms = one.works() ? now : one.since_ms;
  }
  return result;
}

void merge(std::vector<readiness>& into, const std::vector<readiness>& more) {
  for (const auto& one : more) {
    auto found = std::ranges::find(into, one.part, &readiness::part);
    if (found == into.end()) {
      into.push_back(one);
    } else if (found->works() && !one.works()) {
      *found = one;
    } else if (!one.works()) {
      found->problem += "; " + one.problem;
      found->since_ms = std::min(found->since_ms, one.since_ms);
    }
  }
}

telemetry::families actor_families(const kit::actor_tree& tree,
                                   const kit::actor_statistics& statistics) {
  auto result = supervised(tree);
  auto by_class = counted(statistics);
  std::ranges::move(by_class, std::back_inserter(result));
  return result;
}

} // namespace stravasync
