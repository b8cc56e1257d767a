#include "actors/api/records.hpp"
#include "messages/contracts.hpp"
#include "tests/actors/api/athletes_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace stravasync;
using fixture = test::athletes_fixture;

TEST_CASE_METHOD(fixture, "athletes are listed page by page", "[athletes]") {
  for (auto id = 1; id <= 5; ++id)
    add_athlete(id);
  std::vector<std::int64_t> seen;
  std::string cursor;
  do {
    auto page = list(cursor);
    REQUIRE(page);
    for (const auto& one : page->items())
      seen.push_back(one.id());
    cursor = page->next_cursor();
  } while (!cursor.empty() && seen.size() < 9);
  CHECK(seen == std::vector<std::int64_t>{1, 2, 3, 4, 5});
}

TEST_CASE_METHOD(fixture, "a cursor that is no cursor of this list is refused",
                 "[athletes]") {
  auto other = encode_cursor({std::int64_t{1}, std::int64_t{2}}, *cipher);
  auto cursor = GENERATE_COPY(values<std::string>(
    {"rubbish", ".", "1.", "1.beef", "'; DROP TABLE athlete; --",
     std::string(10'000, '1'), std::string{"1\0.beef", 7}, other,
     encode_cursor({std::int64_t{1}}, *test::cipher_of(2))}));
  auto got = list(cursor);
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::invalid_argument);
  CHECK(detail_of(got.error()).starts_with("cursor: "));
}

TEST_CASE_METHOD(fixture, "a page has room for at least one", "[athletes]") {
  auto got = list({}, 0);
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::invalid_argument);
}

TEST_CASE_METHOD(fixture, "nothing is known of an athlete who is not there",
                 "[athletes]") {
  CHECK(codes_of_all()
        == std::vector{ec::none, ec::not_found, ec::not_found, ec::not_found,
                       ec::not_found});
  CHECK(oauth->calls.empty());
  CHECK(bus->calls("publish") == 0);
}

TEST_CASE_METHOD(fixture, "without a store every answer says so",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  SECTION("it is down, as its guardian says") {
    *no_reads = *no_writes = true;
  }
  SECTION("its guardian is gone") {
    stop(store.reader);
    stop(store.writer);
  }
  CHECK(codes_of_all() == std::vector(5, ec::unavailable));
  CHECK(is_stored());
}

TEST_CASE_METHOD(fixture, "an athlete comes with the progress of the sync",
                 "[athletes]") {
  add_athlete(who, "read,activity:read");
  CHECK(get()->sync().state() == events::v1::SYNC_STATE_QUEUED);
  add_run(events::v1::SYNC_STATE_COMPLETE);
  add_activities({1, 2});
  auto one = get();
  REQUIRE(one);
  CHECK(one->sync().state() == events::v1::SYNC_STATE_COMPLETE);
  CHECK(one->sync().activities_stored() == 2);
  CHECK(status()->missing_scopes_size() == 2);
  CHECK(status()->run_id() == "before");
}

TEST_CASE_METHOD(fixture, "a sync that Strava would refuse is not begun",
                 "[athletes]") {
  SECTION("there are no tokens") {
    add_athlete();
  }
  SECTION("they are revoked") {
    add_tokens(t0 + 6 * test::hour_ms);
    change([&](transaction& tx) {
      auto dead = sealed("a1", "r1", t0, 2);
      dead.revoked = true;
      return tx.credentials().update(dead);
    });
  }
  SECTION("a scope is missing") {
    add_tokens(t0 + 6 * test::hour_ms);
    change([&](transaction& tx) {
      return tx.athletes().update({.id = who, .scope = "read"});
    });
  }
  auto got = start_sync();
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::needs_reauth);
  CHECK(bus->calls("publish") == 0);
}

TEST_CASE_METHOD(fixture, "a sync that goes on is the answer to starting one",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  auto first = start_sync();
  auto second = start_sync(jobs::v1::SYNC_MODE_RELIST);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->run_id() == second->run_id());
  CHECK(published<jobs::v1::SyncAthlete>().size() == 1);
}

TEST_CASE_METHOD(fixture, "before the history is whole a sync fetches it all",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  auto expected = jobs::v1::SYNC_MODE_BACKFILL;
  SECTION("there was none") {
  }
  SECTION("it failed") {
    add_run(events::v1::SYNC_STATE_FAILED);
  }
  SECTION("it is whole") {
    add_run(events::v1::SYNC_STATE_COMPLETE);
    expected = jobs::v1::SYNC_MODE_INCREMENTAL;
  }
  REQUIRE(start_sync());
  auto sent = published<jobs::v1::SyncAthlete>();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].mode() == expected);
  CHECK(sent[0].lane() == jobs::v1::LANE_USER);
}

TEST_CASE_METHOD(fixture, "who disconnects is revoked, purged and reported",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  add_activities({1, 2, 3});
  auto got = disconnect();
  REQUIRE(got);
  CHECK(got->activities_deleted() == 3);
  CHECK(oauth->calls == std::vector<std::string>{"deauthorize a1"});
  CHECK_FALSE(is_stored());
  CHECK(activities_stored() == 0);
  CHECK(published<events::v1::AthleteDisconnected>().size() == 1);
  CHECK(code_of(disconnect().error()) == ec::not_found);
}

TEST_CASE_METHOD(fixture, "a wish to leave does not depend on Strava",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  SECTION("it does not answer") {
    oauth->deauthorizing = make_failure(ec::unavailable, "no connection");
  }
  SECTION("it does not know the token") {
    oauth->deauthorizing = make_failure(ec::needs_reauth, "401");
  }
  SECTION("its client is down") {
    stop(strava);
  }
  SECTION("nobody can lease a token") {
    stop(uut);
  }
  REQUIRE(disconnect());
  CHECK_FALSE(is_stored());
  CHECK(published<events::v1::AthleteDisconnected>().size() == 1);
}

TEST_CASE_METHOD(fixture, "who could not be purged can leave later",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  *no_writes = true;
  auto got = disconnect();
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::unavailable);
  CHECK(is_stored());
  CHECK(bus->calls("publish") == 0);
  *no_writes = false;
  // Strava revoked the token the first time.
  oauth->deauthorizing = make_failure(ec::needs_reauth, "401");
  REQUIRE(disconnect());
  CHECK_FALSE(is_stored());
}

TEST_CASE_METHOD(fixture,
                 "the list of athletes waits for a long reader, a "
                 "single athlete does not",
                 "[athletes]") {
  add_athlete();
  athletes = keep(system().spawn(stravasync::athletes, context(),
                                 with_endless_readers(), uut, strava, cipher,
                                 relay, reconciler, athletes_config{}));
  query::v1::ListAthletes question;
  question.set_limit(2);
  auto listed = ask_later<query::v1::AthleteList>(athletes, question);
  run();
  CHECK(get());
  CHECK(status());
  CHECK_FALSE(listed.came());
}
