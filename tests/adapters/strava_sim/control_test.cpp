#include "tests/adapters/strava_sim/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;
using namespace stravasync::strava_sim;
using namespace test::sim;

namespace {

const std::string activities = "/sim/athletes/5/activities";

std::string
first_id(fixture& of, const std::string& token, const std::string& query = {}) {
  return json{of.get("/athlete/activities?" + query, token).body}.at("/0/id");
}

} // namespace

TEST_CASE("an activity can be added, now or in the past") {
  auto of = fixture{};
  auto token = of.connect(5).access;
  auto now = of.send("POST", activities, R"({"name":"Just done"})").response;
  REQUIRE(now.status == 201);
  auto added = json{now.body};
  CHECK(added.at("/name") == "Just done");
  CHECK(added.at("/athlete/id") == "5");
  CHECK(added.at("/start_date") == "2026-11-21T09:00:00Z");
  CHECK(first_id(of, token) == added.at("/id"));
  auto late
    = of.send("POST", activities,
              R"({"start_date":"2001-01-01T10:00:00Z","sport_type":"Swim"})")
        .response;
  REQUIRE(late.status == 201);
  auto old = json{late.body};
  CHECK(old.at("/sport_type") == "Swim");
  CHECK(old.at("/id") != added.at("/id"));
  CHECK(first_id(of, token, "after=0") == old.at("/id"));
}

TEST_CASE("an activity can be edited, hidden and deleted") {
  auto of = fixture{};
  auto token = of.connect(5, "read,activity:read").access;
  auto id = first_id(of, token);
  auto target = activities + "/" + id;
  auto edited = of.send("PATCH", target, R"({"name":"New name"})").response;
  CHECK(edited.status == 200);
  CHECK(json{of.get("/athlete/activities", token).body}.at("/0/name")
        == "New name");
  CHECK(of.send("PATCH", target, R"({"visibility":"only_me"})").response.status
        == 200);
  CHECK(first_id(of, token) != id);
  CHECK(first_id(of, of.connect(5).access) == id);
  CHECK(of.send("DELETE", target).response.status == 204);
  CHECK(first_id(of, of.connect(5).access) != id);
  CHECK(of.send("DELETE", target).response.status == 404);
}

TEST_CASE("ids of deleted activities are not given again") {
  auto of = fixture{};
  auto first = json{of.send("POST", activities, "{}").response.body}.at("/id");
  of.send("DELETE", activities + "/" + first);
  auto next = json{of.send("POST", activities, "{}").response.body}.at("/id");
  CHECK(next != first);
}

TEST_CASE("an athlete's tokens can be revoked") {
  auto of = fixture{};
  auto tokens = of.connect(5);
  auto answer = of.send("POST", "/sim/athletes/5/revoke").response;
  CHECK(answer.body == R"({"revoked":1})");
  CHECK(of.get("/athlete", tokens.access).status == 401);
  CHECK(of.refresh(tokens.refresh).status == 400);
}

TEST_CASE("it tells how it is as every node does, and counts no request") {
  auto of = fixture{};
  for (auto* path : {"/healthz", "/readyz"})
    CHECK(of.send("GET", path).response.status == 200);
  CHECK(of.send("POST", "/readyz").response.status == 405);
  auto stats = json{of.send("GET", "/sim/stats").response.body};
  CHECK(stats.at("/requests") == "0");
}

TEST_CASE("statistics add up what happened") {
  auto with = simulator_options{};
  with.limits = {200, 2'000, 2, 1'000};
  auto of = fixture{with};
  auto tokens = of.connect(5);
  of.refresh(tokens.refresh);
  for (auto i = 0; i < 3; ++i)
    of.get("/api/v3/athlete/activities?page=1", tokens.access);
  of.get("/activities/12345", tokens.access);
  auto stats = json{of.send("GET", "/sim/stats").response.body};
  CHECK(stats.at("/requests") == "6");
  CHECK(stats.at("/rate_limited") == "2");
  CHECK(stats.at("/by_path/GET ~1athlete~1activities/200") == "2");
  CHECK(stats.at("/by_path/GET ~1athlete~1activities/429") == "1");
  CHECK(stats.at("/by_path/GET ~1activities~1{id}/429") == "1");
  CHECK(stats.at("/by_path/POST ~1oauth~1token/200") == "2");
  CHECK(stats.at("/windows/0/start_ms") == "1795255200000");
  CHECK(stats.at("/windows/0/overall") == "4");
  CHECK(stats.at("/windows/0/read") == "4");
  CHECK(stats.at("/day/read") == "4");
  CHECK(stats.at("/limits/short_read") == "2");
  CHECK(stats.at("/refreshes/0/athlete_id") == "5");
  CHECK(stats.at("/refreshes/0/renewed") == "false");
}

