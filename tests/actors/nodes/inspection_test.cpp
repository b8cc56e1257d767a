#include "actors/nodes/inspection.hpp"

#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/local_requests.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture {
  std::shared_ptr<test::local_requests> network
    = std::make_shared<test::local_requests>();
  known_actors known{"n1", {}, {}};

  void start() {
    keep(system().spawn(inspection, std::shared_ptr<requests>{network}, known));
    run();
  }

  /// The answer to another node's question, taken without letting any actor
  /// run.
  query::v1::ActorTree answer_of(const std::string& node) {
    query::v1::ActorTree result;
    network->ask(inspection_subject(node), {}, 1s,
                 [&](const caf::expected<std::string>& got) {
                   REQUIRE(got);
                   CHECK(result.ParseFromString(*got));
                 });
    return result;
  }
};

kit::actor_event went_down(const std::string& path) {
  kit::actor_event event;
  event.path = path;
  event.actor_class = "store";
  event.to = kit::run_state::down;
  event.reason = make_failure(ec::unavailable, "no disk");
  event.restarts = 3;
  return event;
}

} // namespace

TEST_CASE_METHOD(fixture,
                 "a node tells others of its actors, even if none of them runs",
                 "[nodes]") {
  start();
  known.tree.note(went_down("/api/store"));
  auto meter = known.statistics.meter_for("store");
  meter->count(500ms, 4);
  auto tree = answer_of("n1");
  CHECK(tree.node() == "n1");
  REQUIRE(tree.nodes_size() == 1);
  CHECK(tree.nodes(0).path() == "/api/store");
  CHECK(tree.nodes(0).state() == "down");
  CHECK(tree.nodes(0).restarts() == 3);
  CHECK(tree.nodes(0).last_error() == "no disk");
  auto counted = false;
  for (const auto& one : tree.classes())
    counted |= one.actor_class() == "store" && one.handled() == 1
               && one.busy_s() == 0.5 && one.waiting() == 4;
  CHECK(counted);
}

TEST_CASE("each node has a subject of its own, whatever its id", "[nodes]") {
  CHECK(inspection_subject("host-1_a") == "ask.get_actors.host-1_a");
  CHECK(inspection_subject("a.b c*>=\xC3")
        == "ask.get_actors.a=2Eb=20c=2A=3E=3D=C3");
}
