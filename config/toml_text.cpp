#include "config/toml_text.hpp"

#include "messages/text/hex.hpp"

namespace stravasync {

std::string toml_quoted(std::string_view text) {
  auto result = std::string{"\""};
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      result += "\\u00";
      append_hex(result, byte, hex_letters::upper);
    } else {
      result += c;
    }
  }
  return result + '"';
}

} // namespace stravasync
