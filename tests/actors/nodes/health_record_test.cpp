#include "actors/nodes/health_record.hpp"

#include "tests/adapters/embedded_bus/log_lines.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

namespace {

struct record_fixture {
  unix_ms now = 1'000;
  std::shared_ptr<stravasync::test::log_lines> lines
    = std::make_shared<stravasync::test::log_lines>();
  health_record uut{[this] { return now; }, lines};

  void fail(const std::string& thing, const std::string& why = "no space") {
    uut.failed("buckets", thing, make_failure(ec::full, why));
  }

  readiness only_part() {
    auto all = uut.parts();
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

} // namespace

TEST_CASE_METHOD(record_fixture, "a part works if all of its things do",
                 "[health]") {
  uut.worked("buckets", "bucket A");
  now = 2'000;
  uut.worked("buckets", "bucket B");
  CHECK(only_part().works());
  CHECK(only_part().last_ok_at_ms == 2'000);
  now = 3'000;
  fail("bucket B");
  auto part = only_part();
  CHECK(part.problem == "bucket B: no space");
  CHECK(part.since_ms == 3'000);
  CHECK(part.last_ok_at_ms == 2'000);
  CHECK(part.holds_up());
}

TEST_CASE_METHOD(record_fixture,
                 "a problem is dated from its first trial, and says the last "
                 "reason",
                 "[health]") {
  fail("bucket A", "first");
  now = 5'000;
  fail("bucket A", "second");
  CHECK(only_part().problem == "bucket A: second");
  CHECK(only_part().since_ms == 1'000);
  CHECK(only_part().last_ok_at_ms == 0);
  REQUIRE(uut.last_failure("buckets", "bucket A"));
  CHECK(uut.last_failure("buckets", "bucket A")->at_ms == 5'000);
  CHECK(uut.last_failure("buckets", "bucket A")->code == ec::full);
  uut.worked("buckets", "bucket A");
  CHECK(only_part().works());
  CHECK(only_part().since_ms == 5'000);
  CHECK_FALSE(uut.last_failure("buckets", "bucket A"));
}

TEST_CASE_METHOD(record_fixture, "many problems are counted, a few named",
                 "[health]") {
  for (const auto* thing : {"A", "B", "C", "D", "E"})
    fail(thing, "gone");
  CHECK(only_part().problem == "A: gone; B: gone; C: gone; and 2 more");
}

TEST_CASE_METHOD(record_fixture,
                 "the log hears once of a part that ceases to work, and once "
                 "when it is back",
                 "[health]") {
  uut.worked("buckets", "bucket A");
  CHECK(lines->count(log_level::warning) == 0);
  for (auto i = 0; i < 3; ++i) {
    fail("bucket A");
    fail("bucket B");
  }
  CHECK(lines->count(log_level::warning) == 1);
  uut.worked("buckets", "bucket A");
  CHECK(lines->count(log_level::info) == 0); // The other still fails.
  uut.worked("buckets", "bucket B");
  CHECK(lines->count(log_level::info) == 1);
}

TEST_CASE_METHOD(record_fixture,
                 "what a node can do its work without does not hold it up",
                 "[health]") {
  uut.not_needed("buckets");
  fail("bucket A");
  CHECK_FALSE(only_part().works());
  CHECK_FALSE(only_part().holds_up());
}
