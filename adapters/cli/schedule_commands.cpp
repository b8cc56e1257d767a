#include "adapters/cli/families.hpp"

namespace stravasync::cli {

void add_schedule_commands(CLI::App& app, command& into) {
  auto* schedules = add_command(app, "schedules",
                                "Ask a running node for the schedules", into,
                                action::schedules_list);
  schedules->require_subcommand(0, 1);
  // Without a subcommand only: this runs after the subcommand's own.
  schedules->callback([schedules, &into] {
    if (schedules->get_subcommands().empty())
      into.what = action::schedules_list;
  });
  auto* runs = add_command(*schedules, "runs", "Their last runs, newest first",
                           into, action::schedules_runs);
  runs
    ->add_option("NAME", into.schedules.name,
                 "The schedule, such as incremental")
    ->required();
  schedules->add_flag("--json", into.schedules.json,
                      "Print the API's answer, for programs");
  add_url(*schedules, into);
}

} // namespace stravasync::cli
