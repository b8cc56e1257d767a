#include "adapters/cli/checks.hpp"
#include "adapters/cli/families.hpp"

namespace stravasync::cli {

void add_sync_commands(CLI::App& app, command& into) {
  auto* sync = add_family(app, "sync", "Syncs of athletes, on a running node");
  auto* confirm
    = add_command(*sync, "confirm",
                  "Delete what a list of Strava's lacks: it is not an error",
                  into, action::sync_confirm);
  confirm
    ->add_option("athlete", into.athlete, "Whose activities, by Strava's id")
    ->check(an_id())
    ->expected(1)
    ->required()
    ->type_name("ATHLETE");
  confirm->add_flag("--dry-run", into.dry_run, "Only say how many are missing");
  add_url(*confirm, into);
}

} // namespace stravasync::cli
