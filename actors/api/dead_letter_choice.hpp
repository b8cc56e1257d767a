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

/// @returns the sequence that the walk goes on at; 1 for an empty cursor.
[[nodiscard]] caf::expected<std::uint64_t>
parse_letter_cursor(const std::string& cursor);

[[nodiscard]] caf::error
check_filter(const query::v1::DeadLetterFilter& filter);

[[nodiscard]] caf::error
check_choice(const query::v1::DeadLetterChoice& choice, std::uint32_t ids_max);

} // namespace stravasync
