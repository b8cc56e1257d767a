#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace stravasync {

/// @returns how many characters must be inserted, removed, replaced or swapped
/// with their neighbour to make `left` into `right`.
[[nodiscard]] std::size_t
edit_distance(std::string_view left, std::string_view right);

/// For a name that does not exist: @returns the one of `candidates` that was
/// probably meant, or an empty text if none is near (more than a third of the
/// characters differ).
[[nodiscard]] std::string_view
nearest(std::string_view name, std::span<const std::string> candidates);

/// @returns ", did you mean NAME?" or an empty text.
[[nodiscard]] std::string
suggestion(std::string_view name, std::span<const std::string> candidates);

} // namespace stravasync
