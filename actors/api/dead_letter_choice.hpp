#pragma once

#include "messages/dead_letters.pb.h"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <string>

/// @file
/// What a question about dead letters must look like. Everything here fails
/// with `ec::invalid_argument`, naming the field and its rule.

namespace stravasync {

/// Where a walk through the letters goes on.
struct letter_cursor {
  std::uint64_t next = 1;
  /// The newest letter when the walk began; 0: not known. What is sent again
  /// and fails once more comes after it, or the walk would have no end.
  std::uint64_t last = 0;
};

/// @returns "17", or "17-90" with a last one.
[[nodiscard]] std::string to_string(const letter_cursor& cursor);

/// @returns the beginning for an empty text.
[[nodiscard]] caf::expected<letter_cursor>
parse_letter_cursor(const std::string& text);

[[nodiscard]] caf::error
check_filter(const query::v1::DeadLetterFilter& filter);

[[nodiscard]] caf::error
check_choice(const query::v1::DeadLetterChoice& choice, std::uint32_t ids_max);

} // namespace stravasync
