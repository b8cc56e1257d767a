#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace stravasync::http {

struct parsed_time {
  std::int64_t unix_ms = 0;
  bool date_only = false; // Then it is the day's start, UTC.
};

/// Reads "2023-01-31", "2023-01-31T10:00:00Z" and "2023-01-31T10:00:00+02:00",
/// of the years 1 to 9999; nothing for anything else.
[[nodiscard]] std::optional<parsed_time> parse_time(std::string_view text);

} // namespace stravasync::http
