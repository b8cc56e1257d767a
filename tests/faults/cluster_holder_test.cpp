// What a node holds when it is killed.

#include "tests/support/node_cluster.hpp"

#include <boost/json/value.hpp>
#include <catch2/catch_test_macros.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <string>

using namespace std::chrono_literals;

namespace {

constexpr auto athlete = 80'000'001;

/// @returns how often the simulator was asked for a page.
std::ptrdiff_t calls(::test::node_cluster& all) {
  auto log = all.ask_sim("/sim/requests?since=0");
  return std::ranges::count_if(log.at("items").as_array(), [](const auto& one) {
    return one.at("path").as_string().find("/athlete/activities")
           != std::string::npos;
  });
}

/// @returns how many pages are with nodes that have not settled them.
std::int64_t pages_held(::test::node_cluster& all) {
  auto list = all.get("api", "/api/v1/admin/streams");
  auto held = std::int64_t{0};
  for (const auto& stream : list.at("items").as_array())
    if (stream.at("name").as_string() == "INGEST")
      for (const auto& durable : stream.at("durables").as_array())
        held += durable.at("ack_pending").to_number<std::int64_t>();
  return held;
}

} // namespace

TEST_CASE("a job whose holder is killed twice in a row is soon taken up again "
          "each time",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{
    {.sim = {{"STRAVASYNC_SIM_ACTIVITIES", "10"}}, .nodes = {}, .bus_url = {}}};
  all.add("api", "api");
  all.add("consumer", "consumer");
  all.start("api");
  all.start("consumer");
  // What the first request of all may cost is known by then.
  all.connect(athlete, "api", "api");
  REQUIRE(::test::eventually(
    [&] { return all.state_of("api", athlete) == "complete"; }, 30s));
  // Whoever has a job from now on keeps it.
  auto hang = R"({"mode":"hang","path":"/athlete/activities"})";
  REQUIRE(
    ::test::http_client{all.sim_address()}.post("/sim/faults", hang).status
    < 300);
  auto before = calls(all);
  all.connect(athlete + 1, "api", "api");
  REQUIRE(::test::eventually([&] { return calls(all) == before + 1; }, 20s));
  for (auto kills : {1, 2}) {
    all.at("consumer").kill_hard();
    all.launch("consumer");
    // An ack wait, and what a new process needs.
    CHECK(::test::eventually([&] { return calls(all) == before + 1 + kills; },
                             10s));
  }
}

TEST_CASE("a page whose holder is killed is soon taken up again",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{
    {.sim = {{"STRAVASYNC_SIM_ACTIVITIES", "10"}}, .nodes = {}, .bus_url = {}}};
  all.add("api", "api");
  all.add("consumer", "consumer");
  all.start("api");
  all.start("consumer");
  all.connect(athlete, "api", "api");
  REQUIRE(::test::eventually(
    [&] { return all.state_of("api", athlete) == "complete"; }, 30s));
  {
    // Whoever has a page from now on cannot write it.
    pqxx::connection link{all.postgres().socket_url(all.database())};
    pqxx::work holds{link};
    holds.exec("LOCK TABLE activity IN SHARE MODE");
    all.connect(athlete + 1, "api", "api");
    REQUIRE(::test::eventually([&] { return pages_held(all) > 0; }, 20s));
    all.at("api").kill_hard();
  }
  all.launch("api");
  // An ack wait, and what a new process needs.
  CHECK(::test::eventually(
    [&] {
      try {
        return all.state_of("api", athlete + 1) == "complete";
      } catch (const std::exception&) {
        return false; // It does not listen yet.
      }
    },
    10s));
}
