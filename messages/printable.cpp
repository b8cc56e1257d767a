#include "messages/printable.hpp"

#include "messages/text/hex.hpp"

namespace stravasync {

namespace {

constexpr auto del = 0x7FU;

/// C1 in UTF-8: this and a byte of 0x80 to 0x9F.
constexpr auto c1_lead = 0xC2U;

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

} // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = byte_at(text, i);
    auto next = byte_at(text, i + 1);
    if (byte == c1_lead && next >= 0x80 && next <= 0x9F) {
      byte = next;
      ++i;
    } else if (byte >= 0x20 && byte != del) {
      result += text[i];
      continue;
    }
    result += "\\u00";
    append_hex(result, static_cast<unsigned char>(byte));
  }
  return result;
}

} // namespace stravasync
