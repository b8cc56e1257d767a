#include "tests/actors/api/connect_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;

namespace {

using fixture = test::connect_fixture;
using test::hour_ms;
using test::is_refused;
using test::lifetime;

} // namespace

TEST_CASE_METHOD(fixture, "what comes back wrong is not shown to Strava",
                 "[connect]") {
  auto back = begin();
  auto field = std::string{"state: "};
  SECTION("without a state") {
    back.clear_state();
  }
  SECTION("with a state of somebody's own") {
    back.set_state("1." + std::to_string(t0 + hour_ms) + ".beef");
  }
  SECTION("with a state that is too old") {
    pass(lifetime);
  }
  SECTION("without a code") {
    back.clear_code();
    field = "code: ";
  }
  SECTION("with the athlete's no, which counts even beside a code") {
    back.set_error("access_denied");
    field = "error: access_denied - you chose not to connect";
  }
  SECTION("with another error of Strava's") {
    back.set_error("server_error");
    field = "error: Strava answered server_error";
  }
  auto reply = finish(back, uut);
  INFO(detail_of(reply.error()));
  CHECK(is_refused(reply, field));
  CHECK(oauth->calls.empty());
  CHECK(nothing_stored());
}

TEST_CASE_METHOD(fixture, "a code that Strava does not take is bad input",
                 "[connect]") {
  auto reply = finish(begin(), uut);
  SECTION("used or expired") {
    answer(make_failure(ec::needs_reauth, "invalid_grant"));
  }
  SECTION("not even a code") {
    answer(make_failure(ec::rejected, "bad request"));
  }
  CHECK(is_refused(reply, "code: "));
  CHECK(nothing_stored());
}

TEST_CASE_METHOD(fixture, "what fails at Strava is said as it is",
                 "[connect]") {
  auto reply = finish(begin(), uut);
  auto expected = ec::none;
  SECTION("it does not answer") {
    expected = ec::unavailable;
    answer(make_failure(ec::unavailable, "no connection"));
  }
  SECTION("it answers nonsense") {
    expected = ec::upstream_failed;
    answer(make_failure(ec::upstream_failed, "cut"));
  }
  SECTION("it refuses the application") {
    expected = ec::forbidden;
    answer(make_failure(ec::forbidden, "client secret"));
  }
  SECTION("it sends no athlete along") {
    expected = ec::malformed;
    auto half = grant();
    half.athlete_json = R"({"firstname":"Ada"})";
    answer(half);
  }
  SECTION("its client dies before the answer") {
    expected = ec::unavailable;
    stop(strava, caf::exit_reason::kill);
    answer(grant());
  }
  CHECK(code_of(reply.error()) == expected);
  CHECK(nothing_stored());
}

TEST_CASE_METHOD(fixture, "without a store nobody is half connected",
                 "[connect]") {
  *no_writes = true;
  auto reply = go_round(grant());
  CHECK(code_of(reply.error()) == ec::unavailable);
  CHECK(nothing_stored());
  *no_writes = false;
  CHECK(go_round(grant("2")).came());
  CHECK(stored_access_token() == "a2");
  CHECK(published<events::v1::AthleteConnected>().size() == 1);
}

TEST_CASE_METHOD(fixture, "a store that fails half way keeps nothing",
                 "[connect]") {
  add_athlete(8);
  // What is stored last is the first run: its id is taken.
  change([&](transaction& tx) -> caf::error {
    auto made = tx.sync_runs().create(
      {.id = "backfill-7-" + std::to_string(t0), .athlete_id = 8});
    return made ? caf::error{} : made.error();
  });
  auto reply = go_round(grant());
  CHECK(code_of(reply.error()) == ec::already_exists);
  CHECK(nothing_stored());
}
