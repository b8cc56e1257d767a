#include "actors/consumer/strava_client.hpp"

#include "actors/kit/fault.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

/// Keeps what it is asked for until the test answers.
struct silent_strava final : strava_api {
  using callback = std::function<void(strava_result<activities_response>)>;

  struct call {
    activities_request request;
    callback done;
  };
  std::vector<call> calls;

  void list_activities(activities_request request, callback done) override {
    calls.push_back({std::move(request), std::move(done)});
  }
};

struct budget_script {
  caf::error refusal; // Instead of a permit.
  std::vector<jobs::v1::Lane> leased;
  std::vector<settle_permit> settled;
};

budget_actor::behavior_type
scripted_budget(budget_actor::pointer, std::shared_ptr<budget_script> script) {
  return {
    [=](const lease_permit& x) -> caf::result<permit> {
      if (script->refusal)
        return script->refusal;
      script->leased.push_back(x.lane);
      return permit{"p" + std::to_string(script->leased.size())};
    },
    [=](const settle_permit& x) { script->settled.push_back(x); },
    [](budget_tick) {},
  };
}

struct fixture : test::actor_fixture {
  static constexpr auto failures_max = 3u;

  std::shared_ptr<silent_strava> strava = std::make_shared<silent_strava>();
  std::shared_ptr<budget_script> budget = std::make_shared<budget_script>();
  strava_client_actor uut = keep(system().spawn(
    strava_client, context(), std::shared_ptr<strava_api>{strava},
    keep(system().spawn(scripted_budget, budget)), failures_max));
  std::shared_ptr<std::optional<caf::error>> end = end_of(uut);

  test::eventual<fetched_page> fetch() {
    fetch_page what;
    what.request.access_token = "token";
    what.lane = jobs::v1::LANE_USER;
    auto answer = ask_later<fetched_page>(uut, what);
    run();
    return answer;
  }

  /// Answers the oldest call that is open.
  void answer(caf::expected<activities_response> value, int status = 200) {
    call_report report{.sent = true, .status = status, .sent_count = 1};
    auto done = std::move(strava->calls.at(0).done);
    strava->calls.erase(strava->calls.begin());
    done({report, std::move(value)});
    done = nullptr; // As an adapter does: what it held is let go of.
    run();
  }

  caf::error fail(ec code) {
    auto reply = fetch();
    answer(make_failure(code, "no"), 500);
    return reply.error();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a request is sent with a permit and settles it",
                 "[strava_client]") {
  auto reply = fetch();
  CHECK(budget->leased == std::vector{jobs::v1::LANE_USER});
  REQUIRE(strava->calls.size() == 1);
  CHECK(strava->calls[0].request.access_token == "token");
  CHECK(budget->settled.empty());
  answer(activities_response{{{42, 1, "{}"}}});
  REQUIRE(budget->settled.size() == 1);
  CHECK(budget->settled[0].id == "p1");
  CHECK(budget->settled[0].report.status == 200);
  REQUIRE(reply.came());
  REQUIRE_FALSE(reply.error());
  CHECK((**reply.slot)->get()->items.at(0).id == 42);
}

TEST_CASE_METHOD(fixture, "without a permit nothing is sent",
                 "[strava_client]") {
  budget->refusal = make_failure(ec::exhausted, "used up", 90s);
  for (auto i = 0u; i < 2 * failures_max; ++i) {
    auto reply = fetch();
    CHECK(code_of(reply.error()) == ec::exhausted);
    CHECK(retry_after_of(reply.error()) == 90s);
  }
  CHECK(strava->calls.empty());
  CHECK_FALSE(*end);
}

TEST_CASE_METHOD(fixture, "a failed request settles its permit too",
                 "[strava_client]") {
  CHECK(code_of(fail(ec::timed_out)) == ec::timed_out);
  REQUIRE(budget->settled.size() == 1);
  CHECK(budget->settled[0].report.status == 500);
}

TEST_CASE_METHOD(fixture, "a permit is settled even if the client has ended",
                 "[strava_client]") {
  auto reply = fetch();
  stop(uut);
  REQUIRE(*end);
  answer(activities_response{});
  REQUIRE(budget->settled.size() == 1);
  CHECK(budget->settled[0].id == "p1");
  CHECK(reply.error() == kit::fault::broken_promise);
}

TEST_CASE_METHOD(fixture, "failures in a row end the client",
                 "[strava_client]") {
  CHECK(code_of(fail(ec::unavailable)) == ec::unavailable);
  CHECK(code_of(fail(ec::timed_out)) == ec::timed_out);
  CHECK_FALSE(*end);
  // Whoever asked last is told why as well.
  CHECK(code_of(fail(ec::upstream_failed)) == ec::upstream_failed);
  REQUIRE(*end);
  CHECK(code_of(**end) == ec::upstream_failed);
}

TEST_CASE_METHOD(fixture, "an answer of Strava's starts the count anew",
                 "[strava_client]") {
  fail(ec::unavailable);
  fail(ec::unavailable);
  SECTION("a page") {
    fetch();
    answer(activities_response{});
  }
  SECTION("or a refusal of this one request") {
    fail(ec::needs_reauth);
  }
  fail(ec::unavailable);
  fail(ec::unavailable);
  CHECK_FALSE(*end);
  fail(ec::unavailable);
  CHECK(*end);
}

TEST_CASE_METHOD(fixture,
                 "an application that is switched off ends the client "
                 "at once",
                 "[strava_client]") {
  CHECK(code_of(fail(ec::forbidden)) == ec::forbidden);
  REQUIRE(*end);
  CHECK(code_of(**end) == ec::forbidden);
}

TEST_CASE("only what says that Strava is out of reach closes its gate",
          "[strava_client]") {
  for (auto code :
       {ec::unavailable, ec::timed_out, ec::upstream_failed, ec::forbidden})
    CHECK(is_upstream_failure(make_failure(code, "x")));
  for (auto code : {ec::exhausted, ec::rate_limited, ec::needs_reauth,
                    ec::scope_missing, ec::rejected, ec::not_found, ec::denied})
    CHECK_FALSE(is_upstream_failure(make_failure(code, "x")));
  CHECK_FALSE(is_upstream_failure({}));
}
