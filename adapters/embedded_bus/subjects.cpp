#include "adapters/embedded_bus/subjects.hpp"

#include <algorithm>

namespace stravasync::embedded_bus {

namespace {

/// Takes the first token off `rest`; `rest` is null after the last.
std::string_view take_token(std::string_view& rest) {
  auto end = rest.find('.');
  auto token = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{}
                                       : rest.substr(end + 1);
  return token;
}

bool plain_token(std::string_view token) {
  return !token.empty() && std::ranges::all_of(token, [](char c) {
    auto code = static_cast<unsigned char>(c);
    return code > ' ' && code != 0x7f && c != '*' && c != '>';
  });
}

} // namespace

bool publishable(std::string_view subject) {
  do
    if (!plain_token(take_token(subject)))
      return false;
  while (subject.data() != nullptr);
  return true;
}

bool well_formed_filter(std::string_view filter) {
  do {
    auto token = take_token(filter);
    if (token == ">")
      return filter.data() == nullptr;
    if (token != "*" && !plain_token(token))
      return false;
  } while (filter.data() != nullptr);
  return true;
}

bool overlap(std::string_view left, std::string_view right) {
  while (left.data() != nullptr && right.data() != nullptr) {
    auto a = take_token(left);
    auto b = take_token(right);
    if (a == ">" || b == ">")
      return true;
    if (a != "*" && b != "*" && a != b)
      return false;
  }
  return left.data() == nullptr && right.data() == nullptr;
}

std::string literal_prefix(std::string_view filter) {
  return std::string{filter.substr(0, filter.find_first_of("*>"))};
}

bool is_literal(std::string_view filter) {
  return filter.find_first_of("*>") == std::string_view::npos;
}

} // namespace stravasync::embedded_bus
