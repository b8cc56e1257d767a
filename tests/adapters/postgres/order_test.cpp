#include "adapters/sqlite/sqlite_store.hpp"
#include "tests/adapters/postgres/postgres_fixture.hpp"
#include "tests/support/scratch_folder.hpp"

namespace stravasync::postgres {

namespace {

using contract::make_activity;
using contract::make_athlete;

/// What a store answers to a few questions whose answers have an order.
struct answers {
  std::vector<sync_run> runs;
  std::vector<sync_page> pages;
  std::vector<activity> activities;
  std::vector<sport_total> totals;
  std::vector<sport_total> by_month;

  friend bool operator==(const answers&, const answers&) = default;
};

constexpr auto words = {"a",  "B", "b", "A",  "é",   "e",
                        "z",  "Z", "_", "-a", "a b", "ab",
                        "10", "9", "ß", "ss", "🚴",   "\u00e9a"};

caf::error fill(transaction& tx) {
  auto who = make_athlete(1);
  static_cast<void>(tx.athletes().create(who));
  auto id = std::int64_t{0};
  for (const auto* word : words) {
    auto run = sync_run{};
    run.id = word;
    run.athlete_id = 1;
    run.started_at_ms = 7;
    static_cast<void>(tx.sync_runs().create(run));
    auto page = sync_page{.run_id = word, .page_number = 3};
    static_cast<void>(tx.sync_pages().create(page));
    auto row = make_activity(++id, 1);
    row.sport_type = word;
    // Whole numbers: their sum does not depend on the order of adding.
    row.distance_m = 1'000;
    row.start_local_at_ms = -100'000'000'000 + id * 40'000'000'000;
    static_cast<void>(tx.activities().create(row));
  }
  return caf::none;
}

template <class Entity>
void read_list(repository<Entity>& from, std::vector<Entity>& into) {
  auto query = list_query{.limit = 4};
  do {
    auto page = from.list(query);
    REQUIRE(page);
    into.insert(into.end(), page->items.begin(), page->items.end());
    query.after = page->next;
  } while (!query.after.empty());
}

answers ask(store_session& session) {
  auto result = answers{};
  CHECK_FALSE(session.write(fill));
  CHECK_FALSE(session.read([&](transaction& tx) {
    read_list(tx.sync_runs(), result.runs);
    read_list(tx.sync_pages(), result.pages);
    read_list(tx.activities(), result.activities);
    result.totals = *tx.queries().totals(1, false);
    result.by_month = *tx.queries().totals(1, true);
    return caf::error{};
  }));
  return result;
}

} // namespace

TEST_CASE_METHOD(postgres_fixture, "both stores answer in the same order") {
  auto folder = scratch_folder{};
  auto file
    = sqlite::open_session({.path = folder.file("s.db"), .create = true});
  REQUIRE(file);
  auto here = ask(*make_database());
  auto there = ask(**file);
  CHECK(here.runs.size() == words.size());
  CHECK(here.runs == there.runs);
  CHECK(here.pages == there.pages);
  CHECK(here.activities == there.activities);
  CHECK(here.totals == there.totals);
  CHECK(here.by_month == there.by_month);
}

} // namespace stravasync::postgres
