#include "adapters/strava_sim/activity_edit.hpp"
#include "tests/adapters/strava_sim/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

using namespace stravasync;
using namespace stravasync::strava_sim;
using namespace test::sim;

namespace {

simulator_options with_activities(std::uint32_t count) {
  auto result = simulator_options{};
  result.activities_per_athlete = count;
  result.limits = {100'000, 100'000, 100'000, 100'000};
  return result;
}

std::vector<activity_text>
list(fixture& of, const std::string& token, const std::string& query) {
  auto answer = of.get("/api/v3/athlete/activities?" + query, token);
  REQUIRE(answer.status == 200);
  auto read = read_activities(answer.body);
  REQUIRE(read);
  return *read;
}

bool newest_first(const std::vector<activity_text>& of) {
  return std::ranges::is_sorted(
    of, std::greater{}, [](const auto& item) { return item.entry.start_s; });
}

} // namespace

TEST_CASE("the list has Strava's page size and its maximum") {
  auto of = fixture{with_activities(450)};
  auto token = of.connect(5).access;
  CHECK(list(of, token, "").size() == 30);
  CHECK(list(of, token, "per_page=200").size() == 200);
  CHECK(list(of, token, "per_page=500").size() == 200);
  CHECK(list(of, token, "per_page=200&page=3").size() == 50);
  CHECK(list(of, token, "per_page=200&page=4").empty());
}

TEST_CASE("the order depends on the bounds") {
  auto of = fixture{with_activities(300)};
  auto token = of.connect(5).access;
  auto all = list(of, token, "per_page=200");
  CHECK(newest_first(all));
  auto middle = std::to_string(all[100].entry.start_s);
  auto after = list(of, token, "after=" + middle);
  std::ranges::reverse(after);
  CHECK(newest_first(after));
  CHECK(newest_first(list(of, token, "before=" + middle)));
  auto both = list(of, token, "after=1&before=" + middle);
  CHECK(newest_first(both));
  CHECK(both.front().entry.start_s < all[100].entry.start_s);
}

TEST_CASE("a wrong parameter is named") {
  auto of = fixture{with_activities(3)};
  auto token = of.connect(5).access;
  for (auto name : {"before", "after", "page", "per_page"}) {
    auto answer = of.get("/athlete/activities?" + std::string{name} + "=soon",
                         token);
    CHECK(answer.status == 400);
    CHECK(fault_of(answer) == "Activity/" + std::string{name} + "/invalid");
  }
  CHECK(of.get("/athlete/activities?page=0", token).status == 400);
}

TEST_CASE("scopes decide what is seen") {
  auto of = fixture{with_activities(300)};
  auto all = list(of, of.connect(80'000'007).access, "per_page=200");
  auto is_private = [](const activity_text& item) {
    return item.entry.only_me;
  };
  REQUIRE(std::ranges::any_of(all, is_private));
  auto some = list(of, of.connect(80'000'007, "read,activity:read").access,
                   "per_page=200");
  CHECK(some.size() == 200);
  CHECK(std::ranges::none_of(some, is_private));
  auto none = of.get("/athlete/activities",
                     of.connect(80'000'007, "read,profile:read_all").access);
  CHECK(none.status == 401);
  CHECK(fault_of(none) == "AccessToken/activity:read_permission/missing");
  CHECK(header(none, "X-Ratelimit-Usage") == "none");
}

TEST_CASE("the profile is a summary without the scope for all of it") {
  auto of = fixture{with_activities(50)};
  auto summary = json{of.get("/athlete", of.connect(5, "read").access).body};
  CHECK(summary.at("/resource_state") == "2");
  CHECK(summary.at("/shoes") == "missing");
  auto detailed = json{of.get("/athlete", of.connect(5).access).body};
  CHECK(detailed.at("/resource_state") == "3");
  CHECK(detailed.at("/shoes") != "missing");
  CHECK(detailed.at("/username") == summary.at("/username"));
}

TEST_CASE("a token that is none is told apart from a missing scope") {
  auto of = fixture{};
  for (auto target : {"/athlete", "/api/v3/athlete/activities", "/nowhere"}) {
    auto answer = of.get(target, "dead");
    CHECK(answer.status == 401);
    CHECK(fault_of(answer) == "Athlete/access_token/invalid");
    CHECK(header(answer, "X-Ratelimit-Usage") == "none");
  }
}

