#include "adapters/cli/checks.hpp"

#include "config/quantity.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace stravasync::cli {

CLI::Validator some_text(std::size_t bytes_max) {
  return {[=](const std::string& text) {
            return text.empty() ? "is empty"
                   : text.size() <= bytes_max
                     ? std::string{}
                     : "is longer than " + std::to_string(bytes_max) + " bytes";
          },
          ""};
}

CLI::Validator an_id() {
  return {[](const std::string& text) {
            auto id = parse_whole(text);
            constexpr auto most = std::numeric_limits<std::int64_t>::max();
            return id && *id > 0 && std::cmp_less_equal(*id, most)
                     ? std::string{}
                     : "'" + text + "' is no id: a whole number above 0";
          },
          ""};
}

} // namespace stravasync::cli
