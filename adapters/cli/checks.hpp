#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>

/// @file
/// What values of flags are checked with. A variable that a script forgot to
/// set makes an empty value; one that would count as "not given", and so let
/// everything through, is refused.

namespace stravasync::cli {

/// For a text of 1 to `bytes_max` bytes.
[[nodiscard]] CLI::Validator some_text(std::size_t bytes_max = 256);

/// For an id, which is a whole number above 0.
[[nodiscard]] CLI::Validator an_id();

} // namespace stravasync::cli