TEST_CASE("the token may still stand in the query") {
  auto of = fixture{};
  auto token = of.connect(5).access;
  auto answer = of.send("GET", "/athlete?access_token=" + token).response;
  CHECK(answer.status == 200);
  auto log = of.send("GET", "/sim/requests").response.body;
  CHECK(log.find(token) == std::string::npos);
}

TEST_CASE("what does not exist is answered as Strava does") {
  auto of = fixture{};
  auto token = of.connect(5).access;
  auto gone = of.get("/api/v3/activities/17", token);
  CHECK(gone.status == 404);
  CHECK(fault_of(gone) == "Activity//not found");
  CHECK(header(gone, "X-Ratelimit-Usage") == "none");
  auto nowhere = of.get("/api/v3/nowhere", token);
  CHECK(nowhere.status == 404);
  CHECK(fault_of(nowhere) == "resource/path/invalid");
}

TEST_CASE("an activity has its details and statistics add up") {
  auto of = fixture{with_activities(60)};
  auto token = of.connect(80'000'001).access;
  auto first = list(of, token, "").front();
  auto detail
    = json{of.get("/activities/" + std::to_string(first.entry.id), token).body};
  CHECK(detail.at("/resource_state") == "3");
  CHECK(detail.at("/id") == std::to_string(first.entry.id));
  CHECK(detail.at("/map/polyline") == detail.at("/map/summary_polyline"));
  CHECK(detail.at("/laps") == "[]");
  auto runs = 0;
  for (const auto& item : list(of, token, "per_page=200")) {
    auto parsed = json{item.json};
    runs += parsed.at("/type") == "Run"
                && parsed.at("/visibility") == "everyone"
              ? 1
              : 0;
  }
  auto stats = json{of.get("/athletes/80000001/stats", token).body};
  CHECK(stats.at("/all_run_totals/count") == std::to_string(runs));
  CHECK(of.get("/athletes/80000002/stats", token).status == 403);
}

TEST_CASE("past a limit requests get 429 and still count") {
  auto with = with_activities(3);
  with.limits = {200, 2'000, 2, 5};
  auto of = fixture{with};
  auto token = of.connect(5).access;
  CHECK(of.get("/athlete", token).status == 200);
  auto last = of.get("/athlete", token);
  CHECK(last.status == 200);
  CHECK(header(last, "X-Readratelimit-Usage") == "2,2");
  auto refused = of.get("/athlete", token);
  CHECK(refused.status == 429);
  CHECK(fault_of(refused) == "Application/read rate limit/exceeded");
  CHECK(json{refused.body}.at("/message") == "Rate Limit Exceeded");
  CHECK(header(refused, "X-Readratelimit-Limit") == "2,5");
  CHECK(header(refused, "X-Readratelimit-Usage") == "3,3");
  CHECK(header(refused, "Retry-After") == "none");
  of.advance(15 * 60);
  CHECK(header(of.get("/athlete", token), "X-Readratelimit-Usage") == "1,4");
}

TEST_CASE("OAuth and refused tokens cost nothing, scopes and 404 do") {
  auto of = fixture{with_activities(3)};
  auto tokens = of.connect(5, "read");
  of.refresh(tokens.refresh);
  of.get("/athlete", "dead");
  CHECK(header(of.get("/athlete", tokens.access), "X-Ratelimit-Usage")
        == "1,1");
  of.get("/athlete/activities", tokens.access);
  of.get("/nowhere", tokens.access);
  CHECK(header(of.get("/athlete", tokens.access), "X-Ratelimit-Usage")
        == "4,4");
}

TEST_CASE("the Date header is the time at which a request was counted") {
  auto of = fixture{};
  auto answer = of.get("/athlete", of.connect(5).access);
  CHECK(header(answer, "Date") == "Sat, 21 Nov 2026 10:00:00 GMT");
}

TEST_CASE("the error rate fails its share of the API's requests") {
  auto with = with_activities(3);
  with.error_rate = .5;
  auto of = fixture{with};
  auto token = of.connect(5).access;
  auto failed = 0;
  for (auto i = 0; i < 200; ++i) {
    auto answer = of.get("/athlete", token);
    if (answer.status != 200) {
      CHECK(answer.status == 500);
      CHECK(answer.body == R"({"message":"error"})");
      ++failed;
    }
  }
  CHECK(failed > 60);
  CHECK(failed < 140);
}
