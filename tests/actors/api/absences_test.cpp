#include "actors/api/reconciler.hpp"
#include "actors/api/run_keeper.hpp"
#include "messages/error.hpp"
#include "tests/actors/api/absences_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

struct fixture : test::absences_fixture {
  void add_consenting_athlete() {
    add_athlete();
    change([&](transaction& tx) -> caf::error {
      auto made = tx.credentials().create({.athlete_id = who});
      return made ? caf::error{} : made.error();
    });
  }

  /// One more node that begins second looks.
  void start_reconciler() {
    reconciler_config config;
    config.every = 1min;
    keep(system().spawn(reconciler, context(), store,
                        std::shared_ptr<stravasync::bus>{bus}, relay, config));
  }

  /// Lets a day and an hour pass, in which every node looks each hour.
  void pass_a_day() {
    for (auto i = 0; i < 25 * 60; ++i)
      pass(1min);
  }

  void fail(const std::string& run_id) {
    events::v1::SyncHeldUp fact;
    fact.set_athlete_id(who);
    fact.set_run_id(run_id);
    fact.set_mode(jobs::v1::SYNC_MODE_RELIST);
    fact.set_page_number(1);
    fact.set_state(events::v1::SYNC_STATE_FAILED);
    fact.set_reason("the page cannot be read");
    change([&](transaction& tx) { return hold_up_run(tx, fact, *now); });
  }
};

/// The rules for the first list that lacks so many of so many.
missing_fate fate(std::int64_t missing, std::int64_t stored) {
  return fate_of_missing(missing, stored, {});
}

} // namespace

TEST_CASE("what a list lacks is deleted, looked at again or asked about",
          "[absences]") {
  // Of few a share says nothing.
  CHECK(fate(1, 1) == missing_fate::second_look);
  CHECK(fate(1, 49) == missing_fate::second_look);
  CHECK(fate(2, 5) == missing_fate::second_look);
  CHECK(fate(48, 49) == missing_fate::second_look);
  // An empty list is the likeliest of errors.
  CHECK(fate(2, 2) == missing_fate::doubted);
  CHECK(fate(5'000, 5'000) == missing_fate::doubted);
  // Of many it does.
  CHECK(fate(1, 50) == missing_fate::deleted);
  CHECK(fate(10, 50) == missing_fate::deleted);
  CHECK(fate(11, 50) == missing_fate::doubted);
}

TEST_CASE_METHOD(fixture,
                 "in a small history a second list of another day "
                 "deletes",
                 "[absences]") {
  add_athlete();
  store_history({1, 2, 3, 4, 5});
  pass(1h);
  auto since = *now;
  CHECK(stores(relist("second", {1, 2, 3})));
  CHECK(activities_stored() == 5);
  CHECK(absences() == absence_summary{.unseen = 2, .since_ms = since});
  CHECK(
    run_row("second")->reason.starts_with("2 of 5 activities were missing"));
  auto told = published<events::v1::SyncProgressed>().back().status();
  CHECK(told.run_id() == "second");
  CHECK(told.missing_activities() == 2);
  CHECK(told.missing_since_ms() == since);
  CHECK_FALSE(told.missing_doubted());
  SECTION("not one of the same day") {
    pass(23h);
    CHECK(stores(relist("sooner", {1, 2, 3})));
    CHECK(activities_stored() == 5);
    CHECK(absences().since_ms == since);
  }
  SECTION("delivered twice it is one list still") {
    CHECK(stores(relist("second", {1, 2, 3})));
    CHECK(activities_stored() == 5);
  }
  pass(24h);
  CHECK(stores(relist("third", {1, 2, 3})));
  CHECK(activities_stored() == 3);
  CHECK(activity_row(4)->deleted_at_ms == *now);
  CHECK(absences() == absence_summary{});
  CHECK(run_row("third")->reason.empty());
}

TEST_CASE_METHOD(fixture, "the only activity does not go by one empty answer",
                 "[absences]") {
  add_athlete();
  store_history({1});
  pass(1h);
  CHECK(stores(relist("second", {})));
  CHECK(activities_stored() == 1);
  pass(25h);
  CHECK(stores(relist("third", {})));
  CHECK(activities_stored() == 0);
}

TEST_CASE_METHOD(fixture,
                 "nothing is missing from a list because the clock of the node "
                 "that fetched it was ahead",
                 "[absences]") {
  add_athlete();
  store_history({1, 2, 3});
  pass(1h);
  auto ahead = relist("second", {1, 2, 3});
  ahead.set_fetched_at_ms(*now + unix_ms{2 * 86'400'000});
  CHECK(stores(ahead));
  CHECK(absences() == absence_summary{});
  CHECK(activities_stored() == 3);
}

TEST_CASE_METHOD(fixture, "what is seen again is not missing any more",
                 "[absences]") {
  add_athlete();
  store_history({1, 2, 3});
  pass(1h);
  auto missed = relist("second", {1});
  CHECK(stores(missed));
  CHECK(absences().unseen == 2);
  auto older = last_page("old", 1, {2});
  older.set_fetched_at_ms(*now - 1);
  CHECK(stores(older));
  CHECK(absences().unseen == 2);
  pass(1h);
  CHECK(stores(last_page("newer", 1, {2})));
  CHECK(absences().unseen == 1);
  pass(25h);
  CHECK(stores(relist("third", {1})));
  CHECK(activity_row(2)->deleted_at_ms == std::nullopt);
  CHECK(activity_row(3)->deleted_at_ms == *now);
}

