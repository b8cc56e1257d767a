#pragma once

#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stravasync {

/// Why an operation failed. Every function and message handler that can fail
/// reports one of these; third-party error types stop at the adapter that saw
/// them. Append only: the numbers appear in logs and in stored dead letters.
enum class ec : std::uint8_t {
  none = 0,
  invalid_argument, // The input breaks a rule; the detail names field and rule.
  not_found,        // No such thing; asking again gives the same answer.
  already_exists,   // A row or key with this identity is there already.
  conflict,         // The stored state changed meanwhile: read again, decide.
  unavailable,      // A dependency did not answer; trying again may help.
  timed_out,        // A deadline passed; the outcome is unknown.
  exhausted,        // A limit is reached; `retry_after_of` says for how long.
  malformed,        // Bytes that can never be decoded: do not retry.
  needs_reauth,     // Strava refuses the athlete's tokens: ask the athlete.
  scope_missing,    // The athlete did not grant what this call needs.
  forbidden,        // Strava refuses the application (inactive): operator.
  rate_limited,     // Strava answered 429: settle the budget, then snooze.
  rejected,         // Strava answered another 4xx: the request is wrong.
  upstream_failed,  // Strava answered 5xx or nonsense for this request.
  full,             // A bounded stream or disk takes no more for now.
  internal,         // A bug of ours; log it, do not retry blindly.
  denied,           // Rights (a login's, a file's), or the tables of a
                    // database, are not as they must be: operator.
};

/// The one appended last.
inline constexpr auto last_ec = ec::denied;

/// @returns the enumerator's name, or "unknown" for a number out of range.
[[nodiscard]] std::string to_string(ec code);

/// @param detail One sentence for a person, without a full stop.
[[nodiscard]] caf::error make_failure(ec code, std::string detail);

/// The same with the time after which trying again makes sense.
[[nodiscard]] caf::error make_failure(ec code, std::string detail,
                                      std::chrono::milliseconds retry_after);

/// An `ec::invalid_argument`.
[[nodiscard]] caf::error invalid(std::string detail);

/// @returns the code of an error made by us; `unavailable` if the actor that
/// was asked is down or ended before it answered (the actor kit's and CAF's
/// errors); `internal` for anything else; `none` for no error.
[[nodiscard]] ec code_of(const caf::error& error);

/// @returns the detail given to `make_failure`, or CAF's rendering.
[[nodiscard]] std::string detail_of(const caf::error& error);

/// @returns the delay given to `make_failure`, if one was.
[[nodiscard]] std::optional<std::chrono::milliseconds>
retry_after_of(const caf::error& error);

/// Puts `context` and ": " before the detail and keeps code and delay.
[[nodiscard]] caf::error
with_context(const caf::error& error, std::string_view context);

} // namespace stravasync

CAF_ERROR_CODE_ENUM(stravasync::ec, "strasync")
