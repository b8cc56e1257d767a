#include "adapters/jetstream/header_values.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto mark = std::string_view{"%!"};
constexpr auto digits = std::string_view{"0123456789ABCDEF"};

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
    auto code = static_cast<unsigned char>(c);
    result += '%';
    result += digits[code >> 4U];
    result += digits[code & 15U];
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
    auto high = std::string_view::npos;
    auto low = std::string_view::npos;
    if (i + 2 < sent.size()) {
      high = digits.find(sent[i + 1]);
      low = digits.find(sent[i + 2]);
    }
    if (high == std::string_view::npos || low == std::string_view::npos)
      return std::string{sent};
    result += static_cast<char>(high * 16 + low);
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