TEST_CASE_METHOD(fixture, "a gap that is too large waits for a person's yes",
                 "[absences]") {
  add_athlete();
  store_history(first(60));
  pass(1h);
  auto since = *now;
  CHECK(stores(relist("second", first(20))));
  CHECK(absences() == absence_summary{.doubted = 40, .since_ms = since});
  pass(48h);
  CHECK(stores(relist("third", first(20))));
  CHECK(activities_stored() == 60);
  CHECK(
    published<events::v1::SyncProgressed>().back().status().missing_doubted());
  pass(1h);
  auto other = confirm(39);
  CHECK(code_of(other) == ec::conflict);
  CHECK(detail_of(other).starts_with("missing: 40 activities"));
  CHECK(activities_stored() == 60);
  REQUIRE_FALSE(confirm(40));
  CHECK(activities_stored() == 20);
  CHECK(absences() == absence_summary{});
  // Gone since it was missed: what was seen after that would be live.
  CHECK(activity_row(60)->deleted_at_ms == since);
  CHECK(code_of(confirm(40)) == ec::conflict);
  relay_all();
  CHECK(published<events::v1::ActivityStored>().back().deleted_ids_size()
        == 40);
  auto recorded = published<ingest::v1::DeletionsConfirmed>();
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].activity_ids_size() == 40);
  CHECK(recorded[0].missing_since_ms() == since);
}

TEST_CASE_METHOD(fixture, "what waits for a second list can be confirmed",
                 "[absences]") {
  add_athlete();
  store_history({1, 2, 3, 4, 5});
  pass(1h);
  CHECK(stores(relist("second", {1, 2, 3})));
  REQUIRE_FALSE(confirm(2));
  CHECK(activities_stored() == 3);
  // Back at Strava, it is back here.
  pass(1h);
  CHECK(stores(relist("third", {1, 2, 3, 4})));
  CHECK(activities_stored() == 4);
}

TEST_CASE_METHOD(fixture,
                 "what is missing from a list that holds what may be "
                 "any can be confirmed",
                 "[absences]") {
  add_athlete();
  store_history({1, 2, 3, 4, 5});
  pass(1h);
  auto list = relist("second", {1, 2, 3});
  list.add_activities_json("null");
  CHECK(stores(list));
  CHECK(absences() == absence_summary{.doubted = 2, .since_ms = *now});
  CHECK(
    published<events::v1::SyncProgressed>().back().status().missing_doubted());
  REQUIRE_FALSE(confirm(2));
  CHECK(activities_stored() == 3);
  CHECK(absences() == absence_summary{});
}

TEST_CASE_METHOD(fixture, "nobody is not asked", "[absences]") {
  CHECK(code_of(confirm(1)) == ec::not_found);
  add_athlete();
  CHECK(code_of(confirm(1)) == ec::conflict);
  CHECK_FALSE(confirm(0));
}

TEST_CASE_METHOD(fixture, "a second list is begun when it is time",
                 "[absences]") {
  add_consenting_athlete();
  store_history({1, 2, 3, 4, 5});
  pass(1h);
  CHECK(stores(relist("second", {1, 2, 3})));
  start_reconciler();
  auto jobs = [&] { return published<jobs::v1::SyncAthlete>(); };
  for (auto i = 0; i < 23 * 60; ++i)
    pass(1min);
  CHECK(jobs().empty());
  for (auto i = 0; i < 2 * 60; ++i)
    pass(1min);
  REQUIRE(jobs().size() == 1);
  CHECK(jobs()[0].mode() == jobs::v1::SYNC_MODE_RELIST);
  // Not while it goes on, nor once it has decided.
  CHECK(stores(relist(jobs()[0].run_id(), {1, 2, 3})));
  CHECK(activities_stored() == 3);
  for (auto i = 0; i < 2 * 60; ++i)
    pass(1min);
  CHECK(jobs().size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a second list that decides nothing is not begun "
                 "again before another day",
                 "[absences]") {
  add_consenting_athlete();
  store_history({1, 2, 3, 4, 5});
  pass(1h);
  CHECK(stores(relist("second", {1, 2, 3})));
  start_reconciler();
  start_reconciler();
  auto jobs = [&] { return published<jobs::v1::SyncAthlete>(); };
  pass_a_day();
  REQUIRE(jobs().size() == 1);
  SECTION("because it fails, each time") {
    for (auto i = 0; i < 70 * 60; ++i) {
      fail(jobs().back().run_id());
      pass(1min);
    }
    CHECK(jobs().size() == 3);
  }
  SECTION("because it holds what may be any: a person decides") {
    auto list = relist(jobs()[0].run_id(), {1, 2, 3});
    list.add_activities_json("null");
    CHECK(stores(list));
    pass_a_day();
    pass_a_day();
    CHECK(jobs().size() == 1);
  }
}

TEST_CASE_METHOD(fixture, "what is listed and cannot be read is not missing",
                 "[absences]") {
  add_athlete();
  store_history({1, 2, 3, 4, 5});
  pass(1h);
  CHECK(stores(relist("second", {1, 2, 3})));
  CHECK(absences().unseen == 2);
  pass(1h);
  auto again = last_page("newer", 1, {});
  again.add_activities_json(R"({"id":4,"start_date":null})");
  CHECK(stores(again));
  CHECK(absences().unseen == 1);
  pass(25h);
  again = relist("third", {1, 2, 3});
  again.add_activities_json(R"({"id":4,"start_date":null})");
  CHECK(stores(again));
  CHECK(activities_stored() == 4);
  CHECK(activity_row(5)->deleted_at_ms == *now);
  CHECK(absences() == absence_summary{});
}
