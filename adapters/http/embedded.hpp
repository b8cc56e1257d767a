#pragma once

#include <span>
#include <string_view>

namespace stravasync::http {

/// A file that the build put into the binary; see embed.cmake.
struct embedded_file {
  std::string_view name; // "main.js"
  std::string_view bytes;
};

/// In the order of their names.
[[nodiscard]] std::span<const embedded_file> embedded_files();

} // namespace stravasync::http
