#pragma once

#include <caf/expected.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace stravasync::jetstream {

/// Who connects. With an empty password and `is_token`, `user` is a token.
struct login {
  std::string user;
  std::string password;
  bool is_token = false;

  [[nodiscard]] bool operator==(const login&) const = default;
};

/// URLs as the client library takes them, and the login that they held.
struct plain_urls {
  std::vector<std::string> urls;
  login who;
};

/// Takes percent-encoded logins out of `urls`: the library sends what a URL
/// says as it is. URLs without any stay as they are. Fails with
/// `ec::invalid_argument` if such logins differ: the library has one for all.
[[nodiscard]] caf::expected<plain_urls>
without_encoded_login(const std::vector<std::string>& urls);

/// @returns `urls` and those of `more` that are not among them, these with the
/// login that `urls` hold: servers tell of others without any.
[[nodiscard]] std::vector<std::string>
with_discovered(std::vector<std::string> urls,
                const std::vector<std::string>& more);

/// @returns the ports that `urls` name or mean.
[[nodiscard]] std::set<std::uint16_t>
ports_of(const std::vector<std::string>& urls);

/// @returns the URL without its login: for a log.
[[nodiscard]] std::string without_login(const std::string& url);

} // namespace stravasync::jetstream
