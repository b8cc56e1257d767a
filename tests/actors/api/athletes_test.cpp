#include "actors/api/athletes.hpp"

#include "actors/api/reconciler.hpp"
#include "actors/api/records.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "messages/jobs.pb.h"
#include "tests/actors/api/tokens_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace stravasync;
using events::v1::SyncStatus;
using query::v1::Athlete;
using query::v1::AthleteList;
using query::v1::DisconnectAthlete;
using query::v1::Disconnected;
using query::v1::GetAthlete;
using query::v1::GetSync;
using query::v1::ListAthletes;
using query::v1::StartSync;

namespace {

struct fixture : test::tokens_fixture {
  reconciler_actor reconciler = keep(system().spawn(
    stravasync::reconciler, context(), store,
    std::shared_ptr<stravasync::bus>{bus}, relay, reconciler_config{}));
  athletes_actor athletes
    = keep(system().spawn(stravasync::athletes, context(), store, uut, strava,
                          cipher, relay, reconciler, athletes_config{}));

  caf::expected<AthleteList>
  list(const std::string& cursor = {}, std::uint32_t limit = 2) {
    ListAthletes x;
    x.set_cursor(cursor);
    x.set_limit(limit);
    return ask<AthleteList>(athletes, x);
  }

  caf::expected<Athlete> get() {
    GetAthlete x;
    x.set_id(who);
    return ask<Athlete>(athletes, x);
  }

  caf::expected<SyncStatus> status() {
    GetSync x;
    x.set_athlete_id(who);
    return ask<SyncStatus>(athletes, x);
  }

  caf::expected<SyncStatus>
  start_sync(jobs::v1::SyncMode mode = jobs::v1::SYNC_MODE_INCREMENTAL) {
    StartSync x;
    x.set_athlete_id(who);
    x.set_mode(mode);
    return ask<SyncStatus>(athletes, x);
  }

  caf::expected<Disconnected> disconnect() {
    DisconnectAthlete x;
    x.set_id(who);
    return ask<Disconnected>(athletes, x);
  }

  /// The codes of every question, in the order above.
  std::vector<ec> codes_of_all() {
    auto code = [](const auto& got) {
      return got ? ec::none : code_of(got.error());
    };
    return {code(list()), code(get()), code(status()), code(start_sync()),
            code(disconnect())};
  }

  void add_run(events::v1::SyncState state,
               jobs::v1::SyncMode mode = jobs::v1::SYNC_MODE_BACKFILL) {
    change([&](transaction& tx) -> caf::error {
      auto made = tx.sync_runs().create({.id = "before",
                                         .athlete_id = who,
                                         .mode = mode,
                                         .state = state,
                                         .started_at_ms = t0 - 1});
      return made ? caf::error{} : made.error();
    });
  }

  void add_activities(const std::vector<std::int64_t>& ids) {
    change([&](transaction& tx) -> caf::error {
      for (auto id : ids)
        if (auto made = tx.activities().create(
              {.id = id, .athlete_id = who, .sport_type = "Run"});
            !made)
          return made.error();
      return {};
    });
  }

  bool is_stored() {
    return look([](transaction& tx) { return tx.athletes().get({who}); })
      .has_value();
  }
};

} // namespace

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

TEST_CASE_METHOD(fixture, "a sync whose job was lost goes on when asked for",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  auto first = start_sync();
  REQUIRE(first);
  SECTION("the bus has forgotten it") {
    bus->lose("JOBS");
    auto second = start_sync();
    REQUIRE(second);
    CHECK(second->run_id() == first->run_id());
    CHECK(second->state() == events::v1::SYNC_STATE_QUEUED);
    auto jobs = published<jobs::v1::SyncAthlete>();
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].run_id() == first->run_id());
  }
  SECTION("the bus is away") {
    bus->fail("describe", make_failure(ec::unavailable, "no bus"));
    REQUIRE(start_sync());
    CHECK(published<jobs::v1::SyncAthlete>().size() == 1);
  }
}

TEST_CASE_METHOD(fixture, "a run that cannot go on is replaced when asked for",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  add_run(events::v1::SYNC_STATE_RUNNING);
  // Its pages are known, where it goes on is not.
  change([&](transaction& tx) -> caf::error {
    auto run = **tx.sync_runs().get({std::string{"before"}});
    run.pages_stored = 2;
    return tx.sync_runs().update(run);
  });
  auto got = start_sync();
  REQUIRE(got);
  CHECK(got->run_id() != "before");
  CHECK(got->state() == events::v1::SYNC_STATE_QUEUED);
  CHECK(run_row("before")->state == events::v1::SYNC_STATE_FAILED);
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
