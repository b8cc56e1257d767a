#include "actors/kit/events.hpp"

#include "actors/kit/fault.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;
using kit::run_state;

TEST_CASE("the tree keeps the last state of each path, sorted", "[events]") {
  const auto uut = kit::actor_tree{};
  const auto same = uut;
  same.note({.path = "/b", .actor_class = "b", .to = run_state::up});
  same.note({.path = "/a", .to = run_state::starting});
  same.note({.path = "/a", .actor_class = "a", .to = run_state::up});
  const auto nodes = uut.snapshot();
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].path == "/a");
  CHECK(nodes[0].actor_class == "a");
  CHECK(nodes[0].state == run_state::up);
  CHECK(nodes[1].path == "/b");
}

TEST_CASE("the last error stays when the actor is up again", "[events]") {
  const auto uut = kit::actor_tree{};
  uut.note({.path = "/a",
            .to = run_state::down,
            .reason = kit::make_fault(kit::fault::crashed, "no disk"),
            .retry_after = 1h,
            .dropped = 2});
  auto node = uut.snapshot().front();
  CHECK(node.last_error == "no disk");
  CHECK(node.retry_after > 59min);
  CHECK(node.retry_after <= 1h);
  uut.note({.path = "/a", .to = run_state::up, .restarts = 1, .dropped = 1});
  node = uut.snapshot().front();
  CHECK(node.state == run_state::up);
  CHECK(node.last_error == "no disk");
  CHECK(node.retry_after == 0ms);
  CHECK(node.restarts == 1);
  CHECK(node.dropped == 3);
}

TEST_CASE("every state has a name", "[events]") {
  CHECK(kit::to_string(run_state::idle) == "idle");
  CHECK(kit::to_string(run_state::starting) == "starting");
  CHECK(kit::to_string(run_state::probing) == "probing");
  CHECK(kit::to_string(run_state::up) == "up");
  CHECK(kit::to_string(run_state::down) == "down");
  CHECK(kit::to_string(run_state::stopping) == "stopping");
  CHECK(kit::to_string(run_state::stopped) == "stopped");
}
