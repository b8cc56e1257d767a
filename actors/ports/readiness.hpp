#pragma once

#include "actors/ports/clock.hpp"

#include <string>

namespace stravasync {

/// Part of what a node needs, and whether it works.
struct readiness {
  std::string part; // "streams".
  /// What does not work and why, for a person; empty: it works.
  std::string problem;
  /// Whether this node can do its own work without it: one that lacks what it
  /// needs is not ready, one that lacks anything else is, and says so.
  bool needed = true;
  /// Since when it works, or does not; 0: not known.
  unix_ms since_ms = 0;
  /// When it worked last; 0: never since the start, or not known.
  unix_ms last_ok_at_ms = 0;

  [[nodiscard]] bool works() const {
    return problem.empty();
  }

  /// @returns whether the node is not ready because of it.
  [[nodiscard]] bool holds_up() const {
    return needed && !works();
  }
};

} // namespace stravasync
