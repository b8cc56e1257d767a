#include "actors/nodes/node_registry.hpp"
#include "actors/nodes/presence.hpp"
#include "messages/error.hpp"
#include "tests/adapters/embedded_bus/log_lines.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

key_value_change change_of(const std::string& id) {
  query::v1::NodeList::Node node;
  node.set_id(id);
  node.add_roles("worker");
  return {id, node.SerializeAsString(), 1};
}

struct presence_fixture : ::test::actor_fixture {
  std::shared_ptr<stravasync::test::log_lines> lines
    = std::make_shared<stravasync::test::log_lines>();
  caf::actor uut = start();

  presence_fixture() {
    run();
  }

  caf::actor start() {
    auto known = context("n1");
    known.journal = lines;
    auto describe = [this, started = *now] {
      query::v1::NodeList::Node node;
      node.set_id("n1");
      node.set_started_at_ms(started);
      node.set_seen_at_ms(*now);
      return node;
    };
    return keep(system().spawn(presence, std::move(known),
                               std::shared_ptr<key_value>{bus}, describe));
  }

  [[nodiscard]] std::ptrdiff_t warnings() const {
    return lines->count(log_level::warning);
  }

  unix_ms seen() {
    query::v1::NodeList::Node node;
    REQUIRE(node.ParseFromString(bus->value(nodes_bucket, "n1")));
    return node.seen_at_ms();
  }
};

const auto t0 = node_registry::time_point{} + 1h;

} // namespace

TEST_CASE_METHOD(presence_fixture, "a node says again and again that it lives",
                 "[nodes]") {
  CHECK(seen() == *now);
  pass(presence_every);
  CHECK(seen() == *now);
}

TEST_CASE_METHOD(presence_fixture, "it goes on where somebody tidied up",
                 "[nodes]") {
  bus->set(nodes_bucket, "n1", "something else");
  pass(presence_every);
  CHECK(seen() == *now);
}

TEST_CASE_METHOD(presence_fixture, "two nodes of one name say so, once each",
                 "[nodes]") {
  pass(1'000ms);
  start();
  run();
  CHECK(warnings() == 0); // The other could be one that is no more.
  for (auto i = 0; i < 5; ++i)
    pass(presence_every);
  CHECK(warnings() == 2);
}

TEST_CASE_METHOD(presence_fixture, "one who is told of twice is no other",
                 "[nodes]") {
  auto mine = bus->value(nodes_bucket, "n1");
  bus->set(nodes_bucket, "n1", mine);
  pass(presence_every);
  CHECK(seen() == *now);
  CHECK(warnings() == 0);
}

TEST_CASE_METHOD(presence_fixture, "a bus that is away does not end it",
                 "[nodes]") {
  bus->fail("put", make_failure(ec::unavailable, "away"), 3);
  auto before = seen();
  pass(presence_every);
  CHECK(seen() == before);
  pass(presence_every);
  pass(presence_every);
  pass(presence_every);
  CHECK(seen() == *now);
}

TEST_CASE_METHOD(presence_fixture, "a node that stops takes its entry along",
                 "[nodes]") {
  stop(uut);
  CHECK(bus->value(nodes_bucket, "n1").empty());
}

TEST_CASE_METHOD(presence_fixture, "a bus that is away does not hold it back",
                 "[nodes]") {
  auto end = end_of(uut);
  bus->hold("erase");
  stop(uut);
  CHECK_FALSE(end->has_value());
  pass(1'000ms);
  CHECK(end->has_value());
}

TEST_CASE("silence makes a node lost, then forgotten", "[nodes]") {
  node_registry registry{10s, 60s};
  registry.note(change_of("a"), t0);
  registry.note(change_of("b"), t0);
  registry.note(change_of("b"), t0 + 9s);
  auto list = registry.list(t0 + 11s);
  REQUIRE(list.nodes_size() == 2);
  CHECK(list.nodes(0).state() == "lost");
  CHECK(list.nodes(1).state() == "up");
  CHECK(registry.take_forgotten(t0 + 61s) == std::vector<std::string>{"a"});
  CHECK(registry.list(t0 + 61s).nodes_size() == 1);
  CHECK(registry.take_forgotten(t0 + 61s).empty());
}

TEST_CASE("a node that left is not shown", "[nodes]") {
  node_registry registry{10s, 60s};
  registry.note(change_of("a"), t0);
  registry.note({"a", std::nullopt, 2}, t0);
  registry.note({"b", "rubbish", 3}, t0);
  CHECK(registry.list(t0).nodes_size() == 0);
}

TEST_CASE("what no node would write of itself is not shown", "[nodes]") {
  node_registry registry{10s, 60s};
  auto show = [&](const std::string& key, query::v1::NodeList::Node node) {
    registry.note({key, node.SerializeAsString(), 1}, t0);
  };
  query::v1::NodeList::Node node;
  node.set_id("a");
  node.add_roles("<img src=x onerror=alert(1)>");
  show("a", node);
  node.set_roles(0, "worker");
  node.set_version(std::string(10'000, 'x'));
  show("a", node);
  node.set_version("1.0.0");
  node.set_started_at_ms(std::numeric_limits<std::int64_t>::max());
  show("a", node);
  node.set_started_at_ms(1);
  node.set_id(std::string(200, 'a'));
  show(node.id(), node);
  node.set_id("a");
  show("b", node); // Of another.
  for (auto i = 0; i < 100; ++i)
    node.add_roles("worker");
  show("a", node);
  CHECK(registry.list(t0).nodes_size() == 0);
}

TEST_CASE("however many are made up, those that live are shown", "[nodes]") {
  node_registry registry{10s, 60s};
  registry.note(change_of("real"), t0);
  for (auto i = 0; i < 5'000; ++i)
    registry.note(change_of("n" + std::to_string(i)), t0 + 1s);
  registry.note(change_of("real"), t0 + 3s);
  for (auto i = 5'000; i < 5'400; ++i)
    registry.note(change_of("n" + std::to_string(i)), t0 + 4s);
  CHECK(registry.crowded());
  CHECK(registry.list(t0 + 4s).nodes_size() == nodes_max);
  CHECK(registry.knows("real"));
  auto tidied = std::size_t{0};
  for (;;) {
    auto some = registry.take_forgotten(t0 + 62s);
    CHECK(some.size() <= 100);
    if (some.empty())
      break;
    tidied += some.size();
  }
  CHECK(tidied > 4'900);
}
