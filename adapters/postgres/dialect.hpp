#pragma once

#include "adapters/sql/statements.hpp"

namespace stravasync::postgres {

/// How PostgreSQL writes what the standard leaves open.
inline constexpr auto dialect = sql::dialect{
  .placeholder = [](std::size_t n) { return "$" + std::to_string(n); },
  .month_of_ms =
    [](std::string_view expression) {
      return "to_char(to_timestamp(" + std::string{expression}
             + " / 1000) AT TIME ZONE 'UTC', 'YYYY-MM')";
    },
  .matches =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " = ANY ($" + std::to_string(n) + ")";
    },
};

} // namespace stravasync::postgres
