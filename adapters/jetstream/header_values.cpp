#include "adapters/jetstream/header_values.hpp"

#include "messages/text/hex.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto mark = std::string_view{"%!"};

bool control(char c) {
  auto code = static_cast<unsigned char>(c);
  return code < ' ' || code == 0x7f;
}

bool fits(std::string_view value) {
  return !value.empty() && value.front() != ' ' && value.back() != ' '
         && !value.starts_with(mark) && std::ranges::none_of(value, control);
}

} // namespace

bool usable_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return c > ' ' && c < 0x7f && c != ':';
  });
}

std::string encoded_value(std::string_view value) {
  if (fits(value))
    return std::string{value};
  auto result = std::string{mark};
  for (auto c : value) {
    if (c != ' ' && c != '%' && !control(c)) {
      result += c;
      continue;
    }
    result += '%';
    append_hex(result, static_cast<unsigned char>(c), hex_letters::upper);
  }
  return result;
}

std::string decoded_value(std::string_view sent) {
  if (!sent.starts_with(mark))
    return std::string{sent};
  auto result = std::string{};
  for (auto i = mark.size(); i < sent.size(); ++i) {
    if (sent[i] != '%') {
      result += sent[i];
      continue;
    }
    auto byte = from_hex(sent.substr(i + 1, 2));
    if (byte.empty())
      return std::string{sent};
    result += byte;
    i += 2;
  }
  return result;
}

header_map parse_header_block(std::string_view block) {
  header_map result;
  auto first = true;
  while (!block.empty()) {
    auto end = block.find("\r\n");
    auto line = block.substr(0, end);
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 2);
    auto colon = line.find(':');
    if (std::exchange(first, false) || colon == std::string_view::npos)
      continue;
    auto value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    result.emplace(line.substr(0, colon), decoded_value(value));
  }
  return result;
}

} // namespace stravasync::jetstream
