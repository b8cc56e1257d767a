#include "actors/api/outbox_relay.hpp"

#include "tests/actors/api/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

struct fixture : test::api_fixture {
  /// Adds messages in one transaction, after the relay has looked once.
  void add(const std::vector<std::string>& ids,
           const std::string& subject = "events.x.1") {
    run();
    change([&](transaction& tx) -> caf::error {
      for (const auto& id : ids) {
        auto made = tx.outbox().create({.message_id = id,
                                        .subject = subject,
                                        .headers = "Nats-Msg-Id: " + id + "\n",
                                        .created_at_ms = *now});
        if (!made)
          return made.error();
      }
      return {};
    });
  }

  /// Tells the relay of them.
  void tell_relay() {
    self()->send(relay, outbox_filled{});
    run();
  }

  std::vector<std::string> unsent() {
    std::vector<std::string> result;
    for (const auto& row :
         look([](transaction& tx) { return tx.queries().unsent(100); }))
      result.push_back(row.message_id);
    return result;
  }
};

using lines = std::vector<std::string>;

/// A second node with a relay on the same database; both take turns.
struct nodes_fixture : fixture {
  outbox_relay_config config{.takes_turns = true};
  outbox_relay_actor first = start("one");
  outbox_relay_actor second = start("two");

  outbox_relay_actor start(const std::string& node) {
    auto of = context();
    of.node = node;
    return keep(system().spawn(outbox_relay, of, store,
                               std::shared_ptr<publisher>{bus}, config));
  }

  /// A node that was killed in its turn.
  void take_turn(const std::string& node) {
    run();
    change([&](transaction& tx) -> caf::error {
      auto taken = tx.queries().take_turn(node, *now,
                                          *now + config.turn.count());
      REQUIRE(taken);
      CHECK(*taken);
      return {};
    });
  }

