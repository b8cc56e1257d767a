#include "actors/api/scopes.hpp"

#include "messages/error.hpp"

#include <algorithm>

namespace stravasync {

namespace {

constexpr auto characters_max = std::size_t{512};

bool is_scope_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
         || c == ':' || c == ',';
}

} // namespace

caf::expected<std::string> parse_scopes(std::string_view text) {
  if (text.size() > characters_max)
    return make_failure(ec::invalid_argument,
                        "scope: is longer than 512 characters");
  auto result = std::string{text};
  std::ranges::replace(result, ' ', ',');
  if (!std::ranges::all_of(result, is_scope_character))
    return make_failure(ec::invalid_argument,
                        "scope: is no list of scopes such as "
                        "read,activity:read_all");
  return result;
}

std::string
granted_scopes(std::string_view answered, const std::string& redirected) {
  auto parsed = parse_scopes(answered);
  return parsed && !parsed->empty() ? *parsed : redirected;
}

} // namespace stravasync
