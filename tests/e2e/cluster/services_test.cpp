// Several nodes of the real binary: who shares work with whom.

#include "tests/support/node_cluster.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

using namespace std::chrono_literals;

namespace {

constexpr auto first_athlete = 80'000'001;
constexpr auto athletes = 6;
constexpr auto activities = 100;
constexpr auto page_size = 10;

::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"},
                  {"STRAVASYNC_SIM_LATENCY", "20ms"},
                  {"STRAVASYNC_SIM_ACTIVITIES", std::to_string(activities)}},
          .nodes = {{"STRAVASYNC_SYNC_PAGE_SIZE", std::to_string(page_size)},
                    {"STRAVASYNC_CONSUMER_IN_FLIGHT", "2"}},
          .bus_url = {}};
}

bool all_complete(::test::node_cluster& all, const std::string& at) {
  for (auto i = 0; i < athletes; ++i)
    if (all.state_of(at, first_athlete + i) != "complete")
      return false;
  return true;
}

/// Whether a node's SYNC has done anything, from its metrics.
bool worked(::test::node_cluster& all, const std::string& name) {
  auto text = all.http(name).get("/metrics").body;
  auto key = std::string{"stravasync_actor_messages_total{class=\"sync\"} "};
  auto begin = text.find(key);
  return begin != std::string::npos
         && std::atoi(text.c_str() + begin + key.size()) > 0;
}

/// How often the simulator was asked for each page.
std::map<std::pair<std::int64_t, std::string>, int>
pages_asked_for(::test::node_cluster& all) {
  auto log = all.ask_sim("/sim/requests?since=0");
  std::map<std::pair<std::int64_t, std::string>, int> result;
  for (const auto& one : log.at("items").as_array())
    if (one.at("path").as_string().find("/athlete/activities")
        != std::string::npos)
      ++result[{one.at("athlete_id").to_number<std::int64_t>(),
                std::string{one.at("query").as_string()}}];
  return result;
}

bool all_are(const std::map<std::pair<std::int64_t, std::string>, int>& pages,
             int count) {
  return std::ranges::all_of(
    pages, [count](const auto& one) { return one.second == count; });
}

const auto actors_of = std::string{"/api/v1/admin/actors?node="};

/// Whether it is this node's tree and has an actor of that path that is up.
bool has_actor(const boost::json::value& tree, const std::string& node,
               const std::string& path) {
  return tree.at("node").as_string() == node
         && std::ranges::any_of(tree.at("nodes").as_array(),
                                [&](const auto& one) {
                                  return one.at("path").as_string() == path
                                         && one.at("state").as_string() == "up";
                                });
}

/// Messages that a durable of JOBS has not seen or not settled.
std::int64_t open_jobs(::test::node_cluster& all, const std::string& durable) {
  auto streams = all.get("api-1", "/api/v1/admin/streams");
  for (const auto& stream : streams.at("items").as_array())
    for (const auto& one : stream.at("durables").as_array())
      if (one.at("name").as_string() == durable)
        return one.at("pending").to_number<std::int64_t>()
               + one.at("ack_pending").to_number<std::int64_t>();
  return -1;
}

} // namespace

TEST_CASE("nodes of one service share the jobs, another one has its own copy",
          "[e2e][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  all.add("api-1", "api");
  all.add("api-2", "api");
  all.add("one", "consumer");
  all.add("two", "consumer");
  all.add("other", "consumer", {{"STRAVASYNC_CONSUMER_SERVICE", "other"}});
  for (const auto* name : {"api-1", "api-2", "one", "two"})
    all.start(name);
  for (auto i = 0; i < athletes; ++i)
    all.connect(first_athlete + i, "api-1", "api-2");
  REQUIRE(::test::eventually([&] { return all_complete(all, "api-2"); }, 60s));

  CHECK(worked(all, "one"));
  CHECK(worked(all, "two"));
  // Each job was done by one of them.
  auto pages = pages_asked_for(all);
  CHECK(pages.size() >= std::size_t{athletes} * activities / page_size);
  CHECK(all_are(pages, 1));

  // A service that comes later reads the stream from its beginning.
  all.start("other");
  auto mine = std::string{"other__stravasync_jobs_v1_SyncAthlete"};
  CHECK(::test::eventually([&] { return open_jobs(all, mine) == 0; }, 60s));
  CHECK(worked(all, "other"));
  // It finds their pages in INGEST: nothing is asked for or stored twice.
  CHECK(all_are(pages_asked_for(all), 1));
  for (auto i = 0; i < athletes; ++i) {
    auto target = "/api/v1/athletes/" + std::to_string(first_athlete + i)
                  + "/sync";
    CHECK(all.get("api-1", target).at("activities_stored") == activities);
  }
}

