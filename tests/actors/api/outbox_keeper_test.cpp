#include "actors/api/outbox_keeper.hpp"

#include "messages/error.hpp"
#include "tests/actors/api/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

using lines = std::vector<std::string>;

struct fixture : test::api_fixture {
  outbox_keeper_config config;
  outbox_keeper_actor uut;

  void start() {
    uut = keep(system().spawn(outbox_keeper, context(), store,
                              std::shared_ptr<stream_catalog>{bus}, relay,
                              config));
    run();
  }

  /// Sends messages with these ids.
  void send(const std::string& subject, const lines& ids) {
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
    self()->send(relay, outbox_filled{});
    run();
  }

  lines stored(const std::string& subjects) {
    lines result;
    for (const auto& one : bus->stored(subjects))
      result.emplace_back(one.header_or_empty(header::message_id));
    return result;
  }

  std::size_t rows() {
    return look([](transaction& tx) { return tx.outbox().list({}); })
      .items.size();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "what a stream lost is sent again", "[outbox]") {
  start();
  send("events.x.1", {"a", "b"});
  send("dlq.x", {"c"});
  send("events.x.1", {"d"});
  pass(config.every);
  CHECK(bus->calls("publish") == 4);
  bus->lose("EVENTS");
  pass(config.every);
  CHECK(stored("events.>") == lines{"a", "b", "d"});
  CHECK(stored("dlq.>") == lines{"c"});
  CHECK(bus->calls("publish") == 7);
  pass(config.every);
  CHECK(bus->calls("publish") == 7);
}

TEST_CASE_METHOD(fixture,
                 "what came after a loss does not hide it while the stream is "
                 "shorter than it was",
                 "[outbox]") {
  start();
  send("events.x.1", {"a", "b"});
  bus->lose("EVENTS");
  send("events.x.1", {"c"});
  pass(config.every);
  CHECK(stored("events.>") == lines{"c", "a", "b"});
}

TEST_CASE_METHOD(fixture, "jobs that were lost are the runs' business",
                 "[outbox]") {
  start();
  send("jobs.x.1", {"a"});
  bus->lose("JOBS");
  pass(config.every);
  CHECK(stored("jobs.>").empty());
}

TEST_CASE_METHOD(fixture, "a bus that never tells does not keep rows for ever",
                 "[outbox]") {
  bus->fail("describe", make_failure(ec::denied, "no right"), 10);
  start();
  send("events.x.1", {"a"});
  pass(config.keep_unseen - 1h);
  CHECK(rows() == 1);
  pass(1h + config.every);
  CHECK(rows() == 0);
}

TEST_CASE_METHOD(fixture,
                 "sent rows are removed when they are old, but not while the "
                 "bus is away",
                 "[outbox]") {
  start();
  send("events.x.1", {"a"});
  pass(config.keep_sent - config.every);
  CHECK(rows() == 1);
  bus->fail("describe", make_failure(ec::unavailable, "no bus"), 21);
  pass(config.every);
  for (auto i = 0; i < 20; ++i)
    pass(config.every);
  CHECK(rows() == 1);
  bus->lose("EVENTS");
  pass(config.every);
  CHECK(stored("events.>") == lines{"a"});
  pass(config.keep_sent + config.every);
  pass(config.every);
  CHECK(rows() == 0);
}
