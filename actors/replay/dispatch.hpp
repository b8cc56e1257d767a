#pragma once

#include "messages/contracts.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace stravasync {

/// The actors that handle deliveries.
enum class handler_kind : std::uint8_t { ingest_writer, run_keeper, sync };

[[nodiscard]] std::string_view to_string(handler_kind kind);

/// @returns who handles such a message, a dead letter: whose durable gave up on
/// it. Nothing: nobody joins a durable for it.
[[nodiscard]] std::optional<handler_kind> handler_of(const envelope& message);

/// @returns the message as its handler got it: of a dead letter the one that it
/// was, else just it.
[[nodiscard]] envelope as_delivered(const envelope& message);

} // namespace stravasync
