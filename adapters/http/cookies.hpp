#pragma once

#include "adapters/http/server.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// @file
/// What a browser carries for us (RFC 6265).

namespace stravasync::http {

struct cookie {
  std::string name; // A token: letters, digits and "_".
  std::string value;
  std::string path;
  std::chrono::seconds lifetime{0}; // 0 takes it away again.
  bool needs_tls = false;
};

/// @returns the text of a Set-Cookie header, for a cookie that scripts do not
/// see and that goes along when another site sends the browser here by a link
/// or a redirect, but not with what its pages load or submit.
[[nodiscard]] std::string to_header(const cookie& what);

/// @returns the value of the cookie, or an empty text.
[[nodiscard]] std::string_view
cookie_value(const request& from, std::string_view name);

} // namespace stravasync::http
