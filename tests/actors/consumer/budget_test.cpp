#include "actors/consumer/budget.hpp"

#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

constexpr auto live = jobs::v1::LANE_LIVE;
constexpr auto user = jobs::v1::LANE_USER;
constexpr auto backfill = jobs::v1::LANE_BACKFILL;

/// Ten reads every three seconds, open to every lane.
struct fixture : test::actor_fixture {
  budget_config config{.rules = {.window = 3s,
                                 .short_overall = 20,
                                 .short_read = 10,
                                 .live_share = 0,
                                 .lease_max = 60s},
                       .sole_owner = true,
                       .grace = 1s};
  budget_actor uut;

  budget_actor spawn_budget(const std::string& node = "n1") {
    config.steady = [clock = now] { return milliseconds{*clock}; };
    return keep(system().spawn(budget, context(node),
                               std::shared_ptr<key_value>{bus}, config));
  }

  /// Starts with a ledger whose limits are confirmed.
  void start(std::uint32_t used = 0) {
    auto book = new_ledger(config.rules, t0);
    book.set_confirmed(true);
    book.mutable_short_read()->set_used(used);
    write(book);
    uut = spawn_budget();
  }

  void write(const ledger& book) {
    bus->set(budget_bucket, budget_key, book.SerializeAsString());
  }

  [[nodiscard]] ledger book() const {
    ledger result;
    result.ParseFromString(bus->value(budget_bucket, budget_key));
    return result;
  }

  caf::expected<permit> take(jobs::v1::Lane lane = backfill) {
    return ask<permit>(uut, lease_permit{lane});
  }

  test::eventual<permit> take_later(jobs::v1::Lane lane = backfill) {
    return ask_later<permit>(uut, lease_permit{lane});
  }

