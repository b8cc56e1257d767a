#pragma once

#include "actors/kit/statistics.hpp"
#include "actors/ports/clock.hpp"
#include "actors/ports/log.hpp"

#include <memory>
#include <string>

namespace stravasync {

/// What every actor gets from the composition root.
struct actor_context {
  kit::actor_statistics statistics;
  std::shared_ptr<log> journal;
  wall_clock now;
  /// This process among all nodes; changes with every start.
  std::string node;
};

} // namespace stravasync
