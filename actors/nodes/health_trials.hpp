#pragma once

#include "actors/nodes/health_check.hpp"
#include "actors/ports/bus.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// @file
/// What every node can try of what it stands on. None of it changes anything.

namespace stravasync {

/// Streams and durables that a node cannot do without.
struct needed_streams {
  std::vector<stream_config> streams;
  std::vector<consumer_options> durables;
};

/// @returns a trial that asks for all streams, and writes down what is missing
/// of the needed ones. A publish that failed is taken for over when nobody has
/// tried again and the bus shows no reason any more.
[[nodiscard]] health_trial
try_streams(std::shared_ptr<bus> on, needed_streams needed,
            health_record record, wall_clock now);

/// @param on A watched bus: that one writes down what came of it.
/// @returns a trial that asks for a write which is permitted and refused.
[[nodiscard]] health_trial
try_bucket(std::shared_ptr<key_value> on, const std::string& bucket);

/// @param least_bytes That must be left where `folder` is.
[[nodiscard]] health_trial
try_disk(const std::string& folder, std::uint64_t least_bytes);

} // namespace stravasync