  void settle(const std::string& id, const call_report& report) {
    CHECK_FALSE(tell(uut, settle_permit{id, report}));
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a permit is on record before it is given out",
                 "[budget]") {
  start();
  bus->hold("put");
  auto answer = take_later();
  run();
  CHECK_FALSE(answer.came());
  REQUIRE(book().leases_size() == 1);
  CHECK(book().short_read().used() == 1);
  bus->release();
  run();
  REQUIRE(answer.came());
  REQUIRE_FALSE(answer.error());
  CHECK((**answer.slot)->id == book().leases(0).id());
}

TEST_CASE_METHOD(fixture,
                 "what waits is decided with one write, higher lanes "
                 "first",
                 "[budget]") {
  start(8);
  bus->hold("get");
  auto first = take_later(backfill);
  auto second = take_later(backfill);
  auto third = take_later(live);
  auto fourth = take_later(user);
  run();
  bus->release();
  run();
  CHECK(bus->calls("put") == 1);
  CHECK_FALSE(third.error());
  CHECK_FALSE(fourth.error());
  CHECK(code_of(first.error()) == ec::exhausted);
  CHECK(code_of(second.error()) == ec::exhausted);
  CHECK(retry_after_of(first.error()) == 3s);
  CHECK(book().leases_size() == 2);
}

TEST_CASE_METHOD(fixture,
                 "whoever is refused at once takes a place in line with one "
                 "write",
                 "[budget]") {
  start(10);
  CHECK(code_of(take().error()) == ec::exhausted);
  auto writes = bus->calls("put");
  *now += 1'000;
  std::vector<test::eventual<permit>> later;
  for (auto i = 0; i < 12; ++i)
    later.push_back(take_later(backfill));
  run();
  CHECK(retry_after_of(later[0].error()) == 2s);
  CHECK(retry_after_of(later[11].error()) > 2s);
  CHECK(bus->calls("put") <= writes + 2);
  CHECK(book().openings_size() == 2);
}

TEST_CASE_METHOD(fixture, "when another node wrote it reads and decides anew",
                 "[budget]") {
  start(8);
  REQUIRE(take());
  auto theirs = book();
  theirs.mutable_short_read()->set_used(10);
  write(theirs);
  bus->take_log();
  CHECK(code_of(take().error()) == ec::exhausted);
  CHECK(
    bus->take_log()
    == lines{"put BUDGET/strava", "get BUDGET/strava", "put BUDGET/strava"});
  CHECK(book().short_read().used() == 10);
}

TEST_CASE_METHOD(fixture,
                 "without the bucket there are no permits, and with "
                 "it there are again",
                 "[budget]") {
  start();
  auto down = make_failure(ec::unavailable, "the bus is down");
  SECTION("when it cannot be read") {
    bus->fail("get", down);
  }
  SECTION("when it cannot be written") {
    bus->fail("put", down);
  }
  auto refused = take();
  REQUIRE_FALSE(refused);
  CHECK(code_of(refused.error()) == ec::unavailable);
  CHECK(retry_after_of(refused.error()) == 1s);
  CHECK(take());
  CHECK(book().short_read().used() == 1);
}

TEST_CASE_METHOD(fixture, "permits survive a restart of the actor",
                 "[budget]") {
  start(8);
  auto before = take();
  REQUIRE(before);
  stop(uut);
  uut = spawn_budget();
  auto after = take();
  REQUIRE(after);
  CHECK(before->id != after->id);
  CHECK(code_of(take().error()) == ec::exhausted);
  pass(2s); // Past the grace: those of this process are not abandoned.
  settle(after->id, {.sent = false});
  REQUIRE(book().leases_size() == 1);
  CHECK(book().leases(0).id() == before->id);
}

TEST_CASE_METHOD(fixture, "permits of a dead process end after the grace",
                 "[budget]") {
  auto found = new_ledger(config.rules, t0);
  REQUIRE_FALSE(lease(found, t0, backfill, "dead/1", "dead", config.rules));
  write(found);
  SECTION("for the only owner of the ledger") {
    uut = spawn_budget();
    // Nothing is confirmed yet, so it is one request at a time.
    CHECK(code_of(take().error()) == ec::exhausted);
    pass(1s);
    CHECK(take());
  }
  SECTION("but not if another process may hold them") {
    config.sole_owner = false;
    uut = spawn_budget();
    CHECK(code_of(take().error()) == ec::exhausted);
    pass(2s);
    CHECK(code_of(take().error()) == ec::exhausted);
  }
}

TEST_CASE_METHOD(fixture,
                 "the first request goes alone, until its answer "
                 "confirms the limits",
                 "[budget]") {
  uut = spawn_budget();
  auto first = take();
  REQUIRE(first);
  auto second = take();
  REQUIRE_FALSE(second);
  CHECK(retry_after_of(second.error()) == 200ms);
  call_report report{.sent = true, .status = 200, .sent_count = 1};
  report.usage.read_limit = {2, 1'000};
  report.usage.read_used = {1, 1};
  report.usage.date_ms = t0;
  settle(first->id, report);
  CHECK(book().confirmed());
  CHECK(book().short_read().limit() == 2);
  CHECK(take());
  CHECK(code_of(take().error()) == ec::exhausted);
}

TEST_CASE_METHOD(fixture, "settling gives an unused permit back", "[budget]") {
  start(9);
  auto got = take();
  REQUIRE(got);
  CHECK(code_of(take().error()) == ec::exhausted);
  settle(got->id, {.sent = false});
  CHECK(book().leases_size() == 0);
  CHECK(take());
}

TEST_CASE_METHOD(fixture,
                 "a settlement that could not be written is not "
                 "forgotten",
                 "[budget]") {
  start(8);
  auto got = take();
  REQUIRE(got);
  bus->fail("put", make_failure(ec::unavailable, "the bus is down"));
  settle(got->id, {.sent = false});
  CHECK(book().leases_size() == 1);
  auto next = take();
  REQUIRE(next);
  REQUIRE(book().leases_size() == 1);
  CHECK(book().leases(0).id() == next->id);
  CHECK(book().short_read().used() == 9);
}

TEST_CASE_METHOD(fixture, "windows are those of Strava's clock", "[budget]") {
  config.clock_skew_max = 5s;
  start(9);
  auto got = take();
  REQUIRE(got);
  call_report report{.sent = true, .status = 200, .sent_count = 1};
  report.usage.date_ms = t0 + 3'000; // Its clock is three seconds ahead.
  settle(got->id, report);
  CHECK(book().window_start_ms() == t0 + 3'000);
  CHECK(take());
}

TEST_CASE_METHOD(fixture, "a ledger that cannot be read is made anew",
                 "[budget]") {
  bus->set(budget_bucket, budget_key, "\xff");
  uut = spawn_budget();
  CHECK(take());
  CHECK(book().short_read().used() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a permit stays on record while its node lives, and not long "
                 "after",
                 "[budget]") {
  config.sole_owner = false;
  config.rules.window = 60s;
  start();
  auto slow = take();
  REQUIRE(slow);
  for (auto i = 0; i < 20; ++i)
    pass(1s);
  CHECK(in_flight(book(), *now) == 1);
  stop(uut, caf::exit_reason::kill);
  pass(5s);
  CHECK(in_flight(book(), *now) == 0);
  config.life = "2"; // The node is started again, by the same name.
  uut = spawn_budget();
  auto next = take();
  REQUIRE(next);
  call_report report{.sent = true, .status = 200, .sent_count = 1};
  report.usage.date_ms = *now / 1'000 * 1'000;
  report.usage.read_limit = {10, 1'000};
  report.usage.read_used = {1, 1};
  report.usage.overall_limit = {20, 2'000};
  report.usage.overall_used = {1, 1};
  settle(next->id, report);
  CHECK(book().short_read().used() == 1);
  CHECK(book().leases_size() == 0);
}
