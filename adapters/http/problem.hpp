#pragma once

#include "adapters/http/server.hpp"

#include <caf/error.hpp>

#include <chrono>
#include <optional>
#include <string>

/// @file
/// Problem documents (RFC 9457): what a client gets instead of an answer.

namespace stravasync::http {

/// One problem. `type` is `urn:stravasync:problem:` and the code: stable, for
/// programs to branch on; title and detail are for people.
struct problem {
  int status = 500;
  std::string code = "internal";
  std::string detail;
  std::string field; // Which input is wrong; empty: none in particular.
  std::string rule;  // What it has to be; empty: none in particular.
  /// Sent as `Retry-After`, rounded up to whole seconds, at least 1.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// A 400 for an input that breaks a rule: "limit must be 1 to 200".
[[nodiscard]] problem bad_input(std::string field, std::string rule);

/// A 503 for a limit of ours that is reached; the next second may be better.
[[nodiscard]] problem too_busy(std::string detail);

/// How an error of an actor or a store is shown:
///
///     invalid_argument, malformed  400    not_found            404
///     already_exists, conflict     409    needs_reauth,
///     scope_missing                409    (the athlete has to connect again)
///     exhausted, unavailable       503    rate_limited, denied 503
///     timed_out                    504    upstream_failed      502
///     rejected, forbidden          502    full                 507
///     internal and all else        500    (without the detail, which is ours)
///
/// 503 and 507 carry `Retry-After`: what the error says, or 1 s.
[[nodiscard]] problem problem_of(const caf::error& error);

/// The document as a response, `application/problem+json`.
[[nodiscard]] response to_response(const problem& what);

} // namespace stravasync::http
