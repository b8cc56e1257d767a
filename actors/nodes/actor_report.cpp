#include "actors/nodes/actor_report.hpp"

namespace stravasync {

query::v1::ActorTree report(const known_actors& of) {
  constexpr auto ns_per_s = 1e9;
  query::v1::ActorTree result;
  result.set_node(of.node);
  for (const auto& one : of.tree.snapshot()) {
    auto* node = result.add_nodes();
    node->set_path(one.path);
    node->set_actor_class(one.actor_class);
    node->set_state(to_string(one.state));
    node->set_restarts(one.restarts);
    node->set_last_error(one.last_error);
    node->set_retry_after_ms(one.retry_after.count());
  }
  for (const auto& one : of.statistics.snapshot()) {
    auto* cls = result.add_classes();
    cls->set_actor_class(one.actor_class);
    cls->set_handled(one.handled);
    cls->set_failed(one.failed);
    cls->set_busy_s(static_cast<double>(one.busy.count()) / ns_per_s);
    cls->set_waiting(one.waiting);
  }
  if (!of.health)
    return result;
  for (const auto& one : of.health()) {
    auto* part = result.add_parts();
    part->set_name(one.part);
    part->set_problem(one.problem);
    part->set_needed(one.needed);
    part->set_since_ms(one.since_ms);
    part->set_last_ok_at_ms(one.last_ok_at_ms);
  }
  return result;
}

} // namespace stravasync
