#include "messages/text/ascii.hpp"

#include <algorithm>

namespace stravasync {

std::string lower_case(std::string_view text) {
  auto result = std::string{text};
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

} // namespace stravasync
