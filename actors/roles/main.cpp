#include "actors/roles/commands.hpp"
#include "actors/roles/node.hpp"
#include "actors/roles/parts.hpp"
#include "actors/roles/process_limits.hpp"
#include "actors/roles/replay_command.hpp"
#include "adapters/cli/command.hpp"
#include "config/keys.hpp"
#include "config/load.hpp"
#include "messages/error.hpp"

#include <cstdio>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace stravasync;

/// A person made a mistake: one line, and the exit code that says so.
constexpr auto usage_exit = 2;

int execute(const cli::command& what, const loaded_settings& loaded) {
  switch (what.what) {
    case cli::action::run:
      if (auto why = check_strava(loaded))
        return fail_command(why);
      return run_node(loaded);
    case cli::action::config_check:
      if (auto why = check_ways_to_strava(loaded.values))
        return fail_command(why);
      std::puts("the settings are fine");
      if (auto why = check_strava(loaded))
        std::printf("before a node can run: %s\n", detail_of(why).c_str());
      return 0;
    case cli::action::config_show:
      std::fputs(show(loaded).c_str(), stdout);
      return 0;
    case cli::action::config_example:
      std::fputs(example_file().c_str(), stdout);
      return 0;
    case cli::action::migrate:
      return run_migrate(loaded.values, what.dry_run);
    case cli::action::seed:
      return run_seed(loaded.values, what.athletes, what.activities);
    case cli::action::health:
      return run_health(loaded.values, what.url, what.alive);
    case cli::action::nodes:
      return run_nodes(loaded.values, {what.url, what.nodes_json});
    case cli::action::streams_list:
      return run_streams_list(loaded.values);
    case cli::action::streams_apply:
      return run_streams_apply(loaded.values, what.dry_run);
    case cli::action::replay:
      return run_replay(loaded.values, what.replay);
    case cli::action::dlq_list:
    case cli::action::dlq_show:
    case cli::action::dlq_retry:
    case cli::action::dlq_drop:
      return run_dlq(loaded.values, what);
    case cli::action::sync_confirm:
      return run_sync_confirm(loaded.values, what);
    case cli::action::schedules_list:
      return run_schedules(loaded.values, {what.url, what.schedules.json});
    case cli::action::schedules_runs:
      return run_schedule_runs(loaded.values, {what.url, what.schedules.json},
                               what.schedules.name);
    case cli::action::budget_show:
    case cli::action::budget_reset:
      return run_budget(loaded.values, {what.url, what.budget_json},
                        what.what == cli::action::budget_reset);
  }
  return usage_exit;
}

/// Whether the command runs a node or says if one would run.
bool describes_a_node(cli::action what) {
  return what == cli::action::run || what == cli::action::config_check;
}

} // namespace

// An exception that nobody catches is a bug: the process aborts, with the
// thrower's stack in its core, and waits in no destructor.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  set_up_process();
  auto parsed = cli::parse(std::vector<std::string>(argv + 1, argv + argc));
  if (auto* over = std::get_if<cli::ending>(&parsed)) {
    std::fputs(over->text.c_str(), over->exit_code == 0 ? stdout : stderr);
    return over->exit_code;
  }
  const auto& what = std::get<cli::command>(parsed);
  load_request request;
  request.file = what.config_file;
  request.variables = process_environment();
  request.flags = what.flags;
  request.node_id = make_node_id();
  request.for_node = describes_a_node(what.what);
  auto loaded = load(request);
  if (!loaded) {
    std::fprintf(stderr, "stravasync: %s\n", detail_of(loaded.error()).c_str());
    return usage_exit;
  }
  return execute(what, *loaded);
}
