#include "adapters/http/cookies.hpp"

#include <algorithm>

namespace stravasync::http {

std::string to_header(const cookie& what) {
  auto result = what.name + "=" + what.value + "; Path=" + what.path
                + "; Max-Age=" + std::to_string(what.lifetime.count())
                + "; HttpOnly; SameSite=Lax";
  if (what.needs_tls)
    result += "; Secure";
  return result;
}

std::string_view cookie_value(const request& from, std::string_view name) {
  for (const auto& [header, list] : from.headers) {
    if (header != "cookie")
      continue;
    for (auto rest = std::string_view{list}; !rest.empty();) {
      auto pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
      pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
      if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
        return pair.substr(name.size() + 1);
    }
  }
  return {};
}

} // namespace stravasync::http
