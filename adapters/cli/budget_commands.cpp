#include "adapters/cli/families.hpp"

namespace stravasync::cli {

void add_budget_commands(CLI::App& app, command& into) {
  auto* budget = add_command(app, "budget",
                             "Ask a running node for Strava's limits and what "
                             "is used",
                             into, action::budget_show);
  budget->require_subcommand(0, 1);
  // Without a subcommand only: this runs after the subcommand's own.
  budget->callback([budget, &into] {
    if (budget->get_subcommands().empty())
      into.what = action::budget_show;
  });
  budget->add_flag("--json", into.budget_json,
                   "Print the API's answer, for programs");
  add_url(*budget, into);
  auto* reset = add_command(*budget, "reset",
                            "Begin a new ledger; the log says who did", into,
                            action::budget_reset);
  reset->add_flag("--yes", into.budget_sure,
                  "Forget what is used; Strava's next answer tells it anew");
  reset->callback([&into] {
    into.what = action::budget_reset;
    if (!into.budget_sure)
      throw CLI::ValidationError{"budget reset forgets what is used; say --yes "
                                 "if that is what you want"};
  });
}

} // namespace stravasync::cli
