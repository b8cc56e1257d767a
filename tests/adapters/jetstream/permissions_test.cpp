#include "tests/adapters/jetstream/jetstream_fixture.hpp"

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

/// User "ada" may do all, "bob" may not publish jobs nor make streams.
struct permissions_fixture : jetstream_fixture {
  permissions_fixture()
    : jetstream_fixture({.configuration = R"(
authorization { users: [
  { user: ada, password: a }
  { user: bob, password: b, permissions: {
      publish: { deny: ["jobs.>", "$JS.API.STREAM.CREATE.>"] }
      subscribe: { deny: ["secret.>"] } } }
  { user: eve, password: e, permissions: {
      publish: { deny: ["$JS.API.>"] } } }
] })"}) {
  }

  jetstream::connection as(const std::string& user) {
    return connect(
      {.urls = {server->url()}, .user = user, .password = user.substr(0, 1)});
  }
};

} // namespace

TEST_CASE_METHOD(permissions_fixture, "what is not permitted is denied",
                 "[jetstream]") {
  auto ada = as("ada");
  REQUIRE(bus_probe{ada.messages}.ensure(jobs));
  auto bob = as("bob");
  auto bus = bus_probe{bob.messages};
  for (auto i = 0; i < 3; ++i) {
    auto got = bus.publish(message("jobs.a"));
    REQUIRE(failure_code(got) == ec::denied);
    INFO(detail_of(got.error()));
    CHECK(detail_of(got.error())
          == "NATS denies this node's login to publish to 'jobs.a'");
  }
  // Once, however often.
  CHECK(log.count(log_level::error) == 1);
  CHECK(failure_code(bus.ensure({.name = "EVENTS", .subjects = "events.>"}))
        == ec::denied);
  CHECK_FALSE(*bus.ensure(jobs));
  CHECK(failure_code(ask(*bob.questions, "jobs.a", "?", 5s)) == ec::denied);
  auto place = serve(*bob.questions, "secret.a", "g", [](auto&&, auto&&) {});
  CHECK(eventually([&] { return log.count(log_level::error) == 3; }));
}

TEST_CASE_METHOD(permissions_fixture, "who may not use JetStream is refused",
                 "[jetstream]") {
  auto why = refused({.urls = {server->url()}, .user = "eve", .password = "e"});
  CHECK(code_of(why) == ec::denied);
}

TEST_CASE_METHOD(permissions_fixture,
                 "a login may lack rights to buckets that it does not use",
                 "[jetstream]") {
  auto bob = connect({.urls = {server->url()},
                      .user = "bob",
                      .password = "b",
                      .buckets = {{"LEADERS"}}});
  CHECK(log.has("a bucket may not be looked at"));
  CHECK(failure_code(bus_probe{bob.messages}.put("LEADERS", "a", "x", 0))
        == ec::denied);
}
