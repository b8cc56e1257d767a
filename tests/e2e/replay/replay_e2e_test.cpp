#include "messages/error.hpp"
#include "tests/e2e/replay/replay_fixture.hpp"
#include "tests/support/store_rows.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <csignal>
#include <sstream>

using namespace std::chrono_literals;
using namespace stravasync;
namespace fs = std::filesystem;
namespace json = boost::json;
using fixture = ::test::replay_fixture;
using ::test::first_id;
using ::test::second_id;

TEST_CASE("a database rebuilt from INGEST equals the live one", "[e2e]") {
  fixture all;
  for (auto id : {first_id, second_id})
    REQUIRE(all.connect(id).status == 302);
  for (auto id : {first_id, second_id})
    all.finish_sync(id);
  // Deleted at Strava, and found by a re-list.
  auto list = all.get("/api/v1/athletes/80000003/activities?limit=1");
  auto gone = list.at("items").at(0).at("id").to_number<std::int64_t>();
  auto deleted = all.sim_http().del("/sim/athletes/80000003/activities/"
                                    + std::to_string(gone));
  INFO(deleted.body);
  REQUIRE(deleted.status < 300);
  all.sync(first_id, "relist");
  REQUIRE(::test::eventually(
    [&] {
      return all.get("/api/v1/athletes/80000003/sync")
               .at("activities_stored")
               .to_number<std::int64_t>()
             == 449;
    },
    60s));
  all.finish_sync(first_id);
  // Too many to believe: a person says that it is so, of these.
  all.delete_at_strava(second_id, 100);
  all.sync(second_id, "relist");
  REQUIRE(
    ::test::eventually([&] { return all.missing(second_id) == 100; }, 60s));
  auto confirmed = all.app_http().post("/api/v1/athletes/80000004/sync/confirm",
                                       R"({"missing":100})");
  INFO(confirmed.body);
  REQUIRE(confirmed.status == 200);
  // And of those nobody does.
  all.delete_at_strava(second_id, 80);
  all.sync(second_id, "relist");
  REQUIRE(
    ::test::eventually([&] { return all.missing(second_id) == 80; }, 60s));
  // Came and left: nothing of them may come back.
  REQUIRE(all.connect(80'000'005).status == 302);
  all.finish_sync(80'000'005);
  REQUIRE(all.app_http().del("/api/v1/athletes/80000005").status < 300);
  auto calls = all.ask_sim("/sim/stats").at("requests");
  REQUIRE(all.app().stop(30s) == 0);

  auto done
    = all.replay("--stream INGEST --into store:sqlite:" + all.rebuilt());
  INFO(done.text);
  CHECK(done.code == 0);
  auto live = ::test::read_rows(all.database());
  auto rebuilt = ::test::read_rows(all.rebuilt());
  REQUIRE(live.athletes.size() == 2);
  CHECK(live.activities.size() == 900);
  CHECK(std::ranges::count_if(
          live.activities,
          [](const auto& one) { return one.deleted_at_ms.has_value(); })
        == 101);
  CHECK(live.absences.size() == 80);
  CHECK(rebuilt.absences == live.absences);
  CHECK(rebuilt.athletes == live.athletes);
  CHECK(rebuilt.activities == live.activities);
  CHECK(rebuilt.totals == live.totals);
  CHECK(rebuilt.runs == live.runs);
  CHECK(rebuilt.outbox == 0);
  CHECK(all.ask_sim("/sim/stats").at("requests") == calls);

  // Once more changes nothing, and has to be meant.
  auto refused
    = all.replay("--stream INGEST --into store:sqlite:" + all.rebuilt());
  CHECK(refused.code == 2);
  CHECK(refused.says("is not empty; replay into it only with --force"));
  auto again = all.replay("--force --stream INGEST --into store:sqlite:"
                          + all.rebuilt());
  CHECK(again.code == 0);
  CHECK(again.says("activities: 0 new, 0 changed, 0 gone"));
  CHECK(::test::read_rows(all.rebuilt()) == rebuilt);
  auto own = all.replay("--stream INGEST --into store:sqlite:"
                        + (all.folder() / "." / "data/stravasync.db").string());
  CHECK(own.code == 2);
  CHECK(own.says("is the store that nodes with these settings work on"));
}

