#include "config/toml_text.hpp"

namespace stravasync {

std::string toml_quoted(std::string_view text) {
  auto result = std::string{"\""};
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      constexpr auto digits = std::string_view{"0123456789ABCDEF"};
      result += "\\u00";
      result += digits[byte >> 4U];
      result += digits[byte & 0xFU];
    } else {
      result += c;
    }
  }
  return result + '"';
}

} // namespace stravasync
