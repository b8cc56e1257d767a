#pragma once

#include "actors/ports/log.hpp"
#include "config/settings.hpp"

#include <cstdint>

/// @file
/// What the operating system allows this process.

namespace stravasync {

/// New files are this user's alone, and an exception that nobody handles ends
/// the process with one sentence: a thread that the system does not give is a
/// setting of the machine's and no reason for a core file. Call it first in
/// `main`.
void set_up_process();

/// Raises the number of files (sockets included) that the process may have open
/// to the most that it may raise it to. @returns that number.
std::uint64_t raise_open_files();

/// Lowers `http.connections_max` to what fits the number of files that may be
/// open, less those that are kept for everything else: listening, the database,
/// the broker, Strava, files, and telling a client that there is no room. Says
/// so if it has to.
void fit_open_files(settings& config, std::uint64_t files_max, log& journal);

} // namespace stravasync
