// What a cluster recorded makes its PostgreSQL database again, in either kind
// of store.

#include "adapters/postgres/postgres_store.hpp"
#include "tests/support/node_cluster.hpp"
#include "tests/support/store_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

using namespace std::chrono_literals;
using namespace stravasync;

namespace {

constexpr auto first_id = std::int64_t{80'000'003};
constexpr auto second_id = std::int64_t{80'000'004};
constexpr auto third_id = std::int64_t{80'000'005};
constexpr auto activities = 120;

struct fixture {
  fixture() {
    REQUIRE_CLUSTER();
    all.emplace(::test::node_cluster::settings{
      .sim = {{"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"},
              {"STRAVASYNC_SIM_ACTIVITIES", std::to_string(activities)}},
      .nodes = {{"STRAVASYNC_SYNC_PAGE_SIZE", "50"},
                // Or lists right after each other cannot be told apart.
                {"STRAVASYNC_BUDGET_CLOCK_SKEW_MAX", "0s"}},
      .bus_url = {}});
    all->add("one", "api");
    all->add("two", "api");
    all->add("worker", "consumer");
    for (const auto* name : {"one", "two", "worker"})
      all->start(name);
  }

  static std::string path(std::int64_t id, const std::string& rest) {
    return "/api/v1/athletes/" + std::to_string(id) + rest;
  }

  /// Connects, and waits until everything is stored.
  void begin(std::int64_t id) {
    all->connect(id, "one", "two");
    REQUIRE(::test::eventually(
      [&] { return all->state_of("one", id) == "complete"; }, 60s));
  }

  /// Deletes the newest at Strava, and has its list compared.
  void delete_newest(std::int64_t id, int how_many) {
    auto list = all->get(
      "one", path(id, "/activities?limit=" + std::to_string(how_many)));
    for (const auto& one : list.at("items").as_array())
      REQUIRE(::test::http_client{all->sim_address()}
                .del("/sim/athletes/" + std::to_string(id) + "/activities/"
                     + std::to_string(one.at("id").to_number<std::int64_t>()))
                .status
              < 300);
    auto asked = all->http("one").post(path(id, "/sync"),
                                       R"({"mode":"relist"})");
    REQUIRE(asked.status == 202);
  }

  bool becomes_stored(std::int64_t id, int how_many) {
    return ::test::eventually(
      [&] {
        return all->get("two", path(id, "/sync")).at("activities_stored")
               == how_many;
      },
      60s);
  }

  bool becomes_missing(std::int64_t id, int how_many) {
    return ::test::eventually(
      [&] {
        auto sync = all->get("two", path(id, "/sync"));
        const auto& missing = sync.at("missing");
        return !missing.is_null() && missing.at("activities") == how_many;
      },
      60s);
  }

  ::test::store_rows rows_of(const std::string& database) {
    auto session
      = postgres::open_session({.url = all->postgres().url(database),
                                .password = ::test::postgres_server::password});
    REQUIRE(session);
    return ::test::read_rows(**session);
  }

  std::pair<int, std::string> rebuild(const std::string& url) {
    return all->run({"replay", "--stream", "INGEST", "--speed", "max", "--into",
                     "store:" + url});
  }

  std::optional<::test::node_cluster> all;
};

void compare(const ::test::store_rows& rebuilt,
             const ::test::store_rows& live) {
  CHECK(rebuilt.athletes == live.athletes);
  CHECK(rebuilt.activities == live.activities);
  CHECK(rebuilt.absences == live.absences);
  CHECK(rebuilt.totals == live.totals);
  CHECK(rebuilt.runs == live.runs);
  CHECK(rebuilt.outbox == 0);
}

} // namespace

TEST_CASE_METHOD(fixture,
                 "a database rebuilt from INGEST equals the live one "
                 "in PostgreSQL, totals included",
                 "[e2e][cluster]") {
  for (auto id : {first_id, second_id, third_id})
    begin(id);
  // A deletion that is believed, one that a person confirms, one that nobody
  // does.
  delete_newest(first_id, 1);
  REQUIRE(becomes_stored(first_id, activities - 1));
  delete_newest(second_id, 40);
  REQUIRE(becomes_missing(second_id, 40));
  auto confirmed = all->http("two").post(path(second_id, "/sync/confirm"),
                                         R"({"missing":40})");
  INFO(confirmed.body);
  REQUIRE(confirmed.status == 200);
  REQUIRE(becomes_stored(second_id, activities - 40));
  delete_newest(second_id, 30);
  REQUIRE(becomes_missing(second_id, 30));
  REQUIRE(all->http("one").del(path(third_id, "")).status < 300);
  for (const auto* name : {"worker", "one", "two"})
    REQUIRE(all->at(name).stop(30s) == 0);

  auto live = rows_of(all->database());
  REQUIRE(live.athletes.size() == 2);
  CHECK(live.activities.size() == 2 * activities);
  CHECK(std::ranges::count_if(
          live.activities,
          [](const auto& one) { return one.deleted_at_ms.has_value(); })
        == 41);
  CHECK(live.absences.size() == 30);
  CHECK_FALSE(live.totals.empty());

  auto copy = all->postgres().create_database();
  auto [code, text] = rebuild(all->postgres().url(copy));
  INFO(text);
  REQUIRE(code == 0);
  compare(rows_of(copy), live);
  auto file = (all->folder() / "copy.db").string();
  auto [file_code, file_text] = rebuild("sqlite:" + file);
  INFO(file_text);
  REQUIRE(file_code == 0);
  compare(::test::read_rows(file), live);
  CHECK(rebuild(all->store_url()).first == 2); // Never without being forced.
  CHECK(rebuild(all->postgres().url(copy)).first == 2);
}
