#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace stravasync::strava {

/// @returns the text under `key`; empty if there is none.
[[nodiscard]] inline std::string
text_of(simdjson::dom::element from, std::string_view key) {
  std::string_view value;
  if (from[key].get(value) != simdjson::SUCCESS)
    return {};
  return std::string{value};
}

} // namespace stravasync::strava
