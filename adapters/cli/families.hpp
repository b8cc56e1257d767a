#pragma once

#include "adapters/cli/command.hpp"

#include <CLI/CLI.hpp>

#include <string>

/// @file
/// The families of commands, one file each, that `parse` puts together.

namespace stravasync::cli {

/// @returns the subcommand, which hands options it does not know to `of`.
CLI::App* add_command(CLI::App& of, const std::string& name,
                      const std::string& help, command& into, action what);

/// A command that has only others below it: one of them must be named.
CLI::App*
add_family(CLI::App& of, const std::string& name, const std::string& help);

/// `--url`: which running node is asked; it is in `command::url`.
void add_url(CLI::App& to, command& into);

/// `health` and `nodes`, which ask a running node, and `streams`, which looks
/// at the bus and changes it.
void add_node_commands(CLI::App& app, command& into);

/// `replay`, which brings recorded messages somewhere else.
void add_replay_commands(CLI::App& app, command& into);
/// `dlq`, which asks a running node about dead letters.
void add_dlq_commands(CLI::App& app, command& into);

/// `sync`, which answers what a running node asks about an athlete.
void add_sync_commands(CLI::App& app, command& into);

/// `schedules`, which asks a running node.
void add_schedule_commands(CLI::App& app, command& into);

/// `budget`, which asks a running node.
void add_budget_commands(CLI::App& app, command& into);

} // namespace stravasync::cli
