#pragma once

#include <caf/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kit {

/// Where a supervised or guarded actor stands.
enum class run_state : std::uint8_t {
  idle,     // Not started yet.
  starting, // Started, its initialization has not finished.
  probing,  // Started after a failure; one request finds out whether it works.
  up,
  down,     // Ended; will be started again.
  stopping, // Told to stop.
  stopped,  // Ended for good.
};

/// @returns the enumerator's name.
[[nodiscard]] std::string to_string(run_state state);

/// An actor changed its state.
struct actor_event {
  /// From the root of the tree, "/api/store".
  std::string path;
  /// The actor's runtime name; empty until it has run once.
  std::string actor_class;
  run_state from = run_state::idle;
  run_state to = run_state::idle;
  /// Why it is down or stopped; none if it ended normally.
  caf::error reason;
  /// When it is started again; 0 unless `to` is `down`.
  std::chrono::milliseconds retry_after{0};
  /// How often it has been started again.
  std::uint64_t restarts = 0;
  /// Messages without a waiting requester that a guardian had to drop since the
  /// event before.
  std::uint64_t dropped = 0;
};

/// Hears of every change, on the thread of the actor that reports it, in the
/// order of each path's changes. It must not block and must not throw.
using actor_observer = std::function<void(const actor_event&)>;

/// The last known state of one actor.
struct actor_node {
  std::string path;
  std::string actor_class;
  run_state state = run_state::idle;
  std::uint64_t restarts = 0;
  /// The last failure, kept while the actor is up again; empty: none yet.
  std::string last_error;
  /// Until the next try, as of the snapshot; 0 unless down.
  std::chrono::milliseconds retry_after{0};
  /// Plain messages dropped so far.
  std::uint64_t dropped = 0;
  /// When it came up, or ceased to be up; the epoch: it was never up.
  std::chrono::system_clock::time_point since{};
};

/// All actors that supervisors and guardians reported, for a page or a metric.
/// An observer: hand `note` the events. A handle, like `actor_statistics`:
/// copies refer to the same tree. Thread-safe.
class actor_tree {
public:
  actor_tree();

  void note(const actor_event& event) const;

  /// @returns the nodes sorted by path, so that parents precede children.
  [[nodiscard]] std::vector<actor_node> snapshot() const;

private:
  struct nodes;
  std::shared_ptr<nodes> nodes_;
};

} // namespace kit
