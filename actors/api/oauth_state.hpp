#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/token_cipher.hpp"
#include "messages/error.hpp"

#include <caf/error.hpp>

#include <chrono>
#include <string>
#include <string_view>

/// @file
/// OAuth's `state`: what a consent brings back to show that it was asked for
/// here, by this browser, lately and for the first time.

namespace stravasync {

/// @returns a text that only `cipher` can make, "NONCE.EXPIRY.SIGNATURE", good
/// until `expires_at`; another each time. Any node with the same key can verify
/// it.
[[nodiscard]] std::string
make_oauth_state(const token_cipher& cipher, unix_ms expires_at);

/// @param lifetime Of a state that is made now: one that is good for much
/// longer is of a clock that was wrong, and would outlive the record of its
/// use.
/// @returns none if `state` is ours and not expired; else `bad_state`.
[[nodiscard]] caf::error
check_oauth_state(const token_cipher& cipher, std::string_view state,
                  unix_ms now, std::chrono::milliseconds lifetime);

/// @returns `ec::invalid_argument` for the field `state`.
[[nodiscard]] caf::error bad_state(std::string_view rule);

/// @returns what the browser that got `state` is known by: nobody else can tell
/// it from the state.
[[nodiscard]] std::string
make_browser_proof(const token_cipher& cipher, std::string_view state);

/// Where states that were used are kept until they have expired; of all nodes.
inline constexpr auto used_states_bucket = "CONNECTS";

/// @returns the key in that bucket of a state that was checked.
[[nodiscard]] std::string used_state_key(std::string_view state);

/// Whether no state of this key is good any more, by any clock near ours. One
/// that was written by a clock far ahead must not stay for years.
[[nodiscard]] bool is_used_state_over(std::string_view key, unix_ms now,
                                      std::chrono::milliseconds lifetime);

} // namespace stravasync
