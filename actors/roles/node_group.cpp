#include "actors/nodes/inspection.hpp"
#include "actors/nodes/presence.hpp"
#include "actors/roles/group.hpp"
#include "actors/roles/groups.hpp"
#include "actors/roles/node_health.hpp"
#include "adapters/cli/command.hpp"

namespace stravasync {

namespace {

query::v1::NodeList::Node
describe_node(const settings& config, const actor_context& context,
              unix_ms started_at_ms) {
  query::v1::NodeList::Node node;
  node.set_id(context.node);
  for (auto one : config.node.roles)
    node.add_roles(std::string{to_string(one)});
  node.set_version(std::string{cli::version_number()});
  node.set_started_at_ms(started_at_ms);
  node.set_seen_at_ms(context.now());
  node.set_state("up");
  return node;
}

} // namespace

std::vector<kit::child_spec>
make_node_group(caf::actor_system& system, const node_parts& parts) {
  group all{system, drain_of(parts.config)};
  auto describe = [config = parts.config, context = parts.context,
                   started = parts.context.now()] {
    return describe_node(config, context, started);
  };
  all.add<caf::actor>("presence", [=](caf::actor_system& sys) {
    return sys.spawn(presence, parts.context, parts.messages, describe);
  });
  if (parts.link.questions)
    all.add<caf::actor>("inspection", [=](caf::actor_system& sys) {
      return sys.spawn(inspection, parts.link.questions, actors_of(parts));
    });
  return all.take();
}

} // namespace stravasync
