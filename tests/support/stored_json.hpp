#pragma once

#include "actors/ports/store.hpp"
#include "adapters/sqlite/sqlite_store.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

namespace test {

/// @returns every stored activity's JSON by its id.
[[nodiscard]] inline std::map<std::int64_t, std::string>
stored_json(stravasync::store_session& from) {
  using namespace stravasync;
  std::map<std::int64_t, std::string> result;
  auto why = from.read([&](transaction& tx) -> caf::error {
    list_query query{.limit = 200};
    do {
      auto page = tx.activities().list(query);
      if (!page)
        return page.error();
      for (auto& row : page->items)
        result.emplace(row.id, std::move(row.raw));
      query.after = page->next;
    } while (!query.after.empty());
    return {};
  });
  REQUIRE_FALSE(why);
  return result;
}

/// The same from the file of a SQLite database.
[[nodiscard]] inline std::map<std::int64_t, std::string>
stored_json(const std::filesystem::path& database) {
  auto session = stravasync::sqlite::open_session({.path = database.string()});
  REQUIRE(session);
  return stored_json(**session);
}

} // namespace test
