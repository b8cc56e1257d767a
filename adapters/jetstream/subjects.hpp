#pragma once

#include "actors/ports/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stravasync::jetstream {

/// @returns whether `subject` can be published to: tokens split by '.', none
/// empty, no wildcard, no blank and no control character.
[[nodiscard]] bool publishable(std::string_view subject);

/// @returns whether it is a token that can name a stream or a durable.
[[nodiscard]] bool is_name(std::string_view text);

/// What the reply subject of a delivery tells.
struct ack_subject {
  std::string stream;
  std::string consumer;
  std::uint32_t delivered = 0;
  std::uint64_t sequence = 0; // In the stream.
  unix_ms stored_at_ms = 0;
  std::uint64_t pending = 0;
};

/// Reads both forms: "$JS.ACK.<stream>.<consumer>.<delivered>.<stream
/// sequence>.<consumer sequence>.<nanoseconds>.<pending>", and the one with
/// domain and account hash before the stream (NATS ADR-15).
[[nodiscard]] std::optional<ack_subject>
parse_ack_subject(std::string_view subject);

} // namespace stravasync::jetstream
