// Idle nodes while something that they need goes away: whether they say so.

#include "adapters/jetstream/jetstream.hpp"
#include "messages/state.pb.h"
#include "tests/support/node_cluster.hpp"
#include "tests/support/silent_log.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>

using namespace stravasync;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// Nothing is to do for these nodes but what the tests ask for.
::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_ACTIVITIES", "10"}},
          .nodes = {{"STRAVASYNC_STORE_CONNECT_TIMEOUT", "1s"}},
          .bus_url = {}};
}

/// @returns what the part lacks, by a node's `/readyz`; empty: nothing, or
/// there is no such part.
std::string problem_of(::test::node_cluster& all, const std::string& node,
                       const std::string& part) {
  auto document = boost::json::parse(all.http(node).get("/readyz").body);
  for (const auto& one : document.at("parts").as_array())
    if (one.at("part").as_string() == part && one.at("problem").is_string())
      return std::string{one.at("problem").as_string()};
  return {};
}

int status_of(::test::node_cluster& all, const std::string& node) {
  return all.http(node).get("/readyz").status;
}

bool holds(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

/// @returns whether a node that was launched soon says this of its buckets.
bool says_of_buckets(::test::node_cluster& all, const std::string& node,
                     const std::string& what) {
  return ::test::eventually(
    [&] {
      try {
        return holds(problem_of(all, node, "buckets"), what);
      } catch (const std::exception&) {
        return false; // It does not listen yet.
      }
    },
    60s);
}

/// Gives the bus two users: "full", and "less" who may not publish to `denied`,
/// one subject or more with `", "` between them.
void configure_users(::test::node_cluster& all, const std::string& denied) {
  all.nats().configure({.configuration = R"(authorization { users = [
    {user: full, password: pw}
    {user: less, password: pw, permissions: {
      publish: {deny: [")" + denied + R"("]}}}
  ]})"});
  all.nats().kill_hard();
  all.nats().start();
}

::test::variables as_user(const std::string& name) {
  return {{"STRAVASYNC_BUS_USER", name},
          {"STRAVASYNC_BUS_PASSWORD", "env:TEST_BUS"},
          {"TEST_BUS", "pw"}};
}

/// The bus as somebody else has it.
jetstream::connection
open_bus(const ::test::nats_server& on, const std::string& user = {}) {
  static ::test::silent_log journal;
  auto opened = jetstream::open({.urls = {on.url()},
                                 .name = "test",
                                 .user = user,
                                 .password = user.empty() ? "" : "pw"},
                                journal);
  REQUIRE(opened);
  return *opened;
}

std::string ask(const jetstream::connection& on, const std::string& subject) {
  std::promise<caf::expected<std::string>> got;
  on.questions->ask(subject, "", 5s,
                    [&](auto answer) { got.set_value(std::move(answer)); });
  auto answer = got.get_future().get();
  REQUIRE(answer);
  return *answer;
}

void write(const jetstream::connection& on, const std::string& key,
           const state::v1::ScheduleState& value) {
  std::promise<caf::expected<std::uint64_t>> got;
  on.messages->put("SCHEDULES", key, value.SerializeAsString(), 0,
                   [&](auto revision) { got.set_value(std::move(revision)); });
  REQUIRE(got.get_future().get());
}

/// Writes more to the nodes' bucket than fits into what it has of the disk,
/// whatever comes of it.
void write_much(const jetstream::connection& on) {
  constexpr auto much = std::size_t{1} << 16;
  std::promise<void> answered;
  on.messages->put("NODES", "filler", std::string(much, 'x'), 0,
                   [&](const auto&) { answered.set_value(); });
  answered.get_future().wait();
}

} // namespace

TEST_CASE("an idle node says that its database is gone, and when it is back",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  all.add("api", "api");
  all.start("api");
  all.postgres().kill();
  // Nobody asks for anything.
  CHECK(::test::eventually([&] { return status_of(all, "api") == 503; }, 20s));
  CHECK(::test::eventually(
    [&] { return !problem_of(all, "api", "database").empty(); }, 20s));
  CHECK(::test::eventually(
    [&] { return !problem_of(all, "api", "database reads").empty(); }, 20s));
  CHECK(all.http("api").get("/healthz").status == 200);
  all.postgres().start();
  CHECK(::test::eventually([&] { return all.ready("api"); }, 30s));
}

TEST_CASE("a database that refuses what is written is said, with its words",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  all.add("api", "api");
  all.start("api");
  // It answers, but not as it should.
  all.postgres().run(all.database(), "ALTER TABLE outbox RENAME TO elsewhere");
  CHECK(::test::eventually(
    [&] {
      return holds(problem_of(all, "api", "database"),
                   "\"outbox\" does not exist");
    },
    20s));
  CHECK(status_of(all, "api") == 503);
  all.postgres().run(all.database(), "ALTER TABLE elsewhere RENAME TO outbox");
  // What was denied is over once no write has met it for 30 s.
  CHECK(::test::eventually([&] { return all.ready("api"); }, 60s));
  INFO(all.at("api").output());
  CHECK(holds(all.at("api").output(), "a part of this node does not work"));
}

