#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

namespace stravasync::contract {

namespace {

using key = std::vector<column_value>;

void add_athlete(store_fixture& on) {
  on.write([](transaction& tx) { must(tx.athletes().create(make_athlete())); });
}

} // namespace

TEST_CASE_METHOD(store_fixture, "every column comes back as it was written") {
  write([](transaction& tx) {
    must(tx.athletes().create(make_athlete()));
    must(tx.credentials().create(make_credential()));
    must(tx.activities().create(make_activity(5)));
    must(tx.sync_runs().create(make_run("r")));
    must(tx.sync_pages().create(make_page("r", 1)));
  });
  read([](transaction& tx) {
    CHECK(must(tx.athletes().get({some_athlete})) == make_athlete());
    CHECK(must(tx.credentials().get({some_athlete})) == make_credential());
    CHECK(must(tx.activities().get({std::int64_t{5}})) == make_activity(5));
    CHECK(must(tx.sync_runs().get({"r"})) == make_run("r"));
    CHECK(must(tx.sync_pages().get({"r", std::int64_t{1}}))
          == make_page("r", 1));
  });
}

TEST_CASE_METHOD(store_fixture, "a large text comes back byte for byte") {
  add_athlete(*this);
  auto row = make_activity(5);
  row.raw = std::string(900'000, 'x') + "\"ü\n\t";
  write([&](transaction& tx) { must(tx.activities().create(row)); });
  CHECK(ask([](auto& tx) { return tx.activities().get({std::int64_t{5}}); })
        == row);
}

TEST_CASE_METHOD(store_fixture, "an outbox row gets an id that grows and is "
                                "not given again") {
  auto ids = std::vector<std::int64_t>{};
  write([&](transaction& tx) {
    ids.push_back(must(tx.outbox().create(make_message("a"))));
    ids.push_back(must(tx.outbox().create(make_message("b"))));
    must(tx.outbox().erase({ids[1]}));
    ids.push_back(must(tx.outbox().create(make_message("c"))));
  });
  CHECK(ids[0] > 0);
  CHECK(ids[1] > ids[0]);
  CHECK(ids[2] > ids[1]);
  auto expected = make_message("c");
  expected.id = ids[2];
  CHECK(ask([&](auto& tx) { return tx.outbox().get({ids[2]}); }) == expected);
}

TEST_CASE_METHOD(store_fixture, "creating a row twice fails and leaves the "
                                "first one and the transaction usable") {
  add_athlete(*this);
  auto second = make_athlete();
  second.name = "someone else";
  write([&](transaction& tx) {
    CHECK(failure_in(tx.athletes().create(second)) == ec::already_exists);
    must(tx.activities().create(make_activity(1)));
  });
  CHECK(ask([](auto& tx) { return tx.athletes().get({some_athlete}); })
        == make_athlete());
  CHECK(
    ask([](auto& tx) { return tx.queries().count_activities(some_athlete); })
    == 1);
}

TEST_CASE_METHOD(store_fixture, "a row that refers to no athlete is refused") {
  auto failure = session->write([](transaction& tx) {
    return error_in(tx.activities().create(make_activity(1)));
  });
  CHECK(code_of(failure) == ec::invalid_argument);
}

TEST_CASE_METHOD(store_fixture, "a refused row spoils its transaction even if "
                                "the caller overlooks the error") {
  add_athlete(*this);
  auto failure = session->write([](transaction& tx) {
    must(tx.activities().create(make_activity(1)));
    static_cast<void>(tx.activities().create(make_activity(2, 404)));
    return caf::error{};
  });
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(
    ask([](auto& tx) { return tx.queries().count_activities(some_athlete); })
    == 0);
}

TEST_CASE_METHOD(store_fixture, "an update writes all columns") {
  add_athlete(*this);
  write(
    [](transaction& tx) { must(tx.activities().create(make_activity(5))); });
  auto changed = make_activity(5);
  changed.name = "renamed";
  changed.average_watts = std::nullopt;
  changed.average_heartrate_bpm = 140.5;
  changed.manual = false;
  changed.deleted_at_ms = 77;
  changed.raw = "{}";
  write([&](transaction& tx) { must(tx.activities().update(changed)); });
  CHECK(ask([](auto& tx) { return tx.activities().get({std::int64_t{5}}); })
        == changed);
}

TEST_CASE_METHOD(store_fixture, "updating a missing row fails") {
  write([](transaction& tx) {
    CHECK(code_of(tx.athletes().update(make_athlete())) == ec::not_found);
    CHECK(code_of(tx.credentials().update(make_credential())) == ec::not_found);
  });
}

TEST_CASE_METHOD(store_fixture, "a credential is updated only from the version "
                                "before") {
  auto next = make_credential();
  next.version = 2;
  next.access_token = "second";
  write([&](transaction& tx) {
    must(tx.athletes().create(make_athlete()));
    must(tx.credentials().create(make_credential()));
    must(tx.credentials().update(next));
  });
  auto late = make_credential();
  late.version = 2;
  late.access_token = "lost the race";
  auto ahead = late;
  ahead.version = 4;
  write([&](transaction& tx) {
    CHECK(code_of(tx.credentials().update(late)) == ec::conflict);
    CHECK(code_of(tx.credentials().update(ahead)) == ec::conflict);
  });
  CHECK(ask([](auto& tx) { return tx.credentials().get({some_athlete}); })
        == next);
}

TEST_CASE_METHOD(store_fixture, "getting a missing row answers with none") {
  read([](transaction& tx) {
    CHECK(must(tx.athletes().get({std::int64_t{1}})) == std::nullopt);
    CHECK(must(tx.sync_runs().get({"nope"})) == std::nullopt);
  });
}

TEST_CASE_METHOD(store_fixture, "many rows are got by their keys, missing ones "
                                "left out, doubled ones once") {
  add_athlete(*this);
  write([](transaction& tx) {
    for (auto id : {3, 1, 2})
      must(tx.activities().create(make_activity(id)));
  });
  auto wanted = std::vector<std::int64_t>{2, 404, 3, 2};
  auto rows = ask([&](auto& tx) {
    return tx.activities().get_many(wanted, raw_json::included);
  });
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == make_activity(2));
  CHECK(rows[1] == make_activity(3));
  CHECK(ask([](auto& tx) {
          return tx.activities().get_many(std::span<const std::int64_t>{},
                                          raw_json::included);
        }).empty());
}

TEST_CASE_METHOD(store_fixture, "rows are read without what Strava sent") {
  add_athlete(*this);
  write([](transaction& tx) {
    for (auto id : {1, 2})
      must(tx.activities().create(make_activity(id)));
  });
  auto brief = [](std::int64_t id) {
    auto row = make_activity(id);
    REQUIRE(!row.raw.empty());
    row.raw.clear();
    return row;
  };
  auto wanted = std::vector<std::int64_t>{2};
  auto rows = ask([&](auto& tx) {
    return tx.activities().get_many(wanted, raw_json::left_out);
  });
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == brief(2));
  auto page = ask([](auto& tx) {
    return tx.activities().list({.limit = 1, .raw = raw_json::left_out});
  });
  REQUIRE(page.items.size() == 1);
  CHECK(page.items[0] == brief(page.items[0].id));
  auto rest
    = ask([&](auto& tx) { return tx.activities().list({.after = page.next}); });
  REQUIRE(rest.items.size() == 1);
  CHECK(rest.items[0] == make_activity(rest.items[0].id));
}