  void tell(const outbox_relay_actor& whom) {
    self()->send(whom, outbox_filled{});
    run();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "the outbox is published in order with its ids",
                 "[outbox]") {
  add({"a", "b", "c"});
  tell_relay();
  CHECK(bus->take_log()
        == lines{"publish events.x.1 a", "publish events.x.1 b",
                 "publish events.x.1 c"});
  CHECK(unsent().empty());
}

TEST_CASE_METHOD(fixture, "only what the bus acked is marked as sent",
                 "[outbox]") {
  add({"a", "b", "c"});
  bus->fail("publish", make_failure(ec::unavailable, "no bus"));
  tell_relay();
  CHECK(unsent() == lines{"a"});
}

TEST_CASE_METHOD(fixture, "the outbox goes on when the bus is back",
                 "[outbox]") {
  add({"a", "b"});
  bus->fail("publish", make_failure(ec::unavailable, "no bus"), 2);
  tell_relay();
  CHECK(unsent() == lines{"a", "b"});
  pass(5s);
  CHECK(unsent().empty());
  CHECK(bus->stored("events.>").size() == 2);
}

TEST_CASE_METHOD(fixture,
                 "rows of a stream that refuses are passed over, and "
                 "sent when it takes messages again",
                 "[outbox]") {
  auto jobs_in_order = lines{};
  for (auto i = 100; i < 600; ++i)
    jobs_in_order.push_back("job" + std::to_string(i));
  bus->refused.emplace("jobs.>", make_failure(ec::full, "JOBS is full"));
  add(jobs_in_order, "jobs.sync_athlete.1");
  add({"a", "b"});
  add({"letter"}, "dlq.x");
  tell_relay();
  CHECK(bus->stored("events.>").size() == 2);
  CHECK(bus->stored("dlq.>").size() == 1);
  CHECK(unsent().size() == 100);
  // It is asked less and less often while it refuses.
  bus->take_log();
  for (auto i = 0; i < 60; ++i)
    pass(5s);
  CHECK(bus->take_log().size() <= std::size_t{10} * 200);
  bus->refused.clear();
  for (auto i = 0; i < 8; ++i)
    pass(5s);
  CHECK(unsent().empty());
  lines sent;
  for (const auto& one : bus->stored("jobs.>"))
    sent.emplace_back(one.header_or_empty(header::message_id));
  CHECK(sent == jobs_in_order);
}

TEST_CASE_METHOD(fixture, "a stream that does not answer holds no other up",
                 "[outbox]") {
  bus->refused.emplace("jobs.>", make_failure(ec::unavailable, "no answer"));
  lines ids;
  for (auto i = 0; i < 300; ++i)
    ids.push_back("job" + std::to_string(i));
  add(ids, "jobs.sync_athlete.1");
  add({"a"});
  tell_relay();
  CHECK(bus->stored("events.>").size() == 1);
  for (auto i = 0; i < 12; ++i)
    pass(5s);
  // It was away, rather than refusing: it is looked for at every poll.
  bus->refused.clear();
  pass(5s);
  CHECK(unsent().empty());
}

TEST_CASE_METHOD(fixture,
                 "a row that is refused as such is set aside, and "
                 "sent once it can be",
                 "[outbox]") {
  bus->refused.emplace("events.x.1",
                       make_failure(ec::invalid_argument, "too large"));
  lines ids;
  for (auto i = 0; i < 300; ++i)
    ids.push_back("large" + std::to_string(i));
  add(ids);
  add({"small"}, "events.x.2");
  add({"lost"}, "nowhere.1");
  tell_relay();
  CHECK(bus->stored("events.>").size() == 1);
  CHECK(unsent().empty());
  bus->refused.clear();
  pass(5s);
  CHECK(bus->stored("events.>").size() == 1);
  for (auto i = 0; i < 60 * 12; ++i)
    pass(5s);
  CHECK(bus->stored("events.>").size() == 301);
}

TEST_CASE_METHOD(fixture, "rows nobody told of are found by themselves",
                 "[outbox]") {
  run();
  add({"a"});
  pass(5s);
  CHECK(unsent().empty());
}

TEST_CASE_METHOD(fixture,
                 "a run of the future is brought back, so that the next one is "
                 "newer",
                 "[outbox]") {
  constexpr auto years = 3 * 365 * unix_ms{86'400'000};
  run();
  change([&](transaction& tx) -> caf::error {
    auto made = tx.athletes().create({.id = 7});
    if (!made)
      return made.error();
    auto stored = tx.sync_runs().create(
      {.id = "ahead", .athlete_id = 7, .started_at_ms = *now + years});
    return stored ? caf::error{} : stored.error();
  });
  for (auto i = 0; i < 13; ++i)
    pass(5s);
  auto newest
    = look([](transaction& tx) { return tx.queries().newest_run(7); });
  REQUIRE(newest);
  CHECK(newest->id == "ahead");
  CHECK(newest->started_at_ms <= *now);
}

TEST_CASE_METHOD(fixture,
                 "an activity that was fetched by a clock that was ahead, in a "
                 "run of now, is brought back within an hour",
                 "[outbox]") {
  constexpr auto years = 3 * 365 * unix_ms{86'400'000};
  run();
  add_athlete();
  change([&](transaction& tx) -> caf::error {
    auto stored = tx.activities().create(
      {.id = 1, .athlete_id = who, .fetched_at_ms = *now + years});
    if (!stored)
      return stored.error();
    auto made = tx.sync_runs().create(
      {.id = "r", .athlete_id = who, .started_at_ms = *now});
    return made ? caf::error{} : made.error();
  });
  for (auto i = 0; i < 60 * 12; ++i)
    pass(5s);
  CHECK(activity_row(1)->fetched_at_ms <= *now);
}

TEST_CASE_METHOD(nodes_fixture,
                 "of relays that take turns one sends each row, in order",
                 "[outbox]") {
  add({"a", "b", "c"});
  self()->send(first, outbox_filled{});
  self()->send(second, outbox_filled{});
  run();
  pass(config.turn_retry);
  CHECK(bus->take_log()
        == lines{"publish events.x.1 a", "publish events.x.1 b",
                 "publish events.x.1 c"});
  CHECK(unsent().empty());
  add({"d"});
  tell(second);
  CHECK(unsent().empty());
}

TEST_CASE_METHOD(nodes_fixture,
                 "a relay whose rows wait in the turn of another looks again "
                 "until they are sent",
                 "[outbox]") {
  take_turn("other");
  add({"a"});
  tell(first);
  pass(config.turn_retry);
  CHECK(unsent() == lines{"a"});
  change([](transaction& tx) { return tx.queries().leave_turn("other"); });
  pass(config.turn_retry);
  CHECK(unsent().empty());
}

TEST_CASE_METHOD(nodes_fixture,
                 "the turn of a node that was killed is over within seconds",
                 "[outbox]") {
  take_turn("killed");
  add({"a"});
  tell(first);
  for (auto i = 0; i < 100; ++i)
    pass(config.turn_retry);
  CHECK(unsent().empty());
}

TEST_CASE_METHOD(nodes_fixture,
                 "a relay that finds no bus leaves its turn to others",
                 "[outbox]") {
  add({"a"});
  bus->fail("publish", make_failure(ec::unavailable, "no bus"));
  tell(first);
  CHECK(unsent() == lines{"a"});
  tell(second);
  CHECK(unsent().empty());
}
