#include "config/toml_text.hpp"

#include <array>
#include <cstdio>

namespace stravasync {

std::string toml_quoted(std::string_view text) {
  auto result = std::string{"\""};
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      auto escaped = std::array<char, 8>{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04X", byte);
      result += escaped.data();
    } else {
      result += c;
    }
  }
  return result + '"';
}

} // namespace stravasync
