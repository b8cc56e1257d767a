#include "config/kinds.hpp"
#include "config/toml_text.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace stravasync::kinds {

namespace {

caf::error wrong(std::string detail) {
  return make_failure(ec::invalid_argument, std::move(detail));
}

} // namespace

kind<std::uint32_t> file_mode() {
  constexpr auto most = 0777U;
  return {
    .form = toml_form::text,
    .allowed = "octal, 0000 to 0777",
    .parse = [](std::string_view text) -> caf::expected<std::uint32_t> {
      auto value = std::uint32_t{0};
      auto [end, bad] = std::from_chars(text.begin(), text.end(), value, 8);
      if (bad != std::errc{} || end != text.end() || text.size() < 3)
        return wrong("not such as 0660");
      if (value > most)
        return wrong("out of range");
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
