#include "messages/text/hex.hpp"

namespace stravasync {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

void append_hex(std::string& out, unsigned char byte, hex_letters letters) {
  auto digits = std::string_view{
    letters == hex_letters::lower ? "0123456789abcdef" : "0123456789ABCDEF"};
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

std::string to_hex(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size() * 2);
  for (auto c : bytes)
    append_hex(result, static_cast<unsigned char>(c));
  return result;
}

std::string from_hex(std::string_view hex) {
  std::string result;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    auto high = hex_value(hex[0]);
    auto low = hex_value(hex[1]);
    if (high < 0 || low < 0)
      break;
    result += static_cast<char>(high * 16 + low);
  }
  return result;
}

} // namespace stravasync