TEST_CASE("streams that are deleted and cannot be made again are missed",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  configure_users(all, "$JS.API.STREAM.CREATE.>");
  all.add("maker", "api", as_user("full"));
  all.start("maker");
  REQUIRE(all.at("maker").stop(20s) == 0);
  all.add("api", "api", as_user("less"));
  all.add("worker", "worker", as_user("less"));
  all.start("api");
  all.start("worker");
  auto bus = open_bus(all.nats(), "full");
  for (const auto* stream : {"JOBS", "EVENTS"})
    ask(bus, std::string{"$JS.API.STREAM.DELETE."} + stream);
  for (const auto* node : {"api", "worker"}) {
    INFO(node);
    CHECK(::test::eventually(
      [&] {
        return holds(problem_of(all, node, "streams"),
                     "stream JOBS: it is missing");
      },
      20s));
    CHECK(status_of(all, node) == 503);
  }
}

TEST_CASE("a schedule that nobody runs is said by every api node, which serves "
          "on",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  all.add("api", "api");
  all.start("api");
  state::v1::ScheduleState late;
  late.set_finished(true);
  late.set_slot_ms(system_wall_clock()() - 3'600'000);
  late.set_next_slot_ms(system_wall_clock()() - 600'000);
  write(open_bus(all.nats()), "incremental", late);
  CHECK(::test::eventually(
    [&] {
      return holds(problem_of(all, "api", "schedules"),
                   "incremental: should have run");
    },
    20s));
  CHECK(status_of(all, "api") == 200);
  auto [code, text] = all.run({"schedules", "--url", all.address("api")});
  CHECK(code == 0);
  CHECK(holds(text, "incremental should have run 10 min ago, and did not"));
  auto [healthy, said] = all.run({"health", "--url", all.address("api")});
  CHECK(healthy == 0);
  CHECK(holds(said, "ready without schedules: incremental: should have run"));
  // A worker comes, runs it, and nothing is left to say.
  all.add("worker", "worker");
  all.start("worker");
  CHECK(::test::eventually(
    [&] { return problem_of(all, "api", "schedules").empty(); }, 30s));
}

TEST_CASE("a worker that may not write its lease says so",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  configure_users(all, "$KV.LEADERS.>");
  all.add("api", "api", as_user("full"));
  all.add("worker", "worker", as_user("less"));
  all.start("api");
  all.launch("worker");
  REQUIRE(says_of_buckets(all, "worker", "bucket LEADERS: "));
  INFO(problem_of(all, "worker", "buckets"));
  CHECK(holds(problem_of(all, "worker", "buckets"), "denies"));
  CHECK(status_of(all, "worker") == 503);
  CHECK(status_of(all, "api") == 200);
  auto [code, text] = all.run({"nodes", "--url", all.address("api")});
  INFO(text);
  CHECK(code == 0);
  CHECK(holds(text, "buckets: bucket LEADERS: "));
}

TEST_CASE("idle nodes that may not write what a consent or a redelivery needs "
          "say so",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  configure_users(all, R"($KV.CONNECTS.>", "$KV.ATTEMPTS.>)");
  all.add("api", "api", as_user("less"));
  all.add("consumer", "consumer", as_user("less"));
  all.launch("api");
  all.launch("consumer");
  CHECK(says_of_buckets(all, "api", "bucket CONNECTS: "));
  CHECK(says_of_buckets(all, "api", "bucket ATTEMPTS: "));
  CHECK(says_of_buckets(all, "consumer", "bucket ATTEMPTS: "));
  INFO(problem_of(all, "api", "buckets"));
  CHECK(status_of(all, "api") == 503);
  CHECK(status_of(all, "consumer") == 503);
}

TEST_CASE("a bus without room on its disk is said", "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  all.nats().kill_hard();
  // Streams may be larger than what is there, as on many a server.
  all.nats().configure({.jetstream = false,
                        .configuration = "jetstream { store_dir: \""
                                         + all.nats().file("store")
                                         + "\", max_file_store: 20GB }"});
  auto store = fs::path{all.nats().file("store")};
  fs::create_directories(store);
  if (::mount("tmpfs", store.c_str(), "tmpfs", 0, "size=8m") != 0)
    SKIP("a small file system cannot be mounted here");
  auto unmount = std::unique_ptr<const fs::path, void (*)(const fs::path*)>{
    &store,
    [](const fs::path* where) { ::umount2(where->c_str(), MNT_DETACH); }};
  all.nats().start();
  all.add("api", "api");
  all.start("api");
  {
    std::ofstream filler{store / "filler"};
    auto block = std::string(4'096, 'x');
    while (
      filler.write(block.data(), static_cast<std::streamsize>(block.size()))
        .flush()) {
    }
  }
  // What fits into the blocks that it has already would still be taken.
  write_much(open_bus(all.nats()));
  CHECK(::test::eventually([&] { return status_of(all, "api") == 503; }, 30s));
  INFO(problem_of(all, "api", "buckets"));
  INFO(problem_of(all, "api", "streams"));
  CHECK_FALSE(problem_of(all, "api", "buckets").empty());
  fs::remove(store / "filler");
  // nats-server gives JetStream up when its disk is full, until it is
  // restarted.
  all.nats().kill_hard();
  all.nats().start();
  CHECK(::test::eventually([&] { return all.ready("api"); }, 30s));
}
