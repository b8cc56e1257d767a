#pragma once

#include <caf/expected.hpp>

#include <cstddef>
#include <string>

namespace stravasync {

/// Reads a whole file, or what a symbolic link to one leads to. Fails with
/// `ec::invalid_argument`: unreadable, a folder, a pipe or device, whose end
/// may never come, or longer than `bytes_max`; the detail names it. Never waits
/// for another process.
[[nodiscard]] caf::expected<std::string>
read_text_file(const std::string& path, std::size_t bytes_max);

} // namespace stravasync
