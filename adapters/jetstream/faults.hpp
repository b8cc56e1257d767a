#pragma once

#include "adapters/jetstream/json.hpp"

#include <caf/error.hpp>
#include <nats/nats.h>

#include <string_view>

/// @file
/// What goes wrong with NATS, in our words.

namespace stravasync::jetstream {

/// Numbers of JetStream's errors that are told apart (server/errors.json of
/// nats-server; never changed once given).
namespace js_error {
inline constexpr auto consumer_not_found = std::uint64_t{10'014};
inline constexpr auto message_not_found = std::uint64_t{10'037};
inline constexpr auto stream_name_in_use = std::uint64_t{10'058};
inline constexpr auto stream_not_found = std::uint64_t{10'059};
inline constexpr auto subjects_overlap = std::uint64_t{10'065};
inline constexpr auto wrong_last_sequence = std::uint64_t{10'071};
inline constexpr auto store_failed = std::uint64_t{10'077};
} // namespace js_error

/// @param subject What was to be sent there.
[[nodiscard]] caf::error
failure_of(natsStatus status, std::string_view subject);

/// @param answer With an "error" in it.
[[nodiscard]] caf::error failure_of(const json_value& answer);

/// @returns whether nothing of that name is there.
[[nodiscard]] bool is_missing(const caf::error& why);

[[nodiscard]] caf::error connection_lost();

} // namespace stravasync::jetstream
