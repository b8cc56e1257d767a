#pragma once

#include "config/load.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stravasync::cli {

enum class action : std::uint8_t {
  run,            // Be a node until told to stop.
  config_check,   // Load the settings and say whether they are fine.
  config_show,    // Print every setting and where it comes from.
  config_example, // Print the settings file with every key explained.
  migrate,        // Bring the store's schema up to date.
  seed,           // Fill the store with demo athletes.
  health,         // Ask a running node whether it is ready.
  nodes,          // Ask a running node for all nodes and their actors.
  streams_list,   // Print streams and durables.
  streams_apply,  // Make them what the settings say.
  replay,         // Bring recorded messages somewhere else.
  dlq_list,       // Print dead letters.
  dlq_show,       // Print all there is about one.
  dlq_retry,      // Send some or all to where they came from.
  dlq_drop,       // Remove some or all.
  schedules_list, // Ask a running node for the schedules.
  schedules_runs, // And for the runs of one.
  budget_show,    // Ask a running node for Strava's limits and what is used.
  budget_reset,   // Have it begin a new ledger of them.
  sync_confirm,   // Delete what Strava's list of an athlete lacks.
};

/// Of `replay`, as typed.
struct replay_options {
  std::string stream;
  std::string subject;         // Empty: all.
  std::string from;            // Empty: from the beginning.
  std::string to;              // Empty: to the end.
  std::int64_t athlete_id = 0; // 0: everybody.
  std::string speed = "max";
  std::string into;
  bool pretty = false;
  bool step = false;
  bool force = false;
};

/// Which dead letters, and how they are printed.
struct dlq_options {
  std::vector<std::uint64_t> ids;
  bool all = false;
  bool json = false;
  // What is not set does not filter.
  std::string durable;
  std::string reason;
  std::int64_t athlete = 0;
  std::chrono::seconds older_than{0};
  std::chrono::seconds newer_than{0};
};

/// What `schedules` asks for.
struct schedule_options {
  std::string name; // runs: of this one.
  bool json = false;
};

/// What the command line asks for.
struct command {
  action what = action::run;
  std::string config_file; // Empty: none was named.
  /// In the order in which they hold: the later wins.
  std::vector<setting_flag> flags;
  bool dry_run = false; // Say what would be done, do nothing.
  bool alive = false;   // health: alive is enough.
  bool nodes_json = false;
  /// Of the node that is asked; empty: where the settings say it listens.
  std::string url;
  dlq_options dlq;
  schedule_options schedules;
  bool budget_json = false;
  bool budget_sure = false;       // reset: what is used may be forgotten.
  std::int64_t athlete = 0;       // sync confirm
  std::uint32_t athletes = 3;     // seed
  std::uint32_t activities = 200; // seed: of each athlete.
  replay_options replay;
};

/// The command line was all there is to do: print `text` (to standard output
/// if `exit_code` is 0, else to standard error) and leave.
struct ending {
  int exit_code = 0; // 2: the command line is wrong, `text` is one line.
  std::string text;
};

/// @param arguments Without the program's name.
[[nodiscard]] std::variant<command, ending>
parse(std::span<const std::string> arguments);

/// @returns "stravasync 0.1.0".
[[nodiscard]] std::string version_text();

/// @returns "0.1.0".
[[nodiscard]] std::string_view version_number();

} // namespace stravasync::cli
