#pragma once

#include "actors/durable_source.hpp"
#include "config/settings.hpp"

#include <caf/error.hpp>

#include <string>
#include <utility>
#include <vector>

/// @file
/// The durables of the product with what the settings say of them: what nodes
/// join, and what `stravasync streams apply` brings into being; and the
/// buckets.

namespace stravasync {

/// Jobs, for SYNC; role consumer.
[[nodiscard]] durable_source_config job_durable(const settings& config);

/// Fetched pages, for INGEST WRITER; role api.
[[nodiscard]] durable_source_config ingest_durable(const settings& config);

/// What held runs up, for RUN KEEPER; role api.
[[nodiscard]] durable_source_config held_up_durable(const settings& config);

/// @returns all of them, whatever the roles of this node.
[[nodiscard]] std::vector<consumer_options>
all_durables(const settings& config);

/// @returns the streams of the contract with the settings' limits.
[[nodiscard]] std::vector<stream_config> all_streams(const settings& config);

/// @returns the buckets that nodes use, and after which time what was not
/// written again is of no use to anybody; 0: it always is.
[[nodiscard]] std::vector<std::pair<std::string, milliseconds>> all_buckets();

/// @returns `why` with `what` ("stream JOBS") before it, unless the bus has
/// said that already.
[[nodiscard]] caf::error about(const caf::error& why, const std::string& what);

} // namespace stravasync
