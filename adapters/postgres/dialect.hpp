#pragma once

#include "adapters/sql/statements.hpp"

namespace stravasync::postgres {

/// How PostgreSQL writes what the standard leaves open.
inline constexpr auto dialect = sql::dialect{
  .placeholder = [](std::size_t n) { return "$" + std::to_string(n); },
  .each_of =
    [](std::size_t n) {
      return "unnest($" + std::to_string(n) + "::bigint[]) AS given(value)";
    },
  .among =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " = ANY ($" + std::to_string(n) + ")";
    },
  .matches =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " = ANY ($" + std::to_string(n) + ")";
    },
  .free_rows = " FOR UPDATE SKIP LOCKED",
};

} // namespace stravasync::postgres