TEST_CASE_METHOD(store_fixture, "erasing tells whether there was a row") {
  add_athlete(*this);
  write([](transaction& tx) {
    CHECK(must(tx.athletes().erase({some_athlete})));
    CHECK_FALSE(must(tx.athletes().erase({some_athlete})));
  });
}

TEST_CASE_METHOD(store_fixture, "erasing an athlete takes everything of the "
                                "athlete's and nothing of another's") {
  write([](transaction& tx) {
    for (auto athlete : {some_athlete, some_athlete + 1}) {
      auto run = "run " + std::to_string(athlete);
      must(tx.athletes().create(make_athlete(athlete)));
      must(tx.credentials().create(make_credential(athlete)));
      must(tx.activities().create(make_activity(athlete * 10, athlete)));
      must(tx.sync_runs().create(make_run(run, athlete)));
      must(tx.sync_pages().create(make_page(run, 1)));
      must(tx.unread_activities().create(make_unread(-5, athlete)));
    }
    must(tx.athletes().erase({some_athlete}));
  });
  read([](transaction& tx) {
    auto gone = "run " + std::to_string(some_athlete);
    auto kept = "run " + std::to_string(some_athlete + 1);
    CHECK_FALSE(must(tx.credentials().get({some_athlete})));
    CHECK_FALSE(must(tx.activities().get({some_athlete * 10})));
    CHECK_FALSE(must(tx.sync_runs().get({gone})));
    CHECK_FALSE(must(tx.sync_pages().get({gone, std::int64_t{1}})));
    CHECK(must(tx.credentials().get({some_athlete + 1})));
    CHECK(must(tx.activities().get({(some_athlete + 1) * 10})));
    CHECK(must(tx.sync_runs().get({kept})));
    CHECK(must(tx.sync_pages().get({kept, std::int64_t{1}})));
    CHECK(must(tx.queries().count_unread(some_athlete)) == 0);
    CHECK(must(tx.queries().count_unread(some_athlete + 1)) == 1);
  });
}

} // namespace stravasync::contract
