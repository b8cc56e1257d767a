#pragma once

#include "actors/kit/events.hpp"
#include "actors/kit/statistics.hpp"
#include "messages/operations.pb.h"

#include <string>

namespace stravasync {

/// What a node knows of its actors. Handles: copies see the same actors.
struct known_actors {
  std::string node; // Its id.
  kit::actor_tree tree;
  kit::actor_statistics statistics;
};

/// @returns them as they are now. Thread-safe: it asks none of them.
[[nodiscard]] query::v1::ActorTree report(const known_actors& of);

} // namespace stravasync
