#pragma once

#include "adapters/sql/statements.hpp"

namespace stravasync::sqlite {

/// How SQLite writes what the standard leaves open.
inline constexpr auto dialect = sql::dialect{
  .placeholder = [](std::size_t n) { return "?" + std::to_string(n); },
  .each_of =
    [](std::size_t n) {
      return "json_each(?" + std::to_string(n) + ") AS given";
    },
  .among =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " IN (SELECT value FROM json_each(?"
             + std::to_string(n) + "))";
    },
  .matches =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " = ?" + std::to_string(n);
    },
  .free_rows = "",
};

} // namespace stravasync::sqlite
