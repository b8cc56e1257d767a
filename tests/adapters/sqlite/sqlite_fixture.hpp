#pragma once

#include "adapters/sqlite/sqlite_store.hpp"
#include "messages/error.hpp"
#include "tests/contracts/store_samples.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>

namespace stravasync::sqlite {

/// A path for a database in a folder of its own, and short ways to use it.
struct sqlite_fixture {
  scratch_folder folder;
  options opts{.path = folder.file("store.db")};

  /// The same options, for making the file.
  [[nodiscard]] options creating() const {
    auto result = opts;
    result.create = true;
    return result;
  }

  void make_database() const {
    auto applied = migrate(creating());
    REQUIRE(applied);
  }

  [[nodiscard]] std::unique_ptr<store_session> open() const {
    auto session = open_session(opts);
    REQUIRE(session);
    return std::move(*session);
  }

  /// @returns why the file cannot be opened; it must be so.
  [[nodiscard]] caf::error problem() const {
    auto session = open_session(opts);
    REQUIRE_FALSE(session);
    return session.error();
  }
};

inline caf::error add_athlete(store_session& session, std::int64_t id = 1) {
  return session.write([&](transaction& tx) {
    auto created = tx.athletes().create(contract::make_athlete(id));
    return created ? caf::error{} : created.error();
  });
}

/// Stores `count` activities of athlete 1 with ids from `first_id` on, each of
/// at least `raw_bytes`.
inline caf::error add_activities(store_session& session, std::int64_t first_id,
                                 int count, std::size_t raw_bytes = 1'500) {
  auto rows = std::vector<activity>{};
  for (auto i = 0; i < count; ++i) {
    rows.push_back(contract::make_activity(first_id + i, 1));
    rows.back().raw.append(raw_bytes, 'x');
  }
  return session.write([&](transaction& tx) {
    auto done = tx.activities().upsert_many(rows);
    return done ? caf::error{} : done.error();
  });
}

/// @returns how many activities athlete 1 has, or the error.
inline caf::expected<std::int64_t> count_activities(store_session& session) {
  auto count = caf::expected<std::int64_t>{std::int64_t{0}};
  auto failure = session.read([&](transaction& tx) {
    count = tx.queries().count_activities(1);
    return count ? caf::error{} : count.error();
  });
  if (failure)
    return failure;
  return count;
}

inline bool mentions(const caf::error& failure, std::string_view what) {
  return detail_of(failure).find(what) != std::string::npos;
}

} // namespace stravasync::sqlite
