#include "config/url_text.hpp"

#include <algorithm>

namespace stravasync {

namespace {

constexpr auto mask = std::string_view{"********"};

void hide(std::string& in, std::size_t from, std::size_t to) {
  in.replace(from, to - from, mask);
}

/// scheme://user:password@host
void hide_before_host(std::string& url) {
  auto begin = url.find("://");
  auto at = url.rfind('@');
  if (begin == std::string::npos || at == std::string::npos)
    return;
  auto colon = url.find(':', begin + 3);
  if (colon < at)
    hide(url, colon + 1, at);
}

/// scheme://host/path?password=...
void hide_parameter(std::string& url) {
  constexpr auto name = std::string_view{"password="};
  auto found = url.find(name, std::min(url.find('?'), url.size()));
  if (found != std::string::npos)
    hide(url, found + name.size(), std::min(url.find('&', found), url.size()));
}

} // namespace

std::string without_password(std::string_view text) {
  auto result = std::string{text};
  hide_before_host(result);
  hide_parameter(result);
  return result;
}

std::string with_long_scheme(std::string_view url) {
  constexpr auto short_form = std::string_view{"postgres://"};
  if (!url.starts_with(short_form))
    return std::string{url};
  return "postgresql://" + std::string{url.substr(short_form.size())};
}

} // namespace stravasync
