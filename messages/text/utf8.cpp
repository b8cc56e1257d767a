#include "messages/text/utf8.hpp"

namespace stravasync {

std::size_t utf8_length(std::string_view text) {
  auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  auto between = [](unsigned value, unsigned least, unsigned most) {
    return value >= least && value <= most;
  };
  auto first = byte(0);
  auto tail = [&](std::size_t i) { return between(byte(i), 0x80, 0xBF); };
  if (first < 0x80)
    return text.empty() ? 0 : 1;
  if (between(first, 0xC2, 0xDF))
    return tail(1) ? 2 : 0;
  if (between(first, 0xE0, 0xEF)) {
    auto least = first == 0xE0 ? 0xA0U : 0x80U; // No overlong forms,
    auto most = first == 0xED ? 0x9FU : 0xBFU;  // no surrogates.
    return between(byte(1), least, most) && tail(2) ? 3 : 0;
  }
  if (between(first, 0xF0, 0xF4)) {
    auto least = first == 0xF0 ? 0x90U : 0x80U;
    auto most = first == 0xF4 ? 0x8FU : 0xBFU; // At most U+10FFFF.
    return between(byte(1), least, most) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto length = utf8_length(text);
    result += length == 0 ? utf8_replacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

} // namespace stravasync
