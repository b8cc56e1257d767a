#pragma once

#include "adapters/cli/command.hpp"
#include "config/load.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <string>

namespace stravasync {

/// Says on standard error why a command failed. @returns the exit code: 2 if
/// what it was given is wrong, else 1.
[[nodiscard]] int fail_command(const caf::error& why);

/// `stravasync migrate`: says what is pending and, unless `dry_run`, applies
/// it. @returns the exit code.
[[nodiscard]] int run_migrate(const settings& config, bool dry_run);

/// `stravasync seed`: fills the store with demo athletes, the same ones each
/// time. @returns the exit code.
[[nodiscard]] int run_seed(const settings& config, std::uint32_t athletes,
                           std::uint32_t activities);

/// `stravasync health`: asks a running node whether it is ready, or alive.
/// @param url Of the node; empty: where the settings say it listens.
/// @returns 0 if it is, 1 if not, with the reason on standard error.
[[nodiscard]] int
run_health(const settings& config, const std::string& url, bool alive);

/// `stravasync streams list`: prints streams and durables of the bus.
[[nodiscard]] int run_streams_list(const settings& config);

/// `stravasync streams apply`: creates streams and durables, or changes them to
/// what the settings say; with `only_look` says what differs.
[[nodiscard]] int run_streams_apply(const settings& config, bool only_look);

/// `stravasync dlq`: asks a running node about dead letters. @returns 1 if any
/// of those named could not be dealt with.
[[nodiscard]] int run_dlq(const settings& config, const cli::command& what);

/// Whom a command asks and how it prints the answer.
struct admin_question {
  std::string url; // Of the node; empty: where the settings say it listens.
  bool json = false;
};

/// `stravasync nodes`: prints the nodes as a running one knows them, and how
/// the actors of each are.
[[nodiscard]] int
run_nodes(const settings& config, const admin_question& asked);

/// `stravasync sync confirm`: has a running node delete what Strava's list of
/// an athlete lacks; with `dry_run` says how many those are.
[[nodiscard]] int
run_sync_confirm(const settings& config, const cli::command& what);

/// `stravasync schedules`: prints the schedules as a running node tells them.
[[nodiscard]] int
run_schedules(const settings& config, const admin_question& asked);

/// `stravasync schedules runs`: prints the last runs of one.
[[nodiscard]] int
run_schedule_runs(const settings& config, const admin_question& asked,
                  const std::string& schedule);

/// `stravasync budget`: prints Strava's limits and what is used as a running
/// node tells them; with `resets` has it begin a new ledger first.
[[nodiscard]] int
run_budget(const settings& config, const admin_question& asked, bool resets);

} // namespace stravasync
