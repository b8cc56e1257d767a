#include "tests/support/cluster.hpp"

#include <SQLiteCpp/Database.h>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <sys/mount.h>

#include <algorithm>
#include <fstream>

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto id = std::int64_t{80'000'002};
const auto athlete = std::string{"/api/v1/athletes/80000002"};

test::variables sim_settings() {
  return {{"STRAVASYNC_SIM_ACTIVITIES", "600"},
          {"STRAVASYNC_SIM_LATENCY", "1ms"},
          {"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"}};
}

test::variables app_settings() {
  return {{"STRAVASYNC_SYNC_PAGE_SIZE", "50"},
          {"STRAVASYNC_STRAVA_REQUEST_TIMEOUT", "1s"},
          {"STRAVASYNC_CONSUMER_BACKOFF_MIN", "100ms"},
          {"STRAVASYNC_CONSUMER_BACKOFF_MAX", "1s"}};
}

std::ptrdiff_t lines_with(const std::string& text, const std::string& what) {
  auto count = std::ptrdiff_t{0};
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + 1))
    ++count;
  return count;
}

int ready_status(test::installation& all) {
  return all.app_http().get("/readyz").status;
}

} // namespace

TEST_CASE("whatever Strava does, the history is whole in the end", "[faults]") {
  auto mode = GENERATE("error500", "close", "hang", "cut_json", "cut_body",
                       "inactive", "rate_limited");
  // The last two say "come back later": they are lifted before they are met
  // again, and only need to be survived.
  INFO(mode);
  test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  auto passing = std::string{mode} == "inactive"
                 || std::string{mode} == "rate_limited";
  if (!passing)
    all.set_faults(R"({"mode":")" + std::string{mode}
                   + R"(","count":5,"path":"/athlete/activities"})");
  REQUIRE(all.connect(id).status == 302);
  REQUIRE(all.wait_for_state(id, "complete", 90s));
  CHECK(all.get(athlete + "/sync").at("activities_stored") == 600);
  if (passing) {
    all.set_faults(R"({"mode":")" + std::string{mode}
                   + R"(","count":1,"path":"/athlete/activities"})");
    REQUIRE(
      all.app_http().post(athlete + "/sync", R"({"mode":"relist"})").status
      == 202);
    REQUIRE(all.wait_for_state(id, "waiting", 20s));
    auto status = all.get(athlete + "/sync");
    INFO(boost::json::serialize(status));
    CHECK(status.at("reason").is_string());
    CHECK(status.at("resumes_at").is_string());
    CHECK(all.get(athlete + "/sync").at("activities_stored") == 600);
  }
  auto output = all.app().output();
  INFO(output);
  CHECK(lines_with(output, "\n") < 60);
  CHECK(all.app().stop(20s) == 0);
}

TEST_CASE("a database that vanishes is said at once and is survived",
          "[faults]") {
  test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  REQUIRE(all.wait_for_state(id, "complete", 30s));
  auto data = all.folder() / "data";
  auto away = all.folder() / "away";
  fs::create_directory(away);
  for (auto* name : {"stravasync.db", "stravasync.db-wal", "stravasync.db-shm"})
    if (fs::exists(data / name))
      fs::rename(data / name, away / name);

  auto refused = [&] {
    auto reply = all.app_http().get(athlete);
    return reply.status == 503 && !reply.header("retry-after").empty();
  };
  REQUIRE(test::eventually(refused, 10s));
  // The answer and the news that its session has ended take two ways.
  CHECK(test::eventually([&] { return ready_status(all) == 503; }, 10s));
  CHECK(all.app_http().get("/healthz").status == 200);
  auto began = std::chrono::steady_clock::now();
  for (auto i = 0; i < 20; ++i)
    CHECK(all.app_http().get(athlete + "/stats").status == 503);
  // At once, not after a time-out.
  CHECK(std::chrono::steady_clock::now() - began < 5s);

  for (const auto& entry : fs::directory_iterator{away})
    fs::rename(entry.path(), data / entry.path().filename());
  REQUIRE(test::eventually([&] { return ready_status(all) == 200; }, 20s));
  CHECK(all.get(athlete + "/sync").at("activities_stored") == 600);
  auto output = all.app().output();
  INFO(output);
  CHECK(lines_with(output, "an actor is down") <= 4);
  CHECK(all.app().stop(20s) == 0);
}

