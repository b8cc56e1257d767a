#pragma once

#include "adapters/http/input.hpp"
#include "messages/dead_letters.pb.h"

#include <optional>

/// @file
/// Which dead letters a request means.

namespace stravasync::http {

/// Reads the query parameters durable, reason, athlete_id, older_than_s and
/// newer_than_s.
[[nodiscard]] query::v1::DeadLetterFilter read_letter_filter(input& in);

/// Reads the body of a retry or a drop:
///
///     {"ids": [1, 2], "dry_run": false}
///     {"all": true, "durable": "...", "reason": "...", "athlete_id": 7,
///      "older_than_s": 60, "newer_than_s": 3600, "cursor": "...",
///      "dry_run": true}
[[nodiscard]] std::optional<problem>
read_letter_choice(const request& from, query::v1::DeadLetterChoice& choice);

} // namespace stravasync::http
