#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

namespace stravasync::contract {

namespace {

using results = std::vector<upsert_result>;
using enum upsert_result;

struct upsert_fixture : store_fixture {
  upsert_fixture() {
    write([](transaction& tx) { must(tx.athletes().create(make_athlete())); });
  }

  results upsert(const std::vector<activity>& rows) {
    auto done = results{};
    write(
      [&](transaction& tx) { done = must(tx.activities().upsert_many(rows)); });
    return done;
  }

  std::optional<activity> stored(std::int64_t id) {
    return ask([&](auto& tx) { return tx.activities().get({id}); });
  }
};

activity
fetched(std::int64_t id, unix_ms at_ms, const std::string& name = "ride") {
  auto row = make_activity(id);
  row.name = name;
  row.fetched_at_ms = at_ms;
  return row;
}

} // namespace

TEST_CASE_METHOD(upsert_fixture, "an upsert tells of each row what it did") {
  upsert({fetched(1, 100), fetched(2, 100), fetched(3, 100)});
  CHECK(upsert({fetched(4, 200), fetched(2, 200, "renamed"), fetched(1, 200)})
        == results{created, updated, unchanged});
  CHECK(stored(4) == fetched(4, 200));
  CHECK(stored(2) == fetched(2, 200, "renamed"));
  CHECK(stored(3) == fetched(3, 100));
}

TEST_CASE_METHOD(upsert_fixture, "an equal row fetched later is unchanged but "
                                 "remembers the later fetch") {
  upsert({fetched(1, 100)});
  CHECK(upsert({fetched(1, 300)}) == results{unchanged});
  CHECK(stored(1) == fetched(1, 300));
  CHECK(upsert({fetched(1, 300)}) == results{unchanged});
  CHECK(stored(1) == fetched(1, 300));
}

TEST_CASE_METHOD(upsert_fixture, "an older answer never overwrites a newer "
                                 "one") {
  upsert({fetched(1, 200, "new")});
  CHECK(upsert({fetched(1, 199, "old")}) == results{unchanged});
  CHECK(stored(1) == fetched(1, 200, "new"));
  CHECK(upsert({fetched(1, 200, "same time")}) == results{updated});
  CHECK(stored(1) == fetched(1, 200, "same time"));
}

TEST_CASE_METHOD(upsert_fixture, "an activity stays its athlete's") {
  upsert({fetched(1, 100)});
  auto stolen = fetched(1, 200, "stolen");
  ++stolen.athlete_id;
  write([&](transaction& tx) {
    must(tx.athletes().create(make_athlete(stolen.athlete_id)));
  });
  CHECK(upsert({stolen}) == results{unchanged});
  CHECK(stored(1) == fetched(1, 100));
}

TEST_CASE_METHOD(upsert_fixture, "a change of any single column is an update") {
  auto base = fetched(1, 100);
  upsert({base});
  auto change = [&](auto apply) {
    auto row = base;
    apply(row);
    CHECK(upsert({row}) == results{updated});
    CHECK(stored(1) == row);
    CHECK(upsert({base}) == results{updated});
  };
  change([](activity& a) { a.sport_type = "Walk"; });
  change([](activity& a) { a.start_at_ms += 1; });
  change([](activity& a) { a.utc_offset_s = -0.5; });
  change([](activity& a) { a.commute = false; });
  change([](activity& a) { a.average_heartrate_bpm = 0.0; });
  change([](activity& a) { a.average_watts = std::nullopt; });
  change([](activity& a) { a.gear_id = ""; });
  change([](activity& a) { a.raw += " "; });
}

TEST_CASE_METHOD(upsert_fixture, "an upsert brings back a row that was marked "
                                 "as deleted before it was fetched") {
  upsert({fetched(1, 100)});
  write([](transaction& tx) {
    auto ids = std::vector<std::int64_t>{1};
    must(tx.queries().mark_deleted(ids, 150));
  });
  REQUIRE(stored(1)->deleted_at_ms == 150);
  CHECK(upsert({fetched(1, 200)}) == results{updated});
  CHECK(stored(1) == fetched(1, 200));
}

TEST_CASE_METHOD(upsert_fixture, "a page delivered again does not bring back "
                                 "what was found deleted since") {
  upsert({fetched(1, 100)});
  write([](transaction& tx) {
    auto ids = std::vector<std::int64_t>{1};
    must(tx.queries().mark_deleted(ids, 150));
  });
  CHECK(upsert({fetched(1, 100)}) == results{unchanged});
  CHECK(upsert({fetched(1, 149)}) == results{unchanged});
  CHECK(stored(1)->deleted_at_ms == 150);
}

TEST_CASE_METHOD(upsert_fixture, "a row twice in one batch counts in order") {
  CHECK(upsert({fetched(1, 100), fetched(1, 100), fetched(1, 200, "b"),
                fetched(1, 100)})
        == results{created, unchanged, updated, unchanged});
  CHECK(stored(1) == fetched(1, 200, "b"));
}

TEST_CASE_METHOD(upsert_fixture, "a batch with a row that is refused stores "
                                 "nothing") {
  auto failure = session->write([](transaction& tx) {
    auto rows = std::vector{make_activity(1), make_activity(2, 404)};
    return error_in(tx.activities().upsert_many(rows));
  });
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK_FALSE(stored(1));
}

TEST_CASE_METHOD(upsert_fixture, "an empty batch does nothing") {
  CHECK(upsert({}).empty());
}

TEST_CASE_METHOD(upsert_fixture, "any number of rows goes in one batch") {
  auto rows = std::vector<activity>{};
  for (auto id = 1; id <= 5'000; ++id)
    rows.push_back(fetched(id, 100));
  CHECK(upsert(rows) == results(5'000, created));
  CHECK(upsert(rows) == results(5'000, unchanged));
  CHECK(
    ask([](auto& tx) { return tx.queries().count_activities(some_athlete); })
    == 5'000);
}

TEST_CASE_METHOD(upsert_fixture, "rows without a guard are overwritten by "
                                 "whoever comes last") {
  auto renamed = make_athlete();
  renamed.name = "Ada L.";
  auto rows = std::vector{make_athlete(), renamed, make_athlete(2)};
  auto done = results{};
  write([&](transaction& tx) {
    done = must(tx.athletes().upsert_many(rows));
    auto runs = std::vector{make_run("a"), make_run("a")};
    CHECK(must(tx.sync_runs().upsert_many(runs))
          == results{created, unchanged});
    auto pages = std::vector{make_page("a", 1), make_page("a", 2)};
    CHECK(must(tx.sync_pages().upsert_many(pages))
          == results{created, created});
  });
  CHECK(done == results{unchanged, updated, created});
  CHECK(ask([](auto& tx) { return tx.athletes().get({some_athlete}); })
        == renamed);
}

TEST_CASE_METHOD(upsert_fixture, "reconnecting an athlete replaces the tokens "
                                 "and keeps the activities") {
  upsert({fetched(1, 100)});
  auto fresh = make_credential();
  fresh.version = 7;
  write([&](transaction& tx) {
    must(tx.credentials().create(make_credential()));
    auto athletes = std::vector{make_athlete()};
    must(tx.athletes().upsert_many(athletes));
    auto credentials = std::vector{fresh};
    CHECK(must(tx.credentials().upsert_many(credentials)) == results{updated});
  });
  CHECK(ask([](auto& tx) { return tx.credentials().get({some_athlete}); })
        == fresh);
  CHECK(stored(1));
}

TEST_CASE_METHOD(upsert_fixture, "outbox rows without an id are appended, ones "
                                 "with an id are replaced") {
  auto first = std::vector{make_message("a"), make_message("a")};
  write([&](transaction& tx) {
    CHECK(must(tx.outbox().upsert_many(first)) == results{created, created});
    auto rows = must(tx.outbox().list({})).items;
    REQUIRE(rows.size() == 2);
    rows[1].sent_at_ms = 5;
    CHECK(must(tx.outbox().upsert_many(rows)) == results{unchanged, updated});
    CHECK(must(tx.outbox().get({rows[1].id})) == rows[1]);
  });
}

} // namespace stravasync::contract
