#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "tests/actors/api/absences_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

using fixture = test::absences_fixture;

} // namespace

TEST_CASE_METHOD(fixture, "private activities that a consent hides are kept",
                 "[absences]") {
  add_athlete();
  auto whole = last_page("first", 1, first(60));
  for (auto id : {61, 62})
    whole.add_activities_json(R"({"id":)" + std::to_string(id)
                              + R"(,"visibility":"only_me","sport_type":"Run",)"
                                R"("start_date":"2023-11-01T08:00:00Z"})");
  CHECK(stores(whole));
  change([](transaction& tx) -> caf::error {
    auto row = **tx.athletes().get({who});
    row.scope = "read,activity:read";
    return tx.athletes().update(row);
  });
  pass(1h);
  auto since = *now;
  CHECK(stores(relist("second", first(59))));
  // The public one may have become private, the others cannot be seen.
  CHECK(absences()
        == absence_summary{.doubted = 1, .hidden = 2, .since_ms = since});
  CHECK(run_row("second")->reason.starts_with(
    "1 of 60 activities were missing from Strava's list: deleted or made "
    "private"));
  pass(48h);
  CHECK(stores(relist("third", first(59))));
  CHECK(activities_stored() == 62);
  CHECK(
    published<events::v1::SyncProgressed>().back().status().missing_doubted());
  CHECK(code_of(confirm(3)) == ec::conflict);
  REQUIRE_FALSE(confirm(1));
  CHECK(activity_row(60)->deleted_at_ms == since);
  CHECK(activities_stored() == 61);
  CHECK(absences() == absence_summary{.hidden = 2});
  relay_all();
  CHECK(
    published<events::v1::SyncProgressed>().back().status().hidden_activities()
    == 2);
  CHECK(code_of(confirm(2)) == ec::conflict);
  SECTION("with the scope they are seen again") {
    pass(1h);
    CHECK(stores(whole)); // The same page: stored already.
    auto again = whole;
    again.set_run_id("with-scope");
    again.set_fetched_at_ms(*now);
    CHECK(stores(again));
    CHECK(absences() == absence_summary{});
  }
  SECTION("what was hidden has not been looked for") {
    change([](transaction& tx) -> caf::error {
      auto row = **tx.athletes().get({who});
      row.scope = all_scopes;
      return tx.athletes().update(row);
    });
    start({.share_from = 1'000});
    pass(48h);
    CHECK(stores(relist("with-scope", first(59))));
    CHECK(absences() == absence_summary{.unseen = 2, .since_ms = *now});
  }
}

TEST_CASE_METHOD(fixture,
                 "a list that could not show what is private is no first look",
                 "[absences]") {
  add_athlete(who, "read,activity:read");
  store_history({1, 2, 3});
  pass(1h);
  CHECK(stores(relist("second", {1, 2})));
  CHECK(absences().doubted == 1);
  change([](transaction& tx) -> caf::error {
    auto row = **tx.athletes().get({who});
    row.scope = all_scopes;
    return tx.athletes().update(row);
  });
  pass(48h);
  auto since = *now;
  CHECK(stores(relist("third", {1, 2})));
  CHECK(absences() == absence_summary{.unseen = 1, .since_ms = since});
  pass(24h);
  CHECK(stores(relist("fourth", {1, 2})));
  CHECK(activities_stored() == 2);
}