TEST_CASE("every node is listed, and one that dies is told of",
          "[e2e][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  for (const auto& [name, role] :
       std::vector<std::pair<std::string, std::string>>{
         {"api-1", "api"}, {"one", "consumer"}, {"clock", "worker,consumer"}}) {
    all.add(name, role, {{"STRAVASYNC_NODE_ID", name}});
    all.start(name);
  }
  auto state = [&](const std::string& id) -> std::string {
    auto nodes = all.get("api-1", "/api/v1/admin/nodes");
    for (const auto& node : nodes.at("items").as_array())
      if (node.at("id").as_string() == id)
        return std::string{node.at("state").as_string()};
    return "unknown";
  };
  for (const auto* name : {"api-1", "one", "clock"})
    CHECK(::test::eventually([&] { return state(name) == "up"; }, 10s));
  // Any api node shows the actors of each.
  for (const auto& [node, path] :
       std::vector<std::pair<std::string, std::string>>{
         {"api-1", "/api/tokens"},
         {"one", "/consumer/job-source"},
         {"clock", "/worker/scheduler"}})
    CHECK(has_actor(all.get("api-1", actors_of + node), node, path));
  // So that whoever scales can count them.
  auto numbers = all.http("api-1").get("/metrics").body;
  CHECK(numbers.find("\nstravasync_bus_up 1\n") != std::string::npos);
  CHECK(numbers.find("\nstravasync_nodes{role=\"consumer\",state=\"up\"} 2\n")
        != std::string::npos);
  CHECK(numbers.find("\nstravasync_durable_pending_messages{durable=\""
                     "consumer__stravasync_jobs_v1_SyncAthlete\","
                     "stream=\"JOBS\"} 0\n")
        != std::string::npos);

  all.at("one").kill_hard();
  CHECK(all.http("api-1").get(actors_of + "one").status == 503);
  CHECK(all.http("api-1").get(actors_of + "nobody").status == 404);
  CHECK(::test::eventually([&] { return state("one") == "lost"; }, 30s));
  CHECK(all.at("clock").stop(20s) == 0);
  CHECK(::test::eventually([&] { return state("clock") == "unknown"; }, 10s));

  auto health = all.run({"health", "--url", all.address("api-1")});
  CHECK(health.first == 0);
  CHECK(health.second == "ready\n");
  all.nats().kill_hard();
  CHECK(::test::eventually([&] { return !all.ready("api-1"); }, 20s));
  // A scrape is answered nevertheless, with what was known.
  auto known = all.http("api-1").get("/metrics").body;
  CHECK(known.find("\nstravasync_bus_up 0\n") != std::string::npos);
  CHECK(known.find("\nstravasync_stream_messages{") != std::string::npos);
  health = all.run({"health", "--url", all.address("api-1")});
  CHECK(health.first == 1);
  CHECK(health.second.find("not ready: bus: ") != std::string::npos);
  health = all.run({"health", "--alive", "--url", all.address("api-1")});
  CHECK(health.second == "alive\n");
  all.nats().start();
  CHECK(::test::eventually([&] { return all.ready("api-1"); }, 20s));
}

TEST_CASE("the budget is reset by a command that says yes", "[e2e][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{
    {.sim = {{"STRAVASYNC_SIM_ACTIVITIES", "10"}}, .nodes = {}, .bus_url = {}}};
  all.add("api", "api");
  all.add("consumer", "consumer");
  all.start("api");
  all.start("consumer");
  all.connect(first_athlete, "api", "api");
  REQUIRE(::test::eventually(
    [&] { return all.state_of("api", first_athlete) == "complete"; }, 30s));
  auto is_confirmed = [&] {
    return all.get("api", "/api/v1/admin/budget").at("confirmed").as_bool();
  };
  REQUIRE(is_confirmed());
  auto [refused, why]
    = all.run({"budget", "reset", "--url", all.address("api")});
  INFO(why);
  CHECK(refused == 2);
  CHECK(is_confirmed());
  auto [code, text]
    = all.run({"budget", "reset", "--yes", "--url", all.address("api")});
  INFO(text);
  CHECK(code == 0);
  CHECK(text.find("no answer has confirmed the limits yet")
        != std::string::npos);
  CHECK_FALSE(is_confirmed());
  CHECK(all.at("api").output().find("the ledger of the budget was reset")
        != std::string::npos);
}
