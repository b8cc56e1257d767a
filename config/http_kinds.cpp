#include "config/kinds.hpp"
#include "config/quantity.hpp"
#include "config/toml_text.hpp"
#include "messages/error.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace stravasync::kinds {

namespace {

/// Whether it is "name", "name:port", "10.0.0.1:80" or "[::1]:80".
bool is_host(std::string_view text) {
  auto [host, port, bracketed] = split_host_port(text);
  if (host.empty() || (port && !is_port(*port)))
    return false;
  return bracketed || std::ranges::all_of(host, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

} // namespace

kind<std::vector<std::string>> hosts() {
  using list = std::vector<std::string>;
  return {
    .form = toml_form::text_list,
    .allowed = "names or addresses, each with or without a port",
    .parse = [](std::string_view text) -> caf::expected<list> {
      auto result = split_list(text);
      for (const auto& host : result)
        if (!is_host(host))
          return invalid(toml_quoted(host) + " is no host");
      return result;
    },
    .show =
      [](const list& value) {
        auto result = std::string{};
        for (const auto& host : value)
          result += (result.empty() ? "" : ", ") + toml_quoted(host);
        return "[" + result + "]";
      },
  };
}

kind<std::uint32_t> file_mode() {
  constexpr auto most = 0777U;
  return {
    .form = toml_form::text,
    .allowed = "octal, 0000 to 0777",
    .parse = [](std::string_view text) -> caf::expected<std::uint32_t> {
      auto value = std::uint32_t{0};
      auto [end, bad] = std::from_chars(text.begin(), text.end(), value, 8);
      if (bad != std::errc{} || end != text.end() || text.size() < 3)
        return invalid("not such as 0660");
      if (value > most)
        return invalid("out of range");
      return value;
    },
    .show =
      [](const std::uint32_t& value) {
        auto digits = std::array<char, 12>{};
        auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 value, 8)
                     .ptr;
        auto text = std::string{digits.data(), end};
        return toml_quoted(std::string(4 - std::min(text.size(), 4UL), '0')
                           + text);
      },
  };
}

} // namespace stravasync::kinds
