#include "tests/support/cluster.hpp"
#include "tests/support/paths.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr auto well = std::int64_t{80'000'001};
constexpr auto ill = std::int64_t{80'000'002};

test::variables sim_settings() {
  return {{"STRAVASYNC_SIM_ACTIVITIES", "300"},
          {"STRAVASYNC_SIM_LATENCY", "1ms"},
          {"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"}};
}

test::variables app_settings() {
  return {{"STRAVASYNC_SYNC_PAGE_SIZE", "50"},
          {"STRAVASYNC_CONSUMER_ATTEMPTS_MAX", "2"},
          {"STRAVASYNC_CONSUMER_BACKOFF_MIN", "50ms"},
          {"STRAVASYNC_CONSUMER_BACKOFF_MAX", "100ms"}};
}

/// What a command printed, and its exit code.
struct printed {
  int exit_code = -1;
  std::string text; // Both outputs.
};

printed dlq(test::installation& all, const std::vector<std::string>& what) {
  test::process::options options;
  options.argv = {STRAVASYNC_BINARY_DIR "/stravasync", "dlq"};
  options.argv.insert(options.argv.end(), what.begin(), what.end());
  options.argv.insert(options.argv.end(), {"--url", all.app_address()});
  options.output = all.folder() / "dlq.out";
  std::filesystem::remove(options.output);
  auto command = test::process::spawn(options);
  printed result;
  result.exit_code = command.wait(20s).value_or(-1);
  result.text = command.output();
  return result;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a run that failed with a dead letter is whole after its retry",
          "[e2e][dlq]") {
  test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  // One athlete's list fails, as long as it is asked for.
  all.set_faults(R"({"mode":"error500","athlete_id":)" + std::to_string(ill)
                 + R"(,"path":"/athlete/activities"})");
  REQUIRE(all.connect(ill).status == 302);
  // A job is charged with a failure only while others succeed.
  REQUIRE(all.connect(well).status == 302);
  auto relist = "/api/v1/athletes/" + std::to_string(well) + "/sync";
  REQUIRE(test::eventually(
    [&] {
      all.app_http().post(relist, R"({"mode":"relist"})");
      return !all.get("/api/v1/admin/dlq").at("items").as_array().empty();
    },
    60s));
  REQUIRE(all.wait_for_state(ill, "failed", 20s));

  auto list = dlq(all, {"list"});
  INFO(list.text);
  CHECK(list.exit_code == 0);
  CHECK(holds(list.text, "jobs.sync_athlete." + std::to_string(ill)));
  auto id = std::to_string(
    all.get("/api/v1/admin/dlq").at("items").at(0).at("id").as_int64());
  auto shown = dlq(all, {"show", id});
  INFO(shown.text);
  CHECK(holds(shown.text, "stravasync.jobs.v1.SyncAthlete"));
  CHECK(holds(shown.text, "\"athlete_id\":" + std::to_string(ill)));
  CHECK(dlq(all, {"retry", "--all", "--dry-run"}).exit_code == 0);
  CHECK(all.get("/api/v1/admin/dlq").at("items").as_array().size() == 1);
  auto missing = dlq(all, {"drop", "999"});
  CHECK(missing.exit_code == 1);
  CHECK(holds(missing.text, "there is no dead letter 999"));

  all.set_faults(R"({"mode":"none"})");
  auto retried = dlq(all, {"retry", id});
  INFO(retried.text);
  CHECK(retried.exit_code == 0);
  CHECK(all.wait_for_state(ill, "complete", 60s));
  CHECK(all.get("/api/v1/athletes/" + std::to_string(ill) + "/sync")
          .at("activities_stored")
        == 300);
  CHECK(all.get("/api/v1/admin/dlq").at("items").as_array().empty());
  CHECK(all.app().stop(20s) == 0);
}

TEST_CASE("an activity that cannot be read costs nobody else, and is whole "
          "once it can",
          "[e2e][dlq]") {
  test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  all.set_faults(R"({"mode":"cut_name","count":1,"athlete_id":)"
                 + std::to_string(ill) + R"(,"path":"/athlete/activities"})");
  REQUIRE(all.connect(ill).status == 302);
  REQUIRE(all.wait_for_state(ill, "complete", 60s));
  auto sync = "/api/v1/athletes/" + std::to_string(ill) + "/sync";
  CHECK(all.get(sync).at("activities_stored") == 299);
  CHECK(all.get(sync).at("failed") == 1);
  auto letters = all.get("/api/v1/admin/dlq").at("items").as_array();
  REQUIRE(letters.size() == 1);
  auto reason = std::string{letters[0].at("reason").as_string()};
  INFO(reason);
  CHECK(reason.starts_with("activity "));
  CHECK(holds(reason, R"(name is "\ud83d)"));
  CHECK(holds(reason, "must not hold half of a surrogate pair"));
  auto shown = dlq(all,
                   {"show", std::to_string(letters[0].at("id").as_int64())});
  INFO(shown.text);
  CHECK(holds(shown.text, R"(\ud83d)"));

  // The next list is sound.
  REQUIRE(all.app_http().post(sync, R"({"mode":"relist"})").status == 202);
  REQUIRE(test::eventually(
    [&] { return all.get(sync).at("activities_stored") == 300; }, 60s));
  CHECK(all.get(sync).at("failed") == 0);
  CHECK(all.app().stop(20s) == 0);
}

TEST_CASE("a list that cannot be read is one job's trouble, and kept with it",
          "[e2e][dlq]") {
  test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  all.set_faults(R"({"mode":"cut_json","athlete_id":)" + std::to_string(ill)
                 + R"(,"path":"/athlete/activities"})");
  // Nobody else has work: its attempts count all the same.
  REQUIRE(all.connect(ill).status == 302);
  REQUIRE(all.wait_for_state(ill, "failed", 60s));
  auto letters = all.get("/api/v1/admin/dlq").at("items").as_array();
  REQUIRE(letters.size() == 1);
  auto id = std::to_string(letters[0].at("id").as_int64());
  auto letter = all.get("/api/v1/admin/dlq/" + id);
  auto reason = std::string{letter.at("reason").as_string()};
  INFO(reason);
  CHECK(holds(reason, "Strava's list of activities cannot be read: byte "));
  CHECK(letter.at("attempts") == 2);
  CHECK(letter.at("unread").at("bytes").as_int64() > 1'000);
  CHECK(letter.at("unread").at("text").as_string().size() > 1'000);
  // Nothing was taken for an outage.
  CHECK_FALSE(holds(all.app().output(), "strava-client"));
  REQUIRE(all.connect(well).status == 302);
  CHECK(all.wait_for_state(well, "complete", 20s));

  test::process::options again;
  again.argv = {STRAVASYNC_BINARY_DIR "/stravasync",
                "replay",
                "--stream",
                "DLQ",
                "--into",
                "actors"};
  again.environment
    = {{"STRAVASYNC_NODE_DATA_DIR", (all.folder() / "data").string()}};
  again.output = all.folder() / "replay.out";
  auto replay = test::process::spawn(again);
  auto code = replay.wait(20s);
  INFO(replay.output());
  REQUIRE(code);
  CHECK(holds(replay.output(), "cannot be read: byte "));

  all.set_faults(R"({"mode":"none"})");
  CHECK(dlq(all, {"retry", id}).exit_code == 0);
  CHECK(all.wait_for_state(ill, "complete", 60s));
  CHECK(all.app().stop(20s) == 0);
}