TEST_CASE("recorded messages can be looked at and handled again", "[e2e]") {
  fixture all;
  REQUIRE(all.connect(first_id).status == 302);
  all.finish_sync(first_id);

  // The product runs, and owns the bus.
  auto printed = all.replay("--stream JOBS --into print 2>/dev/null");
  CHECK(printed.code == 0);
  auto lines = printed.lines();
  REQUIRE(lines.size() == 4); // Pages of 200, 200, 50 and none.
  auto job = json::parse(lines[1]);
  CHECK(job.at("sequence") == 2);
  CHECK(job.at("payload").at("athlete_id") == first_id);
  CHECK(job.at("headers").at("Ss-Type") == "stravasync.jobs.v1.SyncAthlete");

  REQUIRE(all.app().stop(30s) == 0);
  auto jobs = all.replay("--stream JOBS --into actors 2>/dev/null");
  INFO(jobs.text);
  CHECK(jobs.code == 0);
  REQUIRE(jobs.lines().size() == 4);
  for (const auto& line : jobs.lines())
    CHECK(line.find("  sync           ack ") != std::string::npos);

  all.poison();
  auto pages = all.replay("--stream INGEST --into actors");
  INFO(pages.text);
  CHECK(pages.code == 1);
  CHECK(pages.says("ingest-writer  dead letter"));
  CHECK(pages.says("ingest.activities.80000003.poison: this is no"));
  CHECK(pages.says(", 1 failed"));
  auto hex = all.replay("--stream INGEST --from 6 --into print 2>/dev/null");
  CHECK(hex.says(R"("payload_hex":"ffff20)"));

  auto stepped = all.replay("--stream INGEST --into actors --step",
                            "\\n\\nq\\n");
  CHECK(stepped.code == 130);
  CHECK(stepped.says("next is 3"));
  CHECK(stepped.says("interrupted after 2 messages"));

  auto anew = all.replay("--stream JOBS --into 'subject:replay.>'");
  INFO(anew.text);
  CHECK(anew.code == 0);
  auto copied = all.replay("--stream REPLAY --into print 2>/dev/null");
  REQUIRE(copied.lines().size() == 4);
  auto copy = json::parse(copied.lines()[0]);
  CHECK(copy.at("subject") == "replay.jobs.sync_athlete.80000003");
  CHECK(copy.at("headers").at("Ss-Origin")
        == "jobs.sync_athlete.80000003@JOBS:1");
}

TEST_CASE("an interrupted replay says how far it came", "[e2e]") {
  fixture all;
  REQUIRE(all.connect(first_id).status == 302);
  all.finish_sync(first_id);
  ::test::process::options what;
  what.argv = {STRAVASYNC_BINARY_DIR "/stravasync",
               "replay",
               "--stream",
               "JOBS",
               "--into",
               "print",
               "--speed",
               "0.001x"};
  what.environment
    = {{"STRAVASYNC_NODE_DATA_DIR", (all.folder() / "data").string()}};
  what.output = all.folder() / "slow.log";
  auto slow = ::test::process::spawn(what);
  REQUIRE(::test::eventually(
    [&] { return slow.output().find("\"sequence\":1,") != std::string::npos; },
    20s));
  slow.kill(SIGINT);
  CHECK(slow.wait(10s) == 130);
  CHECK(slow.output().find("interrupted after ") != std::string::npos);
}

TEST_CASE("wrong input for a replay is one clear line", "[e2e]") {
  fixture all;
  REQUIRE(all.app().stop(30s) == 0);
  struct wrong {
    std::string arguments;
    int code;
    std::string part;
  };
  const auto cases = std::vector<wrong>{
    {"--into print", 2, "--stream"},
    {"--stream JOBS --into nowhere", 2, "--into: 'nowhere' is none of"},
    {"--stream JOBS --into print --speed 10", 2, "--speed: '10' is no speed"},
    {"--stream JOBS --into print --from yesterday", 2, "--from: 'yesterday'"},
    {"--stream JOBS --into print --step", 2, "--step goes with"},
    {"--stream JOBS --into subject:jobs.x", 2, "only with --force"},
    {"--stream JOBS --into subject:a..b", 2, "is no subject"},
    {"--stream EVENTS --into store:sqlite:x.db", 2, "from stream INGEST"},
    {"--stream INGEST --into store:x.db", 2, "'x.db' is no store"},
    {"--stream INGEST --into store:sqlite:/proc/none/x.db", 1,
     "/proc/none/x.db"},
    {"--stream JOBS --into print", 1, "nothing recorded in JOBS"},
    {"--stream INGEST --from 5 --into print", 1, "from sequence 5"},
    {"--stream WORK --into print", 1,
     "there is no stream WORK; there are: DLQ, EVENTS, INGEST, JOBS"},
  };
  for (const auto& one : cases) {
    auto got = all.replay(one.arguments);
    INFO(one.arguments << " -> " << got.text);
    CHECK(got.code == one.code);
    CHECK(got.says(one.part));
    CHECK(got.lines().size() == 1);
  }
}
