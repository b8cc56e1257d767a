// Several api nodes of the real binary on one PostgreSQL: that they write side
// by side, and none against another.

#include "tests/support/node_cluster.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace std::chrono_literals;

namespace {

constexpr auto first_athlete = 80'000'001;
constexpr auto athletes = 12;
constexpr auto activities = 120;
constexpr auto page_size = 10;

/// One number that the database answers.
std::int64_t number(::test::node_cluster& all, const std::string& query) {
  return all.postgres().run(all.database(), query)[0][0].as<std::int64_t>();
}

std::int64_t statistic(::test::node_cluster& all, const std::string& column) {
  return number(all, "SELECT " + column
                       + " FROM pg_stat_database WHERE datname = "
                         "current_database()");
}

} // namespace

TEST_CASE("api nodes that store pages of the same athletes have no deadlock "
          "and no failed transaction to speak of",
          "[e2e][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{
    {.sim = {{"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"},
             {"STRAVASYNC_SIM_ACTIVITIES", std::to_string(activities)}},
     .nodes = {{"STRAVASYNC_SYNC_PAGE_SIZE", std::to_string(page_size)}},
     .bus_url = {}}};
  const auto names = {"api-1", "api-2", "api-3", "api-4"};
  for (const auto* name : names)
    all.add(name, "api");
  all.add("consumer", "consumer");
  for (const auto* name : names)
    all.start(name);
  for (auto i = 0; i < athletes; ++i)
    all.connect(first_athlete + i, "api-1", "api-2");
  // All jobs are there before: the pages come as fast as they can.
  all.start("consumer");
  CHECK(::test::eventually(
    [&] {
      return number(all, "SELECT count(*) FROM sync_run WHERE finished_at_ms > "
                         "0")
               == athletes
             && number(all, "SELECT count(*) FROM outbox WHERE sent_at_ms = 0")
                  == 0;
    },
    90s));
  for (auto i = 0; i < athletes; ++i)
    CHECK(all.state_of("api-3", first_athlete + i) == "complete");
  CHECK(number(all, "SELECT count(*) FROM activity") == athletes * activities);
  // Sessions tell what they did when they end.
  for (const auto* name : names)
    CHECK(all.at(name).stop(20s) == 0);
  all.postgres().wait_until_alone(all.database());
  CHECK(statistic(all, "deadlocks") == 0);
  CHECK(statistic(all, "xact_rollback") * 100
        < statistic(all, "xact_commit + xact_rollback"));
}
