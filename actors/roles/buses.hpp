#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/log.hpp"
#include "actors/ports/requests.hpp"
#include "actors/remote/question_statistics.hpp"
#include "config/settings.hpp"

#include <caf/expected.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// @file
/// The one place that chooses a bus by the settings.

namespace stravasync {

/// A bus and what comes with one over the network.
struct bus_connection {
  std::shared_ptr<bus> messages;
  /// Between nodes; null if the bus is in this process.
  std::shared_ptr<requests> questions;
  /// Lets standard tools of the bus list this node, one service for each of its
  /// roles, as long as what it returns lives. Empty likewise.
  std::function<caf::expected<std::vector<std::shared_ptr<void>>>(
    const question_statistics&)>
    announce;
  /// Says which stream or bucket is gone and cannot be made again, or nothing.
  /// Empty likewise.
  std::function<std::string()> lacks;
  /// Ends all waiting for a bus that hangs, for good. Empty likewise.
  std::function<void()> give_up;
};

/// Opens the bus that `config.bus` names, once. Fails with a sentence that
/// names the setting; `ec::unavailable` if it does not answer now.
/// @param journal Must outlive the bus.
/// @param on_state Given by nodes, whose buckets are then made first. Told why
/// the bus cannot be reached, or an empty text when it can again; on any
/// thread. May be empty.
/// @param stopping Asked a few times a second while this waits: once it returns
/// true, this fails at once. May be empty.
[[nodiscard]] caf::expected<bus_connection>
open_bus(const settings& config, log& journal,
         std::function<void(const std::string& problem)> on_state = {},
         std::function<bool()> stopping = {});

/// The same for somebody who only looks: an embedded bus is opened as a copy,
/// so that it may be in use, and nothing can be done to it.
[[nodiscard]] caf::expected<std::shared_ptr<bus>>
open_bus_to_read(const settings& config, log& journal);

} // namespace stravasync
