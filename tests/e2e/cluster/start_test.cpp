// What a node says at its start when what it needs is away or wrong.

#include "actors/ports/answer_of.hpp"
#include "adapters/jetstream/jetstream.hpp"
#include "adapters/telemetry/log_writer.hpp"
#include "tests/support/node_cluster.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace std::chrono_literals;

namespace {

bool says(::test::node& of, const std::string& text) {
  return ::test::eventually(
    [&] { return of.output().find(text) != std::string::npos; }, 20s);
}

int count(const std::string& in, const std::string& what) {
  auto result = 0;
  for (auto at = in.find(what); at != std::string::npos;
       at = in.find(what, at + 1))
    ++result;
  return result;
}

/// Makes a stream that is not one of the product's.
bool make_stream(const std::string& url, stravasync::stream_config config) {
  auto journal = stravasync::telemetry::make_log({});
  auto on = stravasync::jetstream::open({.urls = {url}}, *journal);
  return on && stravasync::answer_of<bool>([&](auto done) {
           on->messages->ensure(std::move(config), done);
         });
}

struct fixture {
  fixture() {
    REQUIRE_CLUSTER();
    all.emplace(::test::node_cluster::settings{});
  }

  /// The exit code and text of a node that is started with `more` and fails.
  std::pair<int, std::string>
  fails(const std::string& role, ::test::variables more) {
    auto name = "n" + std::to_string(++nodes);
    auto& one = all->add(name, role, std::move(more));
    all->launch(name);
    auto code = one.program().wait(30s);
    return {code.value_or(-1), one.output()};
  }

  std::optional<::test::node_cluster> all;
  int nodes = 0;
};

} // namespace

TEST_CASE_METHOD(fixture, "a node waits for the bus and says so once",
                 "[e2e][cluster]") {
  all->nats().kill_hard();
  auto& node = all->add("late", "worker");
  all->launch("late");
  CHECK(says(node, "waiting for the bus"));
  CHECK(::test::eventually(
    [&] {
      try {
        return all->http("late").get("/healthz").status == 200;
      } catch (const std::exception&) {
        return false;
      }
    },
    10s));
  CHECK(all->http("late").get("/readyz").status == 503);
  all->nats().start();
  CHECK(::test::eventually([&] { return all->ready("late"); }, 30s));
  CHECK(count(node.output(), "waiting for the bus") == 1);

  // The same with nobody to wait: it ends.
  all->nats().kill_hard();
  auto [code, text] = fails("worker", {{"STRAVASYNC_NODE_FAIL_FAST", "true"}});
  CHECK(code == 1);
  INFO(text);
  CHECK(text.find("bus.url") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "an api node waits for its database",
                 "[e2e][cluster]") {
  all->postgres().kill();
  auto& node = all->add("late", "api");
  all->launch("late");
  CHECK(says(node, "waiting for the database"));
  all->postgres().start();
  CHECK(::test::eventually([&] { return all->ready("late"); }, 30s));
  CHECK(node.output().find(::test::postgres_server::password)
        == std::string::npos);
}

TEST_CASE_METHOD(fixture, "a schema that is behind is not made by an api node",
                 "[e2e][cluster]") {
  auto empty = all->postgres().create_database();
  auto [code, text]
    = fails("api", {{"STRAVASYNC_NODE_FAIL_FAST", "true"},
                    {"STRAVASYNC_STORE_URL", all->postgres().url(empty)}});
  CHECK(code == 1);
  INFO(text);
  CHECK(text.find("stravasync migrate") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "what is wrong for good ends the start",
                 "[e2e][cluster]") {
  SECTION("the database's name") {
    auto [code, text] = fails(
      "api", {{"STRAVASYNC_STORE_URL", all->postgres().url("nowhere")}});
    INFO(text);
    CHECK(code == 1);
    CHECK(text.find("nowhere") != std::string::npos);
  }
  SECTION("the database's password") {
    auto [code, text] = fails("api", {{"TEST_STORE_PASSWORD", "not the one"}});
    INFO(text);
    CHECK(code == 1);
    CHECK(text.find("password") != std::string::npos);
    CHECK(text.find("not the one") == std::string::npos);
  }
  SECTION("a stream with other limits") {
    all->add("first", "worker");
    all->start("first");
    auto limits = ::test::variables{{"STRAVASYNC_BUS_JOBS_MAX_BYTES", "32MiB"}};
    auto [code, text] = fails("worker", limits);
    INFO(text);
    CHECK(code == 1);
    CHECK(text.find("JOBS") != std::string::npos);
    CHECK(text.find("33554432") != std::string::npos);
    CHECK(text.find("stravasync streams apply`") != std::string::npos);
    CHECK(text.find("stream JOBS: stream JOBS") == std::string::npos);
    auto applied
      = all->run({"--set", "bus.jobs_max_bytes=32MiB", "streams", "apply"});
    INFO(applied.second);
    CHECK(applied.first == 0);
    all->add("second", "worker", limits);
    all->start("second");
  }
  SECTION("a stream that has its subjects") {
    REQUIRE(make_stream(all->nats().url(),
                        {.name = "OTHER", .subjects = "jobs.other.>"}));
    auto [code, text] = fails("worker", {});
    INFO(text);
    CHECK(code == 1);
    CHECK(text.find("stream JOBS: subjects overlap") != std::string::npos);
    // It would not help.
    CHECK(text.find("streams apply") == std::string::npos);
  }
}
