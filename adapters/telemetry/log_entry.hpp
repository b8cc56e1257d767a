#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/log.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stravasync::telemetry {

/// A log line that owns what it shows.
struct log_entry {
  struct field {
    std::string name;
    std::variant<std::string, std::int64_t, double, bool> value;
  };

  unix_ms at_ms = 0;
  log_level level = log_level::info;
  std::string text;
  std::vector<field> fields;
  /// Not 0: stands for so many that were held back, the fields are the last's.
  std::uint64_t repeated = 0;
  std::chrono::milliseconds within{0};
};

[[nodiscard]] log_entry
make_entry(unix_ms at_ms, log_level level, std::string_view text,
           std::initializer_list<log_field> fields);

[[nodiscard]] std::string_view to_string(log_level level);

/// @returns a JSON object without a line end. Valid whatever bytes the entry
/// holds: what is not UTF-8 becomes U+FFFD, NaN and infinity become texts.
[[nodiscard]] std::string
to_json(const log_entry& entry, std::string_view node);

/// @returns text and name=value pairs, no control characters (a value cannot
/// fake a line or drive the terminal).
[[nodiscard]] std::string to_text(const log_entry& entry);

} // namespace stravasync::telemetry
