#include "tests/support/cluster.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr auto id = std::int64_t{80'000'003};
const auto athlete = std::string{"/api/v1/athletes/80000003"};

/// A running installation with one complete athlete of 120 activities.
struct fixture : test::installation {
  fixture()
    : test::installation{{{"STRAVASYNC_SIM_ACTIVITIES", "120"},
                          {"STRAVASYNC_SIM_LATENCY", "1ms"}}} {
    start_sim();
    start_app();
    REQUIRE(connect(id).status == 302);
    REQUIRE(wait_for_state(id, "complete", 30s));
  }

  json::value problem(const std::string& target, int status) {
    auto reply = app_http().get(target);
    INFO(target << " -> " << reply.body);
    CHECK(reply.status == status);
    CHECK(reply.header("content-type") == "application/problem+json");
    return json::parse(reply.body);
  }

  std::int64_t stored() {
    return get(athlete + "/sync")
      .at("activities_stored")
      .to_number<std::int64_t>();
  }

  void sync(const std::string& mode) {
    auto reply = app_http().post(athlete + "/sync",
                                 R"({"mode":")" + mode + R"("})");
    INFO(reply.body);
    REQUIRE(reply.status == 202);
  }
};

} // namespace

TEST_CASE("a history can be read, followed, changed and removed", "[e2e]") {
  fixture all;

  SECTION("lists page through everything once, newest first") {
    std::set<std::int64_t> seen;
    std::string newest;
    auto target = athlete + "/activities?limit=50";
    for (auto cursor = std::string{};;) {
      auto page = all.get(target + cursor);
      for (const auto& item : page.at("items").as_array()) {
        CHECK(seen.insert(item.at("id").to_number<std::int64_t>()).second);
        auto start = std::string{item.at("start_date").as_string()};
        CHECK((newest.empty() || start <= newest));
        newest = start;
      }
      if (page.at("next_cursor").is_null())
        break;
      cursor = "&cursor=" + std::string{page.at("next_cursor").as_string()};
    }
    CHECK(seen.size() == 120);
  }

  SECTION("bad input is refused with field and rule") {
    CHECK(all.problem("/api/v1/athletes/abc", 400).at("field") == "id");
    all.problem("/api/v1/athletes/99", 404);
    all.problem("/api/v1/activities/99999999999999999999", 400);
    CHECK(all.problem(athlete + "/activities?cursor=1_2.ffff", 400).at("field")
          == "cursor");
    CHECK(
      all.problem(athlete + "/activities?sport_type=Flying", 400).at("field")
      == "sport_type");
    all.problem(athlete + "/activities?from=2024-02-01&to=2024-01-01", 400);
    auto wrong = all.app_http().send("PUT", athlete + "/sync");
    CHECK(wrong.status == 405);
    CHECK_FALSE(wrong.header("allow").empty());
    CHECK(all.app_http().post(athlete + "/sync", "{\"mode\":").status == 400);
    CHECK(all.app_http().post(athlete + "/sync", "x", "text/plain").status
          == 415);
    CHECK(all.stored() == 120);
  }

  SECTION("an activity uploaded since arrives with an incremental run") {
    auto added = all.sim_http().post("/sim/athletes/80000003/activities",
                                     R"({"name":"Lunch Swim"})");
    INFO(added.body);
    REQUIRE(added.status < 300);
    all.sync("incremental");
    CHECK(test::eventually([&] { return all.stored() == 121; }, 20s));
  }

  SECTION("a re-list finds what was deleted at Strava") {
    auto list = all.get(athlete + "/activities?limit=3");
    auto gone = std::to_string(
      list.at("items").at(2).at("id").to_number<std::int64_t>());
    auto removed
      = all.sim_http().del("/sim/athletes/80000003/activities/" + gone);
    REQUIRE(removed.status < 300);
    all.sync("relist");
    CHECK(test::eventually([&] { return all.stored() == 119; }, 20s));
    all.problem("/api/v1/activities/" + gone, 404);
  }

  SECTION("disconnecting purges here and revokes there") {
    auto reply = all.app_http().del(athlete);
    INFO(reply.body);
    CHECK(reply.status == 200);
    CHECK(json::parse(reply.body).at("activities_deleted") == 120);
    all.problem(athlete, 404);
    CHECK(all.get("/api/v1/athletes").at("items").as_array().empty());
  }

  SECTION("a revoked athlete needs to connect again, and then goes on") {
    REQUIRE(all.sim_http().post("/sim/athletes/80000003/revoke", "").status
            < 300);
    all.sync("incremental");
    REQUIRE(all.wait_for_state(id, "needs_reauth", 20s));
    REQUIRE(all.connect(id).status == 302);
    CHECK(all.wait_for_state(id, "complete", 20s));
  }

  SECTION("a watcher is told of a new athlete's progress") {
    test::event_reader events{all.app_address(), "/api/v1/events"};
    REQUIRE(all.connect(80'000'004).status == 302);
    auto complete = false;
    auto connected = false;
    while (!complete) {
      auto event = events.next(20s);
      REQUIRE(event);
      connected = connected || event->kind == "athlete_connected";
      if (event->kind != "sync")
        continue;
      auto status = json::parse(event->data);
      complete = status.at("athlete_id") == 80'000'004
                 && status.at("state") == "complete";
    }
    CHECK(connected);
  }
}

