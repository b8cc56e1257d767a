#pragma once

#include <caf/expected.hpp>

#include <cstddef>
#include <string>

namespace stravasync {

/// Reads a whole file. Fails with `ec::invalid_argument`: unreadable, a folder,
/// or longer than `bytes_max`; the detail names it.
[[nodiscard]] caf::expected<std::string>
read_text_file(const std::string& path, std::size_t bytes_max);

} // namespace stravasync
