#include "tests/actors/durable_source_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using lines = std::vector<std::string>;

TEST_CASE_METHOD(test::durable_source_fixture,
                 "a durable of one's own is given its options before it is "
                 "joined",
                 "[durable_source]") {
  config.apply_options = true;
  start();
  CHECK(bus->take_log()
        == lines{"apply consumer__job", "subscribe consumer__job"});
  CHECK(bus->credit == 2);
}

TEST_CASE_METHOD(test::durable_source_fixture,
                 "a durable that cannot be changed is not joined",
                 "[durable_source]") {
  config.apply_options = true;
  bus->fail("apply", make_failure(ec::conflict, "another filter"));
  start();
  CHECK(bus->take_log() == lines{"apply consumer__job"});
  CHECK_FALSE(bus->joined);
}

TEST_CASE_METHOD(test::durable_source_fixture,
                 "a durable shared with others is only joined",
                 "[durable_source]") {
  start();
  CHECK(bus->take_log() == lines{"subscribe consumer__job"});
}

TEST_CASE_METHOD(test::durable_source_fixture,
                 "a durable of an earlier version gets this one's ack wait",
                 "[durable_source]") {
  using namespace std::chrono_literals;
  config.former_ack_wait = 60s;
  bus->fail("subscribe", make_failure(ec::conflict, "ack_wait is 60000 ms"));
  start();
  CHECK(bus->take_log()
        == lines{"subscribe consumer__job", "subscribe consumer__job",
                 "apply consumer__job", "subscribe consumer__job"});
  CHECK(bus->joined->ack_wait == 30s);
  CHECK(bus->credit == 2);
}

TEST_CASE_METHOD(test::durable_source_fixture,
                 "a durable that differs in more is left as it is",
                 "[durable_source]") {
  using namespace std::chrono_literals;
  config.former_ack_wait = 60s;
  bus->fail("subscribe", make_failure(ec::conflict, "another filter"), 2);
  start();
  CHECK(bus->take_log()
        == lines{"subscribe consumer__job", "subscribe consumer__job"});
  CHECK_FALSE(bus->joined);
}
