#include "adapters/strava_sim/simulator.hpp"

#include "adapters/http/url.hpp"
#include "messages/error.hpp"
#include "tests/adapters/strava_sim/fixture.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>

using namespace stravasync;
using namespace stravasync::strava_sim;
using namespace std::chrono_literals;
using ::test::http_client;
using test::sim::counting_log;
using test::sim::json;

namespace {

/// A simulator on a free port and a client of it.
struct running {
  explicit running(simulator_options with = {}) {
    with.activities_per_athlete = 40;
    auto started = start(std::move(with), logger);
    REQUIRE(started);
    simulator = std::move(*started);
    address = simulator->addresses().at(0);
  }

  /// @returns an access token of athlete 5.
  std::string connect() {
    auto client = http_client{address};
    auto redirect
      = client.post_form(std::string{test::sim::authorize_target},
                         {{"athlete_id", "5"}, {"scope", "activity:read_all"}});
    REQUIRE(redirect.status == 302);
    auto location = std::string{redirect.header("location")};
    auto fields = http::parse_form(location.substr(location.find('?') + 1));
    auto tokens = client.post_form(
      "/oauth/token",
      {{"client_id", "7"},
       {"client_secret", "x"},
       {"grant_type", "authorization_code"},
       {"code", std::string{*http::find_field(*fields, "code")}}});
    REQUIRE(tokens.status == 200);
    return json{tokens.body}.at("/access_token");
  }

  ::test::http_reply list(const std::string& token) {
    auto client = http_client{address, 5s};
    return client.get("/api/v3/athlete/activities",
                      {{"Authorization", "Bearer " + token}});
  }

  void fail_with(const std::string& mode) {
    http_client{address}.post("/sim/faults", R"({"mode":")" + mode + R"("})");
  }

  counting_log logger;
  std::unique_ptr<strava_sim::simulator> simulator;
  std::string address;
};

} // namespace

TEST_CASE("a client connects and lists over HTTP") {
  auto sim = running{};
  auto answer = sim.list(sim.connect());
  CHECK(answer.status == 200);
  CHECK(answer.header("content-type") == "application/json; charset=utf-8");
  CHECK(answer.header("x-ratelimit-limit") == "200,2000");
  CHECK(answer.header("x-readratelimit-usage") == "1,1");
  CHECK(answer.header("date").ends_with(" GMT"));
  CHECK(json{answer.body}.at("/29/athlete/id") == "5");
}

TEST_CASE("other machines call the simulator what they like") {
  auto sim = running{};
  auto client = http_client{sim.address};
  for (const auto* host : {"sim:8090", "strava.test.", "10.0.0.7"}) {
    INFO(host);
    CHECK(client.get("/sim/stats", {{"Host", host}}).status == 200);
    CHECK(client
            .post("/sim/faults", R"({"mode":"none"})", "application/json",
                  {{"Host", host}})
            .status
          == 200);
  }
}

TEST_CASE("faults reach the wire") {
  auto sim = running{};
  auto token = sim.connect();
  SECTION("a closed connection") {
    sim.fail_with("close");
    CHECK_THROWS(sim.list(token));
  }
  SECTION("a body that stops half way") {
    sim.fail_with("cut_body");
    CHECK_THROWS(sim.list(token));
  }
  SECTION("JSON that stops half way") {
    sim.fail_with("cut_json");
    auto answer = sim.list(token);
    CHECK(answer.status == 200);
    CHECK_THROWS(json{answer.body});
  }
}

TEST_CASE("latency delays API and OAuth, but no page") {
  auto with = simulator_options{};
  with.latency = 150ms;
  auto sim = running{with};
  auto token = sim.connect();
  auto before = std::chrono::steady_clock::now();
  CHECK(sim.list(token).status == 200);
  auto took = std::chrono::steady_clock::now() - before;
  CHECK(took >= 150ms);
  CHECK(http_client{sim.address}.get("/").status == 200);
}

TEST_CASE("stopping ends a hanging request") {
  auto sim = running{};
  auto token = sim.connect();
  sim.fail_with("hang");
  auto hanging = std::async(std::launch::async, [&sim, &token] {
    try {
      return sim.list(token).status;
    } catch (const std::runtime_error&) {
      return 0;
    }
  });
  // The fault is done when the request shows in the log.
  auto client = http_client{sim.address};
  auto deadline = std::chrono::steady_clock::now() + 10s;
  while (json{client.get("/sim/requests?since=1").body}.at("/last") != "2")
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  sim.simulator->stop(1s);
  CHECK(hanging.get() == 0);
}

TEST_CASE("the error for a port in use names it") {
  auto sim = running{};
  auto with = simulator_options{};
  with.listen = {sim.address};
  auto second = start(with, sim.logger);
  REQUIRE_FALSE(second);
  CHECK(code_of(second.error()) == ec::unavailable);
  CHECK(detail_of(second.error()).find(sim.address) != std::string::npos);
}

TEST_CASE("options out of range stop the start") {
  auto logger = counting_log{};
  auto refused
    = [&logger](const std::function<void(simulator_options&)>& change) {
        auto with = simulator_options{};
        change(with);
        auto started = start(with, logger);
        REQUIRE_FALSE(started);
        CHECK(code_of(started.error()) == ec::invalid_argument);
      };
  refused([](simulator_options& with) { with.window = 99ms; });
  refused([](simulator_options& with) { with.latency = -1ms; });
  refused([](simulator_options& with) { with.error_rate = 1.5; });
  refused([](simulator_options& with) { with.behaviour.short_page_rate = -1; });
  refused([](simulator_options& with) { with.limits.short_read = 0; });
  refused(
    [](simulator_options& with) { with.activities_per_athlete = 100'001; });
  refused([](simulator_options& with) { with.listen = {"nonsense"}; });
}
