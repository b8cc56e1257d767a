#pragma once

#include "config/keys.hpp"

#include <caf/expected.hpp>

#include <string>
#include <vector>

namespace stravasync {

/// A setting in a file, its value as the text that a flag would have.
struct file_value {
  const key* of;
  std::string text;
  std::string where; // "FILE:LINE".
};

/// Reads a settings file. Fails with `ec::invalid_argument`: unreadable, not
/// TOML, an unknown section or key, a value of the wrong type.
[[nodiscard]] caf::expected<std::vector<file_value>>
read_toml_file(const std::string& path);

} // namespace stravasync
