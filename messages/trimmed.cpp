#include "messages/trimmed.hpp"

namespace stravasync {

std::string_view trimmed(std::string_view text) {
  constexpr auto byte_order_mark = std::string_view{"\xEF\xBB\xBF"};
  constexpr auto blanks = std::string_view{" \t\r\n"};
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace stravasync
