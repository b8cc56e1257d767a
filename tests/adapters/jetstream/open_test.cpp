#include "adapters/jetstream/jetstream.hpp"
#include "messages/error.hpp"
#include "tests/support/process.hpp"
#include "tests/support/silent_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;

TEST_CASE("where no server is, none can be connected to", "[jetstream]") {
  auto log = test::silent_log{};
  auto url = "nats://127.0.0.1:" + std::to_string(test::free_port());
  auto got = jetstream::open({.urls = {url}}, log);
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::unavailable);
}
