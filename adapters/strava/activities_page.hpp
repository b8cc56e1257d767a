#pragma once

#include "actors/ports/strava_api.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stravasync::strava {

/// Reads the answer of `GET /athlete/activities`. Each `json` is the element's
/// bytes as received, whether they are an activity or not: one that cannot be
/// read costs no other. The answer is `unreadable` if it is no array whose
/// elements can be told apart (cut, say).
[[nodiscard]] activities_response parse_activities(const std::string& body);

/// Reads an id as JSON or as JSON text: `7` or `"7"`. @returns nothing for
/// anything else than a whole number of 1 to 2^63 - 1.
[[nodiscard]] std::optional<std::int64_t> parse_id(std::string_view json);

/// @returns `body`, as much as is kept of it, the byte `around` in the middle.
[[nodiscard]] unreadable_answer
keep_unreadable(std::string reason, std::string_view body, std::size_t around);

} // namespace stravasync::strava
