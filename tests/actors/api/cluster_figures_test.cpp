#include "actors/api/cluster_figures.hpp"

#include "actors/api/operations.hpp"
#include "actors/api/schedules.hpp"
#include "actors/nodes/presence.hpp"
#include "actors/schedule_state.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

using answer = std::shared_ptr<const cluster_figures>;

struct fixture : test::actor_fixture {
  std::shared_ptr<stravasync::bus> the_bus = bus;
  operations_actor asked = keep(system().spawn(
    operations, context(), the_bus, known_actors{}, std::shared_ptr<requests>{},
    operations_config{"BUDGET", "strava"}));
  schedules_actor planned = keep(
    system().spawn(schedules, context(), std::shared_ptr<key_value>{the_bus}));
  cluster_figures_actor uut = keep(system().spawn(
    follow_cluster, context(), asked, planned, cluster_figures_config{2s, 1s}));

  answer look() {
    auto got = ask<answer>(uut, look_at_cluster{});
    REQUIRE(got);
    return *got;
  }

  std::size_t rounds() {
    return bus->calls("describe");
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a scrape is told what the nodes share",
                 "[cluster_figures]") {
  query::v1::NodeList::Node node;
  node.set_id("n7");
  bus->set(nodes_bucket, "n7", node.SerializeAsString());
  state::v1::BudgetLedger ledger;
  ledger.mutable_short_read()->set_limit(100);
  bus->set("BUDGET", "strava", ledger.SerializeAsString());
  state::v1::ScheduleState often;
  often.set_slot_ms(1);
  often.set_plan("every 1m");
  often.set_slot_ms(t0);
  bus->set(schedules_bucket, "often", often.SerializeAsString());
  auto known = look();
  CHECK(known->answers);
  CHECK(known->age == 0ms);
  CHECK(known->streams.streams_size() == 4);
  REQUIRE(known->nodes.nodes_size() == 1);
  CHECK(known->nodes.nodes(0).id() == "n7");
  CHECK(known->budget.gauges(0).limit() == 100);
  CHECK(known->schedules.schedules(0).plan() == "every 1m");
}

TEST_CASE_METHOD(fixture, "the bus is asked every few seconds at most",
                 "[cluster_figures]") {
  (void)look();
  pass(1'999ms);
  CHECK(look()->age == 1'999ms);
  CHECK(rounds() == 1);
  pass(1ms);
  CHECK(look()->age == 0ms);
  CHECK(rounds() == 2);
  bus->fail("describe", make_failure(ec::unavailable, "away"), 10);
  pass(2s);
  (void)look();
  (void)look();
  CHECK(rounds() == 3);
}

TEST_CASE_METHOD(fixture, "scrapes at once share one round",
                 "[cluster_figures]") {
  bus->hold("describe");
  auto first = ask_later<answer>(uut, look_at_cluster{});
  auto second = ask_later<answer>(uut, look_at_cluster{});
  run();
  CHECK_FALSE(first.came());
  bus->release();
  run();
  REQUIRE(first.came());
  REQUIRE(second.came());
  CHECK(rounds() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a bus that is slow does not hold a scrape up: it gets what "
                 "was known, and its age",
                 "[cluster_figures]") {
  (void)look();
  pass(5s);
  bus->hold("describe");
  auto slow = ask_later<answer>(uut, look_at_cluster{});
  run();
  pass(999ms);
  CHECK_FALSE(slow.came());
  pass(1ms);
  REQUIRE(slow.came());
  auto known = ***slow.slot;
  CHECK_FALSE(known->answers);
  CHECK(known->age == 6s);
  CHECK(known->streams.streams_size() == 4);
  // It is late already: the next does not wait, and asks nothing more.
  CHECK_FALSE(look()->answers);
  CHECK(rounds() == 2);
  bus->release();
  run();
  CHECK(look()->answers);
  CHECK(look()->age == 0ms);
}

TEST_CASE_METHOD(fixture, "a deadline is that of its own round",
                 "[cluster_figures]") {
  cluster_figures_config config{100ms, 1s};
  uut = keep(system().spawn(follow_cluster, context(), asked, planned, config));
  (void)look();
  pass(900ms);
  bus->hold("describe");
  auto next = ask_later<answer>(uut, look_at_cluster{});
  run();
  pass(100ms); // The first round's.
  CHECK_FALSE(next.came());
  pass(900ms);
  CHECK(next.came());
}

TEST_CASE_METHOD(fixture, "a bus that never answered leaves nothing to tell",
                 "[cluster_figures]") {
  bus->fail("describe", make_failure(ec::unavailable, "away"), 1);
  auto known = look();
  CHECK_FALSE(known->answers);
  CHECK_FALSE(known->age);
  pass(2s);
  CHECK(look()->answers);
}
