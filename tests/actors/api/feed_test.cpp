#include "actors/api/feed.hpp"

#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace stravasync;

namespace {

envelope connected(std::int64_t id) {
  events::v1::AthleteConnected fact;
  fact.set_athlete_id(id);
  return make_envelope(fact, {.message_id = "m"});
}

struct fixture : test::actor_fixture {
  std::shared_ptr<feed_hub> hub = std::make_shared<feed_hub>();
  caf::actor uut;

  void start() {
    uut = keep(caf::actor_cast<caf::actor>(
      system().spawn(feed, context(), std::shared_ptr<consumer>{bus}, hub)));
    run();
  }

  void happens(const envelope& what) {
    delivery one;
    one.message = what;
    bus->deliver(std::move(one));
    run();
  }

  /// @returns a place that gets what a watcher is told, as "kind athlete".
  std::shared_ptr<std::vector<std::string>> watch(std::uint64_t* id = nullptr) {
    auto told = std::make_shared<std::vector<std::string>>();
    auto number = hub->watch([told](const feed_event& event) {
      told->push_back(event.kind + " " + std::to_string(event.athlete_id));
    });
    if (id != nullptr)
      *id = number;
    return told;
  }
};

using lines = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(fixture, "it reads what is new, and leaves nothing behind",
                 "[feed]") {
  start();
  REQUIRE(bus->joined);
  CHECK(bus->joined->stream == "EVENTS");
  CHECK(bus->joined->durable.empty());
  CHECK(bus->joined->start.from == start_position::kind::next_new);
  stop(uut);
  CHECK(bus->left);
}

TEST_CASE_METHOD(fixture, "every watcher hears of every event, in order",
                 "[feed]") {
  start();
  auto one = watch();
  happens(connected(1));
  auto late = watch();
  events::v1::AthleteDisconnected gone;
  gone.set_athlete_id(2);
  happens(make_envelope(gone, {.message_id = "m"}));
  events::v1::SyncProgressed progress;
  progress.set_athlete_id(3);
  happens(make_envelope(progress, {.message_id = "m"}));
  CHECK(*one
        == lines{"athlete_connected 1", "athlete_disconnected 2", "sync 3"});
  CHECK(*late == lines{"athlete_disconnected 2", "sync 3"});
}

TEST_CASE_METHOD(fixture, "who is gone hears nothing, the others go on",
                 "[feed]") {
  start();
  std::uint64_t id = 0;
  auto one = watch(&id);
  auto other = watch();
  happens(connected(1));
  hub->unwatch(id);
  hub->unwatch(id);
  hub->unwatch(id + 100);
  happens(connected(2));
  CHECK(*one == lines{"athlete_connected 1"});
  CHECK(*other == lines{"athlete_connected 1", "athlete_connected 2"});
}

TEST_CASE_METHOD(fixture, "what is no event for a page uses nothing up",
                 "[feed]") {
  start();
  auto told = watch();
  auto before = bus->credit;
  auto broken = connected(1);
  broken.payload = "\xff";
  happens(broken);
  happens({"events.of_tomorrow.1", {}, "rubbish"});
  events::v1::ActivityStored other;
  other.set_athlete_id(1);
  happens(make_envelope(other, {.message_id = "m"}));
  CHECK(told->empty());
  CHECK(bus->credit == before);
  happens(connected(1));
  CHECK(told->size() == 1);
}

TEST_CASE_METHOD(fixture, "it ends if it cannot read, for its supervisor",
                 "[feed]") {
  bus->fail("subscribe", make_failure(ec::not_found, "no stream EVENTS"));
  uut = keep(caf::actor_cast<caf::actor>(
    system().spawn(feed, context(), std::shared_ptr<consumer>{bus}, hub)));
  auto end = end_of(uut);
  run();
  REQUIRE(*end);
  CHECK(code_of(**end) == ec::not_found);
  CHECK(detail_of(**end).starts_with("the event feed: "));
}

TEST_CASE_METHOD(fixture, "ended before it could join, it joins nothing",
                 "[feed]") {
  bus->hold("subscribe");
  start();
  auto told = watch();
  stop(uut);
  bus->release();
  run();
  CHECK(bus->left);
  CHECK(bus->credit == 0);
  CHECK(told->empty());
}
