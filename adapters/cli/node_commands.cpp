#include "adapters/cli/families.hpp"

namespace stravasync::cli {

void add_node_commands(CLI::App& app, command& into) {
  auto* health = add_command(app, "health", "Ask a running node if it is ready",
                             into, action::health);
  health->add_flag("--alive", into.alive,
                   "Ask only whether it is alive, not whether it is ready");
  add_url(*health, into);
  auto* nodes = add_command(app, "nodes",
                            "Ask a running node for all nodes, and how their "
                            "actors are",
                            into, action::nodes);
  nodes->add_flag("--json", into.nodes_json,
                  "Print the API's answer, for programs");
  add_url(*nodes, into);
  auto* streams = add_family(app, "streams", "Look at the streams of the bus");
  add_command(*streams, "list", "Print streams and durables", into,
              action::streams_list);
  auto* apply = add_command(*streams, "apply",
                            "Make streams and durables what the settings say",
                            into, action::streams_apply);
  apply->add_flag("--dry-run", into.dry_run,
                  "Say what differs; change nothing");
}

} // namespace stravasync::cli