TEST_CASE("a database that is deleted while a sync runs loses no page",
          "[faults]") {
  auto slow = sim_settings();
  slow[1].second = "150ms";
  test::installation all{slow, app_settings()};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  auto data = all.folder() / "data";
  auto away = all.folder() / "away";
  fs::create_directory(away);
  REQUIRE(test::eventually(
    [&] { return all.get(athlete + "/sync").at("pages_stored") != 0; }, 20s));
  auto move = [](const fs::path& from, const fs::path& to) {
    for (auto* name :
         {"stravasync.db", "stravasync.db-wal", "stravasync.db-shm"})
      if (fs::exists(from / name))
        fs::rename(from / name, to / name);
  };
  move(data, away);
  REQUIRE(test::eventually([&] { return ready_status(all) == 503; }, 10s));
  auto asked = all.ask_sim("/sim/stats").at("requests");
  move(away, data);
  REQUIRE(test::eventually([&] { return ready_status(all) == 200; }, 20s));
  REQUIRE(all.wait_for_state(id, "complete", 60s));
  CHECK(all.get(athlete + "/sync").at("activities_stored") == 600);
  INFO(boost::json::serialize(asked));
  // 13 pages (600 by 50, overlapping, and the empty last one or two).
  auto log = all.ask_sim("/sim/stats");
  INFO(boost::json::serialize(log));
  auto fetched = log.at("by_path").at("GET /athlete/activities").at("200");
  CHECK(fetched.to_number<int>() <= 15);
}

TEST_CASE("a fault of ours is in the log with what the library said",
          "[faults]") {
  test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  REQUIRE(all.wait_for_state(id, "complete", 30s));
  auto path = (all.folder() / "data" / "stravasync.db").string();
  SQLite::Database{path, SQLite::OPEN_READWRITE}.exec(
    "ALTER TABLE activity RENAME TO elsewhere; CREATE VIEW activity AS "
    "SELECT * FROM elsewhere WHERE no_such_function(id)");
  auto reply = all.app_http().get(athlete + "/activities");
  CHECK(reply.status == 500);
  CHECK(reply.body.find("no such") == std::string::npos);
  auto output = all.app().output();
  INFO(output);
  CHECK(lines_with(output, "a question failed by a fault of ours") == 1);
  CHECK(lines_with(output, "no such function: no_such_function") > 0);
}

TEST_CASE("a table that goes under way is in the log and what the node lacks",
          "[faults]") {
  test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  REQUIRE(all.wait_for_state(id, "complete", 30s));
  auto path = (all.folder() / "data" / "stravasync.db").string();
  auto change = [&](const char* sql) {
    SQLite::Database{path, SQLite::OPEN_READWRITE, 10'000}.exec(sql);
  };
  change("ALTER TABLE activity RENAME TO elsewhere");
  CHECK(all.app_http().get(athlete + "/activities").status == 503);
  // The trial may be the first to see it.
  REQUIRE(test::eventually([&] { return ready_status(all) == 503; }, 20s));
  CHECK(all.app_http().get(athlete + "/activities").status == 503);
  change("ALTER TABLE elsewhere RENAME TO activity");
  REQUIRE(test::eventually([&] { return ready_status(all) == 200; }, 20s));
  CHECK(all.app_http().get(athlete + "/activities").status == 200);
  auto output = all.app().output();
  INFO(output);
  CHECK(lines_with(output, "no such table: activity") == 1);
  CHECK(lines_with(output, "a question failed by a fault of ours") == 0);
}

TEST_CASE("a full disk stops the sync and nothing else", "[faults]") {
  test::installation all{sim_settings(), app_settings()};
  auto data = all.folder() / "data";
  fs::create_directory(data);
  if (::mount("tmpfs", data.c_str(), "tmpfs", 0, "size=3m") != 0)
    SKIP("a small file system cannot be mounted here");
  auto unmount = std::unique_ptr<const fs::path, void (*)(const fs::path*)>{
    &data,
    [](const fs::path* where) { ::umount2(where->c_str(), MNT_DETACH); }};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  {
    std::ofstream filler{data / "filler"};
    auto block = std::string(64 * 1024, 'x');
    while (
      filler.write(block.data(), static_cast<std::streamsize>(block.size()))
        .flush()) {
    }
  }
  // Whatever it is doing, it answers.
  CHECK(test::eventually(
    [&] { return all.app_http().get("/healthz").status == 200; }, 5s));
  auto reply = all.app_http().post(athlete + "/sync", R"({"mode":"relist"})");
  CHECK((reply.status == 202 || reply.status == 503 || reply.status == 507));
  // Nothing but its own checks touches the disk any more.
  CHECK(test::eventually(
    [&] {
      auto ready = all.app_http().get("/readyz");
      return ready.status == 503
             && ready.body.find("KiB are left") != std::string::npos;
    },
    20s));
  fs::remove(data / "filler");
  REQUIRE(::mount("tmpfs", data.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0);
  auto complete = all.wait_for_state(id, "complete", 60s);
  auto status = all.get(athlete + "/sync");
  auto output = all.app().output();
  INFO(output);
  INFO(boost::json::serialize(status));
  REQUIRE(complete);
  CHECK(status.at("activities_stored") == 600);
  CHECK(test::eventually([&] { return ready_status(all) == 200; }, 20s));
  CHECK(lines_with(output, "\n") < 80);
  CHECK(all.app().stop(20s) == 0);
}
