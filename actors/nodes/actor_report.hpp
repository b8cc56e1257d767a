#pragma once

#include "actors/kit/events.hpp"
#include "actors/kit/statistics.hpp"
#include "actors/ports/readiness.hpp"
#include "messages/operations.pb.h"

#include <functional>
#include <string>
#include <vector>

namespace stravasync {

/// What a node knows of itself. Handles: copies see the same actors.
struct known_actors {
  std::string node; // Its id.
  kit::actor_tree tree;
  kit::actor_statistics statistics;
  /// The parts that it needs, as they are now; may be empty. Any thread.
  std::function<std::vector<readiness>()> health{};
};

/// @returns them as they are now. Thread-safe: it asks none of them.
[[nodiscard]] query::v1::ActorTree report(const known_actors& of);

} // namespace stravasync