TEST_CASE("a backfill that lost its consent goes on where it was", "[e2e]") {
  test::installation all{
    {{"STRAVASYNC_SIM_ACTIVITIES", "400"}, {"STRAVASYNC_SIM_LATENCY", "50ms"}},
    {{"STRAVASYNC_SYNC_PAGE_SIZE", "20"}}};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  auto pages = [&] {
    return all.get(athlete + "/sync").at("pages_stored").to_number<int>();
  };
  REQUIRE(test::eventually([&] { return pages() >= 5; }, 20s));
  REQUIRE(all.sim_http().post("/sim/athletes/80000003/revoke", "").status
          < 300);
  REQUIRE(all.wait_for_state(id, "needs_reauth", 20s));
  auto before = all.get(athlete + "/sync");
  REQUIRE(all.connect(id).status == 302);
  REQUIRE(all.wait_for_state(id, "complete", 30s));
  auto after = all.get(athlete + "/sync");
  CHECK(after.at("run_id") == before.at("run_id"));
  CHECK(after.at("activities_stored") == 400);
  auto fetched = all.ask_sim("/sim/stats")
                   .at("by_path")
                   .at("GET /athlete/activities")
                   .at("200")
                   .to_number<int>();
  CHECK(fetched == pages());
}

TEST_CASE("consent that is missing or refused is explained", "[e2e]") {
  test::installation all{{{"STRAVASYNC_SIM_ACTIVITIES", "20"}}};
  all.start_sim();
  all.start_app();

  SECTION("a callback that we did not ask for") {
    auto missing = all.app_http().get("/oauth/callback?code=abc");
    CHECK(missing.status == 400);
    CHECK(missing.body.find("state") != std::string::npos);
    auto foreign = all.app_http().get(
      "/oauth/callback?code=abc&scope=read&state=1.9999999999999.deadbeef");
    CHECK(foreign.status == 400);
  }

  SECTION("the athlete says no") {
    auto begin = all.app_http().get("/connect");
    auto location = std::string{begin.header("location")};
    auto state = location.substr(location.find("state="));
    auto reply
      = all.app_http().get("/oauth/callback?error=access_denied&" + state);
    CHECK(reply.status == 400);
    CHECK(reply.body.find("access_denied") != std::string::npos);
  }

  SECTION("without activity scopes the missing one is named") {
    REQUIRE(all.connect(80'000'001, "read").status == 302);
    auto status = all.get("/api/v1/athletes/80000001/sync");
    CHECK(status.at("state") == "needs_reauth");
    CHECK(json::serialize(status.at("missing_scopes")).find("activity:read_all")
          != std::string::npos);
  }

  SECTION("without private activities the rest is synced and said so") {
    REQUIRE(all.connect(80'000'001, "read,activity:read").status == 302);
    REQUIRE(all.wait_for_state(80'000'001, "complete", 20s));
    auto status = all.get("/api/v1/athletes/80000001/sync");
    CHECK(json::serialize(status.at("missing_scopes")).find("activity:read_all")
          != std::string::npos);
  }
}
