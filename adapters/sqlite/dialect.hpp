#pragma once

#include "adapters/sql/statements.hpp"

namespace stravasync::sqlite {

/// How SQLite writes what the standard leaves open.
inline constexpr auto dialect = sql::dialect{
  .placeholder = [](std::size_t n) { return "?" + std::to_string(n); },
  .month_of_ms =
    [](std::string_view expression) {
      return "strftime('%Y-%m', " + std::string{expression}
             + " / 1000, 'unixepoch')";
    },
  .matches =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " = ?" + std::to_string(n);
    },
};

} // namespace stravasync::sqlite
