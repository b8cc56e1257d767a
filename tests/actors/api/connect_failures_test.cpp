#include "actors/api/oauth_state.hpp"
#include "tests/actors/api/connect_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <string>
#include <vector>

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
  SECTION("in a browser that was not sent away") {
    back.clear_proof();
  }
  SECTION("in a browser that was sent away for something else") {
    back.set_proof(begin().proof());
  }
  SECTION("with another state than the browser's own") {
    back.set_state(begin().state());
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

TEST_CASE_METHOD(fixture, "a state works once, at whichever node",
                 "[connect]") {
  auto back = begin();
  auto first = finish(back, uut);
  auto other = start("n2", cipher);
  CHECK(is_refused(finish(back, uut), "state: was used already"));
  CHECK(is_refused(finish(back, other), "state: was used already"));
  answer(grant());
  CHECK(first.came());
  auto elsewhere = back;
  elsewhere.set_code("c2");
  CHECK(is_refused(finish(elsewhere, start("n3", cipher)), "state: "));
  CHECK(oauth->calls == std::vector<std::string>{"exchange c1"});
}

TEST_CASE_METHOD(fixture, "of two callbacks at once one is taken",
                 "[connect]") {
  auto back = begin();
  bus->hold("put");
  auto one = finish(back, uut);
  auto two = finish(back, start("n2", cipher));
  bus->release();
  run();
  CHECK(oauth->calls.size() == 1);
  CHECK(one.came() != two.came());
}

TEST_CASE_METHOD(fixture, "without a bus nobody is taken in", "[connect]") {
  bus->fail("put", make_failure(ec::unavailable, "the bus is down"));
  auto reply = finish(begin(), uut);
  CHECK(code_of(reply.error()) == ec::unavailable);
  CHECK(oauth->calls.empty());
}

TEST_CASE_METHOD(fixture, "used states are forgotten when they are over",
                 "[connect]") {
  CHECK(go_round(grant()).came());
  auto used = [this] {
    std::size_t result = 0;
    bus->keys(used_states_bucket,
              [&](const caf::expected<std::vector<std::string>>& keys) {
                result = keys->size();
              });
    return result;
  };
  // As if written by a node whose clock is years ahead.
  bus->put(used_states_bucket, "4102444800000.abc", "n9", 0,
           [](const caf::expected<std::uint64_t>&) {});
  CHECK(used() == 2);
  pass(lifetime);
  CHECK(go_round(grant("2")).came());
  CHECK(used() == 2); // The first may still be good by another clock.
  pass(std::chrono::hours{25});
  CHECK(go_round(grant("3")).came());
  CHECK(used() == 1);
}

TEST_CASE_METHOD(fixture, "a code that Strava does not take is bad input",
                 "[connect]") {
  auto reply = finish(begin(), uut);
  SECTION("used or expired") {
    answer(make_failure(ec::needs_reauth, "invalid_grant"));
    CHECK(is_refused(reply, "code: Strava does not accept it"));
  }
  SECTION("not even a code") {
    answer(make_failure(ec::rejected, "Strava answered 302, a redirect"));
    CHECK(is_refused(reply, "code: it is refused (Strava answered 302, a "
                            "redirect); start again at /connect"));
  }
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
