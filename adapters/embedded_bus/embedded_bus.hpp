#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/clock.hpp"
#include "actors/ports/log.hpp"

#include <caf/expected.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

/// @file
/// The bus of a single process: streams, durables and key-value buckets in one
/// SQLite database that this process alone has open. It survives `kill -9`:
/// what it acknowledged is on disk.

namespace stravasync::embedded_bus {

/// Time since any fixed point that never goes back.
using steady_clock = std::function<std::chrono::milliseconds()>;

/// @returns the machine's own steady clock.
[[nodiscard]] steady_clock system_steady_clock();

struct options {
  /// The database file; made if missing, in a directory that must exist. Beside
  /// it SQLite keeps `path`-wal.
  std::string path;
  /// Stamps messages and decides their age and the dedupe window.
  wall_clock wall = system_wall_clock();
  /// Decides ack waits and delays, which a changed wall clock must not touch.
  steady_clock steady = system_steady_clock();
  /// How often age limits and the database file are looked at when nothing else
  /// happens; also the pause between attempts to open a lost database.
  std::chrono::milliseconds tick{1'000};
  /// Told after each commit how many calls it carried, on the engine's thread.
  /// For metrics; may be empty.
  std::function<void(std::size_t calls)> on_commit;
};

/// Opens or makes the database. Ending the bus waits for the calls made so far,
/// and their completions; do it before what they refer to goes away. Two
/// threads serve it: one owns the database, one makes all callbacks.
///
/// What is full or broken while running is answered with `ec::full` or
/// `ec::unavailable` and tried again; a database file that was deleted is made
/// anew with the streams and durables in use. Each such outage is logged once.
///
/// A file that is there is checked: wholly up to 16 MiB, else all of it but the
/// messages and their subjects, which are looked at as they are read.
///
/// @param log Must outlive the bus and every subscription.
/// @returns an error with the path and the reason: `ec::unavailable` if the
/// file cannot be opened or written or is in use by another process,
/// `ec::malformed` if it is damaged or no database, `ec::conflict` if it is
/// another application's or was written by a newer version.
[[nodiscard]] caf::expected<std::shared_ptr<bus>>
open(options options, log& log);

} // namespace stravasync::embedded_bus
