#include "adapters/jetstream/login.hpp"

#include "messages/error.hpp"
#include "messages/text/hex.hpp"

#include <algorithm>
#include <charconv>

namespace stravasync::jetstream {

namespace {

/// "user:password" in "nats://user:password@host:4222".
struct url_parts {
  std::string before; // Up to the login.
  std::string login;
  std::string after;
};

url_parts split(const std::string& url) {
  auto scheme = url.find("://");
  auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  auto at = url.rfind('@');
  if (at == std::string::npos || at < begin)
    return {url, {}, {}};
  return {url.substr(0, begin), url.substr(begin, at - begin),
          url.substr(at + 1)};
}

/// @returns "host:4222".
std::string host_of(const std::string& url) {
  auto bare = without_login(url);
  auto scheme = bare.find("://");
  return scheme == std::string::npos ? bare : bare.substr(scheme + 3);
}

/// What stands for no byte stays as it is.
std::string decoded(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto byte = text.front() == '%' ? from_hex(text.substr(1, 2))
                                    : std::string{};
    result += byte.empty() ? text.front() : byte.front();
    text.remove_prefix(byte.empty() ? 1 : 3);
  }
  return result;
}

bool is_encoded(std::string_view text) {
  return decoded(text) != text;
}

login login_of(const std::string& text) {
  auto colon = text.find(':');
  if (colon == std::string::npos)
    return {decoded(text), {}, true};
  return {decoded(std::string_view{text}.substr(0, colon)),
          decoded(std::string_view{text}.substr(colon + 1)), false};
}

} // namespace

caf::expected<plain_urls>
without_encoded_login(const std::vector<std::string>& urls) {
  plain_urls result;
  auto encoded = [](const std::string& url) {
    return is_encoded(split(url).login);
  };
  if (std::ranges::none_of(urls, encoded)) {
    result.urls = urls;
    return result;
  }
  for (const auto& url : urls) {
    auto parts = split(url);
    result.urls.push_back(parts.before + parts.after);
    if (parts.login.empty())
      continue;
    auto who = login_of(parts.login);
    if (!result.who.user.empty() && who != result.who)
      return make_failure(ec::invalid_argument,
                          "the URLs of NATS hold different logins, of which "
                          "one is percent-encoded: give one login for all");
    result.who = std::move(who);
  }
  return result;
}

std::vector<std::string> with_discovered(std::vector<std::string> urls,
                                         const std::vector<std::string>& more) {
  std::string login;
  std::set<std::string> known;
  for (const auto& url : urls) {
    known.insert(host_of(url));
    if (login.empty())
      login = split(url).login;
  }
  for (const auto& url : more)
    if (auto host = host_of(url); known.insert(host).second)
      urls.push_back("nats://" + login + (login.empty() ? "" : "@") + host);
  return urls;
}

std::set<std::uint16_t> ports_of(const std::vector<std::string>& urls) {
  constexpr auto usual = std::uint16_t{4222};
  std::set<std::uint16_t> result;
  for (const auto& url : urls) {
    auto host = host_of(url);
    auto colon = host.rfind(':');
    auto port = std::uint16_t{0};
    if (colon != std::string::npos && !host.ends_with(']'))
      std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
    result.insert(port == 0 ? usual : port);
  }
  return result;
}

std::string without_login(const std::string& url) {
  auto parts = split(url);
  return parts.before + parts.after;
}

} // namespace stravasync::jetstream
