#include "tests/support/cluster.hpp"
#include "tests/support/paths.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr auto id = std::int64_t{80'000'003};
const auto athlete = std::string{"/api/v1/athletes/80000003"};

/// A running installation with one complete athlete of `activities`.
struct fixture : test::installation {
  explicit fixture(const std::string& activities, test::variables app = {})
    : test::installation{{{"STRAVASYNC_SIM_ACTIVITIES", activities},
                          {"STRAVASYNC_SIM_LATENCY", "1ms"}},
                         std::move(app)} {
    start_sim();
    start_app();
    REQUIRE(connect(id).status == 302);
    REQUIRE(wait_for_state(id, "complete", 30s));
  }

  std::int64_t stored() {
    return get(athlete + "/sync")
      .at("activities_stored")
      .to_number<std::int64_t>();
  }

  std::int64_t missing() {
    auto sync = get(athlete + "/sync");
    const auto& found = sync.at("missing");
    return found.is_null() ? 0
                           : found.at("activities").to_number<std::int64_t>();
  }

  std::int64_t hidden() {
    return get(athlete + "/sync")
      .at("hidden_activities")
      .to_number<std::int64_t>();
  }

  void delete_at_strava(std::size_t how_many) {
    auto list = get(athlete + "/activities?limit=" + std::to_string(how_many));
    for (const auto& one : list.at("items").as_array())
      REQUIRE(sim_http()
                .del("/sim/athletes/80000003/activities/"
                     + std::to_string(one.at("id").to_number<std::int64_t>()))
                .status
              < 300);
  }

  /// Has everything listed again, and waits for the end of that run.
  void relist() {
    auto before = get(athlete + "/sync").at("run_id");
    auto reply = app_http().post(athlete + "/sync", R"({"mode":"relist"})");
    INFO(reply.body);
    REQUIRE(reply.status == 202);
    REQUIRE(test::eventually(
      [&] {
        auto now = get(athlete + "/sync");
        return now.at("run_id") != before && now.at("state") == "complete";
      },
      30s));
  }

  test::http_reply confirm(std::int64_t number) {
    return app_http().post(athlete + "/sync/confirm",
                           R"({"missing":)" + std::to_string(number) + "}");
  }

  /// Runs `stravasync sync confirm`. @returns its exit code and words.
  std::pair<int, std::string> command(const std::vector<std::string>& more) {
    test::process::options what;
    what.argv = {STRAVASYNC_BINARY_DIR "/stravasync",
                 "sync",
                 "confirm",
                 "80000003",
                 "--url",
                 app_address()};
    what.argv.insert(what.argv.end(), more.begin(), more.end());
    what.output = folder() / "command.log";
    std::filesystem::remove(what.output);
    auto running = test::process::spawn(what);
    auto code = running.wait(20s);
    return {code.value_or(-1), running.output()};
  }
};

} // namespace

TEST_CASE("of few activities none is deleted by one list", "[e2e]") {
  fixture all{"5"};
  all.delete_at_strava(2);
  all.relist();
  CHECK(all.stored() == 5);
  REQUIRE(all.missing() == 2);
  auto [looked, would] = all.command({"--dry-run"});
  CHECK(looked == 0);
  CHECK(would.starts_with("would be deleted: 2 activities"));
  CHECK(all.confirm(3).status == 409);
  CHECK(all.stored() == 5);
  auto [code, said] = all.command({});
  CHECK(code == 0);
  CHECK(said.starts_with("deleted: 2 activities"));
  CHECK(all.stored() == 3);
  CHECK(all.missing() == 0);
  CHECK(all.command({}).second == "nothing is missing\n");
}

TEST_CASE("a second list that lacks them, too, deletes", "[e2e]") {
  fixture all{"5", {{"STRAVASYNC_SYNC_DELETE_SECOND_LOOK", "1s"}}};
  all.delete_at_strava(2);
  all.relist();
  REQUIRE(all.missing() == 2);
  CHECK(test::eventually(
    [&] {
      all.relist();
      return all.stored() == 3;
    },
    20s));
  CHECK(all.missing() == 0);
}

TEST_CASE("private activities that a consent hides are kept", "[e2e]") {
  fixture all{"120"};
  auto newest = all.get(athlete + "/activities?limit=1").at("items").at(0);
  auto patched = all.sim_http().send(
    "PATCH",
    "/sim/athletes/80000003/activities/"
      + std::to_string(newest.at("id").to_number<std::int64_t>()),
    {{"content-type", "application/json"}}, R"({"visibility":"only_me"})");
  INFO(patched.body);
  REQUIRE(patched.status < 300);
  all.relist();
  auto shown = all.stored();
  REQUIRE(all.connect(id, "read,activity:read").status == 302);
  REQUIRE(all.wait_for_state(id, "complete", 30s));
  all.relist();
  CHECK(all.stored() == shown);
  CHECK(all.hidden() > 0);
  CHECK(all.missing() == 0);
  REQUIRE(all.connect(id).status == 302);
  CHECK(test::eventually([&] { return all.hidden() == 0; }, 30s));
  CHECK(all.stored() == shown);
}
