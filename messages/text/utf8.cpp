#include "messages/text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace stravasync {

namespace {

/// @returns how many bytes from the start are ASCII, in words of eight: nearly
/// all of what is looked at is.
std::size_t ascii_words(std::string_view text) {
  auto done = std::size_t{0};
  auto word = std::uint64_t{0};
  for (; text.size() - done >= sizeof(word); done += sizeof(word)) {
    std::memcpy(&word, text.data() + done, sizeof(word));
    if ((word & 0x8080808080808080U) != 0)
      break;
  }
  return done;
}

} // namespace

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

std::size_t utf8_prefix(std::string_view text) {
  auto done = std::size_t{0};
  while (done < text.size()) {
    done += ascii_words(text.substr(done));
    auto length = utf8_length(text.substr(done));
    if (length == 0)
      break;
    done += length;
  }
  return done;
}

bool is_utf8(std::string_view text) {
  return utf8_prefix(text) == text.size();
}

std::string as_utf8(std::string_view text) {
  std::string result;
  while (true) {
    auto good = utf8_prefix(text);
    result += text.substr(0, good);
    if (good == text.size())
      return result;
    result += utf8_replacement;
    text.remove_prefix(good + 1);
  }
}

} // namespace stravasync
