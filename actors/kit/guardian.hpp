#pragma once

#include "actors/kit/address.hpp"
#include "actors/kit/backoff.hpp"
#include "actors/kit/child.hpp"
#include "actors/kit/events.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/message.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace kit {

struct guardian_config {
  /// Path of the guarded actor in events and for its factory.
  std::string path;
  /// Names it in `unavailable` answers, "the store"; empty: its path.
  std::string what;
  backoff_config backoff;
  /// Start the child with the first request instead of at once.
  bool lazy = false;
  /// Makes a request that shows whether the child works. With it the guardian
  /// probes by itself after the back-off, and at the first start; without it
  /// the next request from outside is the probe.
  std::function<caf::message()> probe;
  /// Whether this error, as the answer to a probe, means that the dependency
  /// is still lost. Without it: `is_lost`.
  std::function<bool(const caf::error&)> is_failure;
  /// A probe without an answer for so long counts as failed.
  std::chrono::milliseconds probe_deadline{30'000};
  /// How long the child may take to stop before it is killed, and how long
  /// after that before it is given up as stuck.
  std::chrono::milliseconds stop_deadline{5'000};
  actor_observer observer;
  /// Uniform in [0, 1); without it: seeded by the system.
  std::function<double()> random01;
};

/// Starts a GUARDIAN: the stable address of one actor that talks to something
/// that can fail. Callers use its handle as if it were the child's
/// (`guardian_as<Handle>`).
///
/// * `up`: everything is delegated to the child. A child whose dependency is
///   lost says so by quitting with an error.
/// * `down`: the child ended. Requests get `fault::unavailable` with the time
///   until the next try; plain messages are dropped and counted (shown by the
///   next event). Nothing waits behind a dead dependency.
/// * `probing`: after the back-off the child is started again and exactly one
///   request goes through to it; others are answered as in `down`. Its answer
///   opens the gate. If it is a failure, or the child ends, the child is
///   stopped and the back-off doubles. Plain messages are dropped.
/// * `starting`: the first start. Requests go through, and get `unavailable` if
///   the child ends before it answers. Its first good answer, the answer to
///   `probe`, or without `probe` the end of its initialization, opens the gate.
///   Plain messages are passed on.
///
/// The back-off starts over once the child has been up for `backoff.max`.
/// Requests that the child held when it died get CAF's or the promise's error;
/// `is_lost` recognizes all of them. An exit message stops the child, then the
/// GUARDIAN, which ends with the reason it was given.
[[nodiscard]] caf::actor
spawn_guardian(caf::actor_system& system, guardian_config config,
               child_factory start);

} // namespace kit
