#include "adapters/http/node_table.hpp"

#include "adapters/http/documents.hpp"
#include "messages/error.hpp"
#include "tests/adapters/http/api_fixture.hpp"

namespace stravasync::http {

namespace {

void add_node(query::v1::NodeList& to, const std::string& id,
              const std::string& state) {
  auto* node = to.add_nodes();
  node->set_id(id);
  node->set_state(state);
  node->add_roles("api");
  node->add_roles("worker");
  node->set_version("0.1.0");
  node->set_started_at_ms(sample_start_ms);
}

caf::expected<std::string> actors_of(const std::string& id) {
  if (id == "mute")
    return make_failure(ec::timed_out, "node mute does not answer");
  query::v1::ActorTree tree;
  for (const auto* path : {"/api", "/api/store", "/api/tokens"}) {
    auto* actor = tree.add_nodes();
    actor->set_path(path);
    actor->set_state("up");
    actor->set_restarts(2);
  }
  if (id == "ill") {
    tree.mutable_nodes(1)->set_state("down");
    tree.mutable_nodes(1)->set_last_error("no disk");
  }
  if (id == "poor") {
    for (const auto* name : {"buckets", "disk", "streams"})
      tree.add_parts()->set_name(name);
    tree.mutable_parts(0)->set_problem("bucket LEADERS: not permitted");
    tree.mutable_parts(2)->set_problem("stream JOBS: it is missing");
  }
  return to_json(tree);
}

} // namespace

TEST_CASE("a terminal obeys nothing in the roles of a node") {
  query::v1::NodeList list;
  add_node(list, "gone", "lost");
  list.mutable_nodes(0)->set_roles(0, "\xC2\x9B"
                                      "2J\x7F");
  auto table = nodes_table(to_json(list), actors_of);
  REQUIRE(table);
  CHECK(table->find(R"(\u009b2J\u007f,worker)") != std::string::npos);
}

TEST_CASE("nodes are a table with what is wrong at each") {
  query::v1::NodeList list;
  add_node(list, "fine", "up");
  add_node(list, "gone", "lost");
  add_node(list, "ill", "up");
  add_node(list, "mute", "up");
  auto table = nodes_table(to_json(list), actors_of);
  REQUIRE(table);
  CHECK(*table
        == "NODE  STATE  ROLES       VERSION  STARTED (UTC)        "
           "ACTORS UP  RESTARTS  PROBLEM\n"
           "fine  up     api,worker  0.1.0    2023-09-03 22:29:20  "
           "3/3        6         -\n"
           "gone  lost   api,worker  0.1.0    2023-09-03 22:29:20  "
           "-          -         nothing is heard of it\n"
           "ill   up     api,worker  0.1.0    2023-09-03 22:29:20  "
           "2/3        6         /api/store is down: no disk\n"
           "mute  up     api,worker  0.1.0    2023-09-03 22:29:20  "
           "-          -         node mute does not answer\n");
}

TEST_CASE("without nodes, or from somebody else, the table says so") {
  auto none = nodes_table(to_json(query::v1::NodeList{}), actors_of);
  CHECK(none == "no node has said yet that it is there\n");
  auto foreign = nodes_table("{}", actors_of);
  REQUIRE_FALSE(foreign);
  CHECK(code_of(foreign.error()) == ec::malformed);
}

TEST_CASE("what a node lacks comes before its actors") {
  query::v1::NodeList list;
  add_node(list, "poor", "up");
  auto table = nodes_table(to_json(list), actors_of);
  REQUIRE(table);
  CHECK(table->find("3/3        6         buckets: bucket LEADERS: not "
                    "permitted; streams: stream JOBS: it is missing\n")
        != std::string::npos);
}

} // namespace stravasync::http