TEST_CASE("the log shows requests after a number") {
  auto of = fixture{};
  auto token = of.connect(5).access;
  of.get("/api/v3/athlete/activities?per_page=5", token);
  of.get("/athlete", token);
  auto log = json{of.send("GET", "/sim/requests?since=1").response.body};
  CHECK(log.at("/items/0/sequence") == "2");
  CHECK(log.at("/items/0/path") == "/athlete/activities");
  CHECK(log.at("/items/0/query") == "per_page=5");
  CHECK(log.at("/items/0/athlete_id") == "5");
  CHECK(log.at("/items/0/status") == "200");
  CHECK(log.at("/items/0/counted") == "true");
  CHECK(log.at("/items/1/path") == "/athlete");
  CHECK(log.at("/items/2") == "missing");
  CHECK(log.at("/last") == "3");
}

TEST_CASE("faults are done to the requests that match") {
  auto of = fixture{};
  auto token = of.connect(5).access;
  auto with_fault = [&](const std::string& mode) {
    of.send("POST", "/sim/faults", R"({"mode":")" + mode + R"(","count":1})");
    return of.send("GET", "/athlete/activities", {}, "Bearer " + token);
  };
  auto whole = of.get("/athlete/activities", token).body;
  CHECK(with_fault("error500").response.status == 500);
  CHECK(with_fault("close").how == reply::way::close);
  CHECK(with_fault("hang").how == reply::way::hang);
  CHECK(with_fault("cut_body").how == reply::way::cut);
  auto cut = with_fault("cut_json").response;
  CHECK(cut.status == 200);
  CHECK(cut.body == whole.substr(0, whole.size() / 2));
  auto odd = with_fault("cut_name").response.body;
  CHECK(odd.size() == whole.size() + 6);
  CHECK(odd.find(R"("name":"\ud83d)") != std::string::npos);
  auto inactive = with_fault("inactive").response;
  CHECK(inactive.status == 403);
  CHECK(fault_of(inactive) == "Application/Status/Inactive");
  auto limited = with_fault("rate_limited").response;
  CHECK(limited.status == 429);
  CHECK(fault_of(limited) == "Application/overall rate limit/exceeded");
  CHECK(of.get("/athlete/activities", token).body == whole);
}

TEST_CASE("a wrong control request is told what is wrong") {
  auto of = fixture{};
  auto refused = [&of](const std::string& method, const std::string& target,
                       const std::string& body, int status,
                       std::string_view detail) {
    INFO(method << " " << target << " " << body);
    auto answer = of.send(method, target, body).response;
    CHECK(answer.status == status);
    CHECK(json{answer.body}.at("/detail").find(detail) != std::string::npos);
  };
  refused("POST", "/sim/faults", "nonsense", 400, "no JSON object");
  refused("GET", "/sim/faults", "", 405, "use POST");
  refused("POST", "/sim/stats", "", 405, "use GET");
  refused("GET", "/sim/requests?since=x", "", 400, "since must be");
  refused("GET", "/sim/nothing", "", 404, "no such path");
  refused("POST", "/sim/athletes/x/activities", "{}", 400, "athlete id");
  refused("POST", "/sim/athletes/0/activities", "{}", 400, "athlete id");
  refused("POST", activities, "[]", 400, "no JSON object");
  refused("POST", activities, R"({"start_date":"soon"})", 400, "start_date");
  refused("PATCH", activities + "/x", "{}", 400, "activity id");
  refused("PATCH", activities + "/17", "{}", 404, "has no activity 17");
  refused("GET", activities + "/17", "", 405, "use PATCH, DELETE");
  refused("DELETE", activities, "", 405, "use POST");
}
