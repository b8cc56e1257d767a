#include "tests/e2e/page/stage.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>

using boost::json::parse;
using test::stage;

/// @file
/// The page's own arithmetic, called in the browser.

namespace {

/// @returns what `expression` is with the module as `m`.
boost::json::value in_module(stage& with, const std::string& module,
                             const std::string& expression) {
  return with.page().run("return import('/assets/" + module
                         + ".js').then((m) => " + expression + ");");
}

} // namespace

TEST_CASE("routes are decoded and projected") {
  stage with;
  with.page().open(with.address());
  auto value = [&](const std::string& expression) {
    return in_module(with, "route", expression);
  };
  // The example of Google's description of the format.
  CHECK(value("m.decodePolyline('_p~iF~ps|U_ulLnnqC_mqNvxq`@')")
        == parse("[[38.5,-120.2],[40.7,-120.95],[43.252,-126.453]]"));
  CHECK(value("m.decodePolyline('')") == parse("[]"));
  CHECK(value("m.decodePolyline('_p~iF~ps|U_ulL')")
        == parse("[[38.5,-120.2]]"));
  CHECK(value("m.decodePolyline('\\u0000 !')") == parse("[]"));
  CHECK(value("m.drawRoute('_p~iF~ps|U', '')").is_null());
  // A degree east is half as long at 60 degrees north.
  CHECK(value("Math.round(m.project([[60, 0], [60, 1]])[1][0])")
        == parse("55660"));
  // Across the date line the way is short.
  CHECK(value("Math.round(m.project([[0, 179.5], [0, -179.5]])[1][0])")
        == parse("111320"));
}

TEST_CASE("months are summed into one row per sport") {
  stage with;
  with.page().open(with.address());
  auto value = [&](const std::string& expression) {
    return in_module(with, "series", expression);
  };
  CHECK(value("m.monthsBetween('2023-11', '2024-02')")
        == parse(R"(["2023-11","2023-12","2024-01","2024-02"])"));
  CHECK(value("m.monthBefore('2024-01', 13)") == parse(R"("2022-12")"));
  CHECK(value("m.stackOf([{month: '2024-01', sport_type: 'Run', count: 2}, "
              "{month: '2024-02', sport_type: 'Yoga', count: 1}, "
              "{month: '2024-02', sport_type: 'Golf', count: 4}, "
              "{month: '2020-01', sport_type: 'Run', count: 9}], "
              "['2024-01', '2024-02'], ['Run'], (entry) => entry.count)")
        == parse(R"([{"sport":"Run","values":[2,0]},)"
                 R"({"sport":"Other sports","values":[0,5]}])"));
}

TEST_CASE("measures and states are put into words") {
  stage with;
  with.page().open(with.address());
  auto unit = [&](const std::string& expression) {
    return in_module(with, "units", expression);
  };
  CHECK(unit("m.paceOrSpeed(10000, 3000, 'Run')") == parse(R"("5:00 /km")"));
  CHECK(unit("m.paceOrSpeed(1000, 1200, 'Swim')") == parse(R"("2:00 /100 m")"));
  CHECK(unit("m.paceOrSpeed(36000, 3600, 'Ride')") == parse(R"("36.0 km/h")"));
  CHECK(unit("m.clock(3725)") == parse(R"("1:02:05")"));
  CHECK(unit("m.distance(0)") == parse(R"("–")"));
  auto word = [&](const std::string& expression) {
    return in_module(with, "words", expression);
  };
  CHECK(word("m.sportName('TrailRun')") == parse(R"("Trail run")"));
  CHECK(word("m.sportName('MoonWalkNew')") == parse(R"("Moon walk new")"));
  CHECK(word("m.headline({state: 'waiting', reason: null, resumes_at: "
             "'2030-01-01T00:00:30Z'}, Date.UTC(2030, 0, 1))")
          .as_string()
          .ends_with("(30 s)"));
  CHECK(word("m.amount({state: 'running', mode: 'backfill', "
             "activities_stored: 400, expected: 700})")
        == parse(R"("400 of about 700 activities")"));
  CHECK(word("m.timeLeft({state: 'running', eta_s: 180}, 0, 0)")
        == parse(R"("about 3 minutes left")"));
  CHECK(word("m.timeLeft({state: 'running', eta_s: null}, 0, 0)")
        == parse(R"("")"));
}

TEST_CASE("what Strava's list lacks is said, and can be deleted") {
  stage with;
  with.page().open(with.address());
  auto word = [&](const std::string& sync) {
    return in_module(with, "words", "m.absences(" + sync + ")");
  };
  CHECK(word("{missing: null, hidden_activities: 0}") == parse("[]"));
  auto hidden = word("{missing: null, hidden_activities: 1}");
  REQUIRE(hidden.as_array().size() == 1);
  CHECK(hidden.at(0).as_string().starts_with("1 private activity is kept"));
  auto doubted = word("{missing: {activities: 40, since: "
                      "'2030-01-01T00:00:00Z', doubted: true}}");
  REQUIRE(doubted.as_array().size() == 1);
  CHECK(doubted.at(0).as_string().starts_with(
    "40 activities are missing from Strava’s list since"));
  auto unknown = word("{missing: {activities: 1, since: "
                      "'2030-01-01T00:00:00Z', doubted: true}, "
                      "missing_scopes: ['activity:read_all']}");
  REQUIRE(unknown.as_array().size() == 1);
  CHECK(unknown.at(0).as_string().ends_with(
    "whether they were deleted or made private: they are kept unless you say "
    "so."));
  auto asked = in_module(
    with, "syncpanel",
    "(() => { let asked = 0; const panel = new m.SyncPanel({id: 1, name: 'A'}, "
    "{confirmDeletions: (n) => { asked = n; }}); "
    "panel.update({state: 'complete', missing: {activities: 2, since: "
    "'2030-01-01T00:00:00Z', doubted: false}, hidden_activities: 0}); "
    "const button = panel.node.querySelector('.absent button'); "
    "button.click(); const text = button.textContent; "
    "panel.update({state: 'complete', missing: null, hidden_activities: 0}); "
    "return [asked, text, panel.absent.hidden]; })()");
  CHECK(asked == parse(R"([2,"Delete 2 missing activities",true])"));
}
