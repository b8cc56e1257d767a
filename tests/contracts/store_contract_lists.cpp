#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

namespace stravasync::contract {

namespace {

using relation = condition::relation;

/// Follows cursors to the end. @returns the ids in list order.
template <class Repository>
auto walk(Repository& in, list_query query) {
  auto ids = std::vector<decltype(must(in.list(query)).items[0].id)>{};
  while (true) {
    auto page = must(in.list(query));
    REQUIRE(page.items.size() <= query.limit);
    for (const auto& row : page.items)
      ids.push_back(row.id);
    if (page.next.empty())
      return ids;
    REQUIRE(page.items.size() == query.limit);
    query.after = page.next;
  }
}

/// Ten activities of each of two athletes, two per start time, alternating
/// sports, one of them a tombstone.
struct listed_fixture : store_fixture {
  listed_fixture() {
    write([](transaction& tx) {
      for (auto athlete : {some_athlete, some_athlete + 1}) {
        must(tx.athletes().create(make_athlete(athlete)));
        for (auto i = 0; i < 10; ++i) {
          auto row = make_activity(athlete * 100 + i, athlete);
          row.start_at_ms = i / 2 * 1'000;
          row.sport_type = i % 3 == 0 ? "Run" : "Ride";
          if (i == 4)
            row.deleted_at_ms = 9;
          must(tx.activities().create(row));
        }
      }
    });
  }

  std::vector<std::int64_t> activity_digits(list_query query) {
    auto digits = std::vector<std::int64_t>{};
    read([&](transaction& tx) {
      for (auto id : walk(tx.activities(), query))
        digits.push_back(id % 100);
    });
    return digits;
  }
};

condition of_athlete(std::int64_t id = some_athlete) {
  return {"athlete_id", relation::equal, id};
}

using digits = std::vector<std::int64_t>;

} // namespace

TEST_CASE_METHOD(listed_fixture, "an athlete's activities are listed newest "
                                 "first, whatever the page size") {
  for (auto limit : {1U, 2U, 3U, 9U, 10U, 11U})
    CHECK(activity_digits({.where = {of_athlete()}, .limit = limit})
          == digits{9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
}

TEST_CASE_METHOD(listed_fixture, "conditions on a list hold together") {
  CHECK(activity_digits(
          {.where = {of_athlete(), {"deleted_at_ms", relation::is_null, {}}},
           .limit = 4})
        == digits{9, 8, 7, 6, 5, 3, 2, 1, 0});
  CHECK(activity_digits({.where = {of_athlete(),
                                   {"deleted_at_ms", relation::is_null, {}},
                                   {"sport_type", relation::equal, "Run"}},
                         .limit = 2})
        == digits{9, 6, 3, 0});
  CHECK(activity_digits(
          {.where = {of_athlete(),
                     {"start_at_ms", relation::at_least, std::int64_t{1'000}},
                     {"start_at_ms", relation::less_than, std::int64_t{3'000}}},
           .limit = 3})
        == digits{5, 4, 3, 2});
  CHECK(activity_digits(
          {.where = {of_athlete(), {"sport_type", relation::equal, "' OR 1"}}})
          .empty());
}

TEST_CASE_METHOD(listed_fixture, "rows that appear while a list is read shift "
                                 "nothing") {
  auto first = ask([](auto& tx) {
    return tx.activities().list({.where = {of_athlete()}, .limit = 3});
  });
  write([](transaction& tx) {
    auto newer = make_activity(some_athlete * 100 + 50);
    newer.start_at_ms = 99'000;
    must(tx.activities().create(newer));
  });
  auto second = ask([&](auto& tx) {
    return tx.activities().list(
      {.where = {of_athlete()}, .after = first.next, .limit = 3});
  });
  REQUIRE(second.items.size() == 3);
  CHECK(second.items[0].id % 100 == 6);
}

TEST_CASE_METHOD(listed_fixture, "a list that ends with a full page has no "
                                 "cursor") {
  auto page = ask([](auto& tx) {
    return tx.activities().list({.where = {of_athlete()}, .limit = 10});
  });
  CHECK(page.items.size() == 10);
  CHECK(page.next.empty());
}

TEST_CASE_METHOD(listed_fixture, "a cursor that does not fit the list is "
                                 "refused") {
  read([](transaction& tx) {
    auto list = [&](std::vector<column_value> after) {
      return failure_in(tx.activities().list({.after = std::move(after)}));
    };
    CHECK(list({std::int64_t{1}}) == ec::invalid_argument);
    CHECK(list({std::int64_t{1}, "x"}) == ec::invalid_argument);
    CHECK(list({std::monostate{}, std::int64_t{1}}) == ec::invalid_argument);
    CHECK(list({1.5, std::int64_t{1}}) == ec::invalid_argument);
    CHECK(list({std::int64_t{1}, std::int64_t{1}, std::int64_t{1}})
          == ec::invalid_argument);
  });
}

TEST_CASE_METHOD(store_fixture, "a list needs a limit of at least one") {
  read([](transaction& tx) {
    CHECK(failure_in(tx.athletes().list({.limit = 0})) == ec::invalid_argument);
  });
}

TEST_CASE_METHOD(store_fixture, "athletes and outbox rows are listed by id") {
  auto sent = std::vector<std::int64_t>{};
  write([&](transaction& tx) {
    for (auto id : {30, 10, 20})
      must(tx.athletes().create(make_athlete(id)));
    for (auto* name : {"a", "b", "c"})
      sent.push_back(must(tx.outbox().create(make_message(name))));
  });
  read([&](transaction& tx) {
    CHECK(walk(tx.athletes(), {.limit = 2}) == digits{10, 20, 30});
    CHECK(walk(tx.outbox(), {.limit = 2}) == sent);
  });
}

TEST_CASE_METHOD(store_fixture, "runs are listed newest first and pages by run "
                                "and number") {
  write([](transaction& tx) {
    must(tx.athletes().create(make_athlete()));
    auto started = std::int64_t{0};
    for (auto* id : {"b", "a", "d", "c"}) {
      auto run = make_run(id);
      run.started_at_ms = ++started / 2;
      must(tx.sync_runs().create(run));
    }
    for (auto number : {3, 1, 2})
      must(tx.sync_pages().create(make_page("b", number)));
    must(tx.sync_pages().create(make_page("a", 9)));
  });
  read([](transaction& tx) {
    CHECK(walk(tx.sync_runs(), {.limit = 1})
          == std::vector<std::string>{"c", "d", "a", "b"});
    auto first = must(tx.sync_pages().list({.limit = 2}));
    REQUIRE(first.items.size() == 2);
    CHECK(first.items[0].run_id == "a");
    CHECK(first.items[1].page_number == 1);
    auto rest = must(tx.sync_pages().list({.after = first.next, .limit = 5}));
    REQUIRE(rest.items.size() == 2);
    CHECK(rest.items[0].page_number == 2);
    CHECK(rest.items[1].page_number == 3);
  });
}

} // namespace stravasync::contract
