// Pages that the bus does not take whole, and what else it refuses.

#include "actors/consumer/sync.hpp"
#include "tests/actors/consumer/sync_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using verdict = outcome::verdict;
using events::v1::SyncHeldUp;
using ingest::v1::ActivitiesPage;
using jobs::v1::SyncAthlete;

namespace {

struct fixture : test::sync_fixture {
  fixture() {
    script->pages.emplace_back(
      activities_response{{{1, 1'002, "{1}"}, {2, 1'000, "{2}"}}});
  }

  void too_large(int times) {
    bus->fail("publish", make_failure(ec::invalid_argument, "too large"),
              times);
  }

  verdict decision(std::uint32_t delivered = 1) {
    auto result = handle(delivered);
    REQUIRE(result);
    reason = result->reason;
    return result->decision;
  }

  std::string reason;
};

} // namespace

TEST_CASE_METHOD(fixture, "a page that the bus does not take is split",
                 "[sync]") {
  too_large(1);
  CHECK(decision() == verdict::ack);
  CHECK(script->fetched.size() == 1);
  auto pages = stored_as<ActivitiesPage>();
  REQUIRE(pages.size() == 2);
  CHECK(pages[0].page_number() == 1);
  CHECK(pages[0].activities_json(0) == "{1}");
  CHECK(pages[1].page_number() == 2);
  CHECK(pages[1].activities_json(0) == "{2}");
  auto next = stored_as<SyncAthlete>();
  REQUIRE(next.size() == 1);
  CHECK(next[0].page_number() == 3);
  CHECK(next[0].position().before_s() == 1'001);
  SECTION("and not fetched again") {
    CHECK(decision(2) == verdict::ack);
    CHECK(script->fetched.size() == 1);
    CHECK(stored_as<SyncAthlete>().back().page_number() == 3);
  }
}

TEST_CASE_METHOD(fixture,
                 "a page whose second half was not stored is fetched again as "
                 "the page after its first",
                 "[sync]") {
  // The first half is in the stream, and then the process was killed.
  ActivitiesPage whole;
  whole.set_athlete_id(7);
  whole.set_run_id("r");
  whole.set_page_number(1);
  whole.add_activities_json("{1}");
  whole.add_activities_json("{2}");
  auto parts = split_page(whole, job);
  REQUIRE(parts.size() == 2);
  CHECK_FALSE(parts[1].has_next());
  bus->publish(make_envelope(parts[0], {.cause = "r/1"}), [](auto&&) {});
  CHECK(decision(2) == verdict::ack);
  CHECK(script->fetched.empty());
  auto next = stored_as<SyncAthlete>();
  REQUIRE(next.size() == 1);
  CHECK(next[0].page_number() == 2);
  CHECK(next[0].position().SerializeAsString()
        == job.position().SerializeAsString());
}

TEST_CASE("halves of halves are numbered on") {
  ActivitiesPage page;
  page.set_page_number(4);
  for (const auto* json : {"a", "b", "c"})
    page.add_activities_json(json);
  page.mutable_next()->set_page_number(5);
  auto parts = split_page(page, {});
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].activities_json_size() == 1);
  CHECK(parts[0].next().page_number() == 5);
  CHECK(parts[1].page_number() == 5);
  CHECK(parts[1].activities_json_size() == 2);
  CHECK(parts[1].next().page_number() == 6);
  CHECK(split_page(parts[0], {}).empty());
}

TEST_CASE_METHOD(fixture,
                 "an activity that alone is too large is not asked for again",
                 "[sync]") {
  too_large(2);
  CHECK(decision() == verdict::dead_letter);
  CHECK(reason == "the bus does not take the page: too large");
}

TEST_CASE_METHOD(fixture, "what the bus denies is not Strava's doing",
                 "[sync]") {
  bus->fail("last", make_failure(ec::denied,
                                 "NATS denies this node's login to publish to "
                                 "'ingest.activities.7.r'"));
  CHECK(decision() == verdict::snooze);
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].reason()
        == "waiting: NATS denies this node's login to publish to "
           "'ingest.activities.7.r'");
}
