#pragma once

#include "adapters/jetstream/session.hpp"

#include <memory>
#include <string>

namespace stravasync::jetstream {

/// @returns the stream that keeps JetStream's advisories of messages that were
/// delivered as often as their consumer allows.
[[nodiscard]] stream_config notices_config();

[[nodiscard]] consumer_options notices_options(std::string durable);

/// @returns what reads advisories and tells of those that can be read.
[[nodiscard]] delivery_callback notice_reader(exhausted_callback then);

} // namespace stravasync::jetstream
