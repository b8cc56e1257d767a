#include "tests/support/simulated_node.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto day = std::chrono::milliseconds{24h};

/// What is kept for days is kept for two, and runs, as a node would have it
/// then, for a day more: so a week holds as much as a year. More runs fall due
/// each day than there are permits for.
settings quick_settings() {
  settings result;
  auto& bus = result.bus;
  for (auto* one : {&bus.jobs, &bus.ingest, &bus.events, &bus.dlq})
    one->max_age = 2 * day;
  result.store.runs_max_age = 3 * day;
  result.budget.limits = {40, 200, 20, 100};
  result.sync.incremental_every = 4h;
  return result;
}

bool is_within_a_tenth(std::int64_t now, std::int64_t before) {
  INFO("before " << before << ", now " << now);
  CHECK(10 * now <= 11 * before);
  return 10 * now <= 11 * before;
}

} // namespace

TEST_CASE("slots that pass while no consumer runs cost one call an athlete",
          "[growth]") {
  auto config = quick_settings();
  config.budget.limits = {1'000, 10'000, 1'000, 10'000};
  test::simulated_node node{config, 20, 10};
  node.pass(4h, 5min);
  auto calls = node.strava().calls();
  auto jobs = node.look().messages["JOBS"];
  node.run_as({role::api, role::worker});
  node.pass(20h, 5min);
  CHECK(node.strava().calls() == calls);
  CHECK(node.look().messages["JOBS"] == jobs + 20);
  node.run_as({role::api, role::consumer, role::worker});
  node.pass(5min, 5min);
  CHECK(node.strava().calls() == calls + 20);
  CHECK(node.look().stalest_ms <= 600'000);
}

TEST_CASE("a month leaves no more behind than a week, though more is due each "
          "day than can be done",
          "[growth]") {
  test::simulated_node node{quick_settings(), 20, 10};
  node.pass(7 * day, 5min);
  auto week = node.look();
  node.pass(21 * day, 5min);
  auto month = node.look();
  CHECK(is_within_a_tenth(month.bus_bytes, week.bus_bytes));
  CHECK(is_within_a_tenth(month.store_bytes, week.store_bytes));
  for (const auto& [stream, messages] : week.messages) {
    CAPTURE(stream);
    CHECK(is_within_a_tenth(month.messages[stream], messages));
  }
  for (const auto& [table, rows] : week.rows) {
    CAPTURE(table);
    CHECK(is_within_a_tenth(month.rows[table], rows));
  }
  // Each athlete's turn comes: there are 100 calls a day for 20.
  CHECK(month.stalest_ms <= day.count());
  // Permits are used to the last, and not one more.
  CHECK(month.calls == 2'800);
  CHECK(node.strava().refused() == 0);
}

TEST_CASE("jobs go on for a month though JOBS has room for those of a week",
          "[growth]") {
  auto config = quick_settings();
  config.budget.limits = {20, 100, 10, 50};
  config.bus.jobs = {365 * day, 80'000};
  test::simulated_node node{config, 10, 10};
  node.pass(7 * day, 30min);
  auto week = node.look();
  node.pass(21 * day, 30min);
  auto month = node.look();
  INFO("jobs kept: " << week.messages["JOBS"] << ", then "
                     << month.messages["JOBS"]);
  // One job, one call: the oldest have left.
  CHECK(month.calls - week.calls == 1'050);
  CHECK(month.messages["JOBS"] < 500);
  CHECK(month.stalest_ms <= day.count());
}
