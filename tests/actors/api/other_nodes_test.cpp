#include "actors/api/operations.hpp"
#include "actors/nodes/inspection.hpp"
#include "actors/nodes/presence.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/local_requests.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using query::v1::ActorTree;

namespace {

known_actors actors_at(const std::string& node) {
  known_actors result{node, {}, {}};
  kit::actor_event event;
  event.path = "/of-" + node;
  event.to = kit::run_state::up;
  result.tree.note(event);
  return result;
}

struct fixture : test::actor_fixture {
  std::shared_ptr<stravasync::bus> the_bus = bus;
  std::shared_ptr<test::local_requests> network
    = std::make_shared<test::local_requests>();
  operations_actor uut = spawn(network);

  operations_actor spawn(std::shared_ptr<requests> others) {
    auto result
      = keep(system().spawn(operations, context("n1"), the_bus, actors_at("n1"),
                            std::move(others), operations_config{}));
    run();
    return result;
  }

  /// A node writes that it is there, and answers if `alive`.
  void announce(const std::string& id, bool alive) {
    query::v1::NodeList::Node node;
    node.set_id(id);
    bus->set(nodes_bucket, id, node.SerializeAsString());
    if (alive)
      keep(system().spawn(inspection, std::shared_ptr<requests>{network},
                          actors_at(id)));
    run();
  }

  caf::expected<ActorTree> actors_of(const std::string& node) {
    query::v1::GetActors question;
    question.set_node(node);
    return ask<ActorTree>(uut, question);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "without a name it is this node's actors",
                 "[operations]") {
  for (const auto* name : {"", "n1"}) {
    auto tree = actors_of(name);
    REQUIRE(tree);
    CHECK(tree->node() == "n1");
    CHECK(tree->nodes(0).path() == "/of-n1");
  }
  CHECK(network->asked().empty());
}

TEST_CASE_METHOD(fixture, "another node is asked for its own actors",
                 "[operations]") {
  announce("n2", true);
  announce("n3", true);
  auto tree = actors_of("n3");
  REQUIRE(tree);
  CHECK(tree->node() == "n3");
  CHECK(tree->nodes(0).path() == "/of-n3");
}

TEST_CASE_METHOD(fixture, "a node that is gone or silent is named",
                 "[operations]") {
  announce("n2", false);
  auto gone = actors_of("n2");
  REQUIRE_FALSE(gone);
  CHECK(code_of(gone.error()) == ec::unavailable);
  CHECK(detail_of(gone.error()) == "node n2 does not answer");
  announce("n3", true);
  network->lose(1);
  auto silent = actors_of("n3");
  REQUIRE_FALSE(silent);
  CHECK(code_of(silent.error()) == ec::timed_out);
  CHECK(detail_of(silent.error()) == "node n3 does not answer");
}

TEST_CASE_METHOD(fixture, "a node that answers with too many parts is not read",
                 "[operations]") {
  announce("n2", false);
  std::shared_ptr<responder_place> place;
  network->serve(
    inspection_subject("n2"), "",
    [](const std::string&, const completion<std::string>& done) {
      std::string empties;
      for (auto i = 0; i < 2'000'000; ++i)
        empties.append("\x12\0", 2);
      done(std::move(empties));
    },
    [&](caf::expected<std::shared_ptr<responder_place>> got) {
      place = std::move(*got);
    });
  auto tree = actors_of("n2");
  REQUIRE_FALSE(tree);
  CHECK(code_of(tree.error()) == ec::internal);
  CHECK(detail_of(tree.error()) == "node n2 answers nonsense");
}

TEST_CASE_METHOD(fixture, "a node that nobody heard of is not asked",
                 "[operations]") {
  auto unknown = actors_of("n9");
  REQUIRE_FALSE(unknown);
  CHECK(code_of(unknown.error()) == ec::not_found);
  CHECK(network->asked().empty());
  // One process with the bus inside has no others.
  uut = spawn(nullptr);
  CHECK(actors_of("n1"));
  CHECK(code_of(actors_of("n2").error()) == ec::not_found);
}
