#include "adapters/sql/entities.hpp"
#include "tests/adapters/sqlite/sqlite_fixture.hpp"

#include <SQLiteCpp/Database.h>

#include <algorithm>

/// @file
/// That the file grows with what is stored, not with the order it comes in.

namespace stravasync::sqlite {

namespace {

using results = std::vector<upsert_result>;

constexpr auto pages = 25;
constexpr auto rows_in_page = 200;

/// Of a history, with ids that grow with time.
std::vector<activity> history() {
  auto rows = std::vector<activity>{};
  for (auto i = 0; i < pages * rows_in_page; ++i) {
    auto id = std::int64_t{10'000'000'000} + i * 37;
    rows.push_back(contract::make_activity(id, 1));
    rows.back().start_at_ms += i * 1'000;
    rows.back().raw.append(1'500 + i % 7 * 100, 'x');
  }
  return rows;
}

/// An own file with one athlete.
struct growing_file : sqlite_fixture {
  growing_file() {
    make_database();
    session = open();
    REQUIRE(add_athlete(*session) == caf::none);
  }

  results upsert(std::span<const activity> rows) {
    auto done = results{};
    auto failure = session->write([&](transaction& tx) -> caf::error {
      auto got = tx.activities().upsert_many(rows);
      if (!got)
        return got.error();
      done = std::move(*got);
      return {};
    });
    REQUIRE(failure == caf::none);
    return done;
  }

  /// Stores the rows page by page. @returns how many pages the file then has.
  int pages_after(const std::vector<activity>& rows) {
    for (auto at = rows.begin(); at != rows.end(); at += rows_in_page)
      upsert(std::span{at, at + rows_in_page});
    session.reset();
    return SQLite::Database{opts.path}.execAndGet("PRAGMA page_count").getInt();
  }

  std::unique_ptr<store_session> session;
};

} // namespace

TEST_CASE("a history that comes newest first takes no more room than one that "
          "comes oldest first") {
  auto rows = history();
  auto rising = growing_file{}.pages_after(rows);
  std::ranges::reverse(rows);
  auto falling = growing_file{}.pages_after(rows);
  CAPTURE(rising, falling);
  CHECK(falling * 10 <= rising * 12);
}

TEST_CASE_METHOD(growing_file,
                 "each row of a page that comes newest first gets "
                 "its own answer") {
  using enum upsert_result;
  auto row = [](std::int64_t id, std::string name, unix_ms fetched_at_ms) {
    auto result = contract::make_activity(id, 1);
    result.name = std::move(name);
    result.fetched_at_ms = fetched_at_ms;
    return result;
  };
  auto before = std::vector{row(3, "c", 100), row(1, "a", 100)};
  CHECK(upsert(before) == results{created, created});
  auto page = std::vector{row(4, "d", 200), row(3, "changed", 200),
                          row(2, "b", 200), row(3, "changed", 200),
                          row(1, "a", 200)};
  CHECK(upsert(page)
        == results{created, updated, created, unchanged, unchanged});
}

} // namespace stravasync::sqlite
