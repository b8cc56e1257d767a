#include "actors/consumer/budget.hpp"
#include "messages/error.hpp"
#include "tests/adapters/embedded_bus/log_lines.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto day = unix_ms{86'400'000};
constexpr auto year = 365 * day;
constexpr auto window = unix_ms{900'000};
constexpr auto limit = 10u;

/// BUDGETs against a Strava that counts by the true time, `*now`, while the
/// wall clocks of nodes are moved.
struct fixture : ::test::actor_fixture {
  budget_config config{.rules = {.window = milliseconds{window},
                                 .short_overall = 20,
                                 .short_read = limit,
                                 .live_share = 0},
                       .sole_owner = true};
  std::shared_ptr<unix_ms> wall_off = std::make_shared<unix_ms>(0);
  std::shared_ptr<stravasync::test::log_lines> lines
    = std::make_shared<stravasync::test::log_lines>();
  std::map<unix_ms, std::uint32_t> counted;
  unsigned refused = 0;
  budget_actor uut;

  void start(unix_ms off = 0) {
    *wall_off = off;
    config.steady = [clock = now] { return milliseconds{*clock - t0 + 1}; };
    auto known = context();
    known.journal = lines;
    known.now = [clock = now, off = wall_off] { return *clock + *off; };
    uut = keep(
      system().spawn(budget, known, std::shared_ptr<key_value>{bus}, config));
  }

  void restart(unix_ms off = 0) {
    stop(uut);
    start(off);
  }

  /// @returns whether there was a permit for a call, which was made then.
  /// @param date_off Of the answer's Date.
  bool call(unix_ms date_off = 0) {
    auto got = ask<permit>(uut, lease_permit{jobs::v1::LANE_LIVE});
    if (!got)
      return false;
    auto used = ++counted[*now / window];
    call_report report{.sent = true, .status = 200, .sent_count = 1};
    if (used > limit) {
      ++refused;
      report.status = 429;
    }
    auto today = std::uint32_t{0};
    for (auto [which, count] : counted)
      if (which * window / day == *now / day)
        today += count;
    report.usage.date_ms = (*now + date_off) / 1'000 * 1'000;
    report.usage.read_limit = {limit, 1'000};
    report.usage.read_used = {used, today};
    report.usage.overall_limit = {20, 2'000};
    report.usage.overall_used = {used, today};
    *now += 50;
    CHECK_FALSE(tell(uut, settle_permit{got->id, report}));
    return true;
  }

  unsigned call_all() {
    auto made = 0u;
    while (made < 3 * limit && call())
      ++made;
    return made;
  }

  /// A little into it: the time at Strava is known to a second or so.
  void next_window() {
    *now += window - *now % window + 3'000;
  }

  [[nodiscard]] ledger book() const {
    ledger result;
    result.ParseFromString(bus->value(budget_bucket, budget_key));
    return result;
  }

  void write(const ledger& book) {
    bus->set(budget_bucket, budget_key, book.SerializeAsString());
  }

  [[nodiscard]] auto warnings() const {
    return lines->count(log_level::warning);
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "a first start by a clock years off does not last, and no "
                 "call is refused",
                 "[budget]") {
  for (auto off : {3 * year, -3 * year, -10 * year, 2 * day, 5 * window}) {
    for (auto calls : {1u, 2u, 3u, limit}) {
      *now += 2 * day;
      counted.clear();
      INFO("off by " << off / day << " days, " << calls << " calls");
      bus->erase(budget_bucket, budget_key, [](auto&&) {});
      start(off);
      for (auto i = 0u; i < calls; ++i)
        CHECK(call());
      restart();
      CHECK(calls + call_all() == limit);
      CHECK(refused == 0);
      CHECK(book().window_start_ms() <= *now);
      next_window();
      CHECK(call_all() == limit);
      CHECK(refused == 0);
      CHECK(book().window_start_ms() == *now / window * window);
      stop(uut);
    }
  }
}

TEST_CASE_METHOD(fixture, "a clock that stays wrong is made up for",
                 "[budget]") {
  start(3 * year);
  CHECK(call_all() == limit);
  CHECK(refused == 0);
  CHECK(book().window_start_ms() == t0);
  // Said once, and once more of the ledger.
  CHECK(warnings() == 3);
  for (auto i = 0; i < 5; ++i) {
    next_window();
    CHECK(call_all() == limit);
  }
  CHECK(refused == 0);
  CHECK(warnings() == 3);
}

TEST_CASE_METHOD(fixture, "one answer whose Date is days off changes nothing",
                 "[budget]") {
  start();
  SECTION("as the first") {
    CHECK(call(2 * day));
  }
  SECTION("as the first, in the past") {
    CHECK(call(-2 * day));
  }
  SECTION("among others") {
    CHECK(call());
    CHECK(call(2 * day));
  }
  auto before = counted[*now / window];
  CHECK(before + call_all() == limit);
  CHECK(book().window_start_ms() == t0);
  restart();
  CHECK_FALSE(call());
  next_window();
  CHECK(call_all() == limit);
  CHECK(refused == 0);
  CHECK(warnings() == 1);
}

TEST_CASE_METHOD(fixture, "a clock that is set while it runs changes nothing",
                 "[budget]") {
  start();
  for (auto i = 0; i < 4; ++i)
    CHECK(call());
  for (auto off : {2 * day, -2 * day, 3 * year, unix_ms{0}}) {
    *wall_off = off;
    auto before = counted[*now / window];
    CHECK(before + call_all() == limit);
    CHECK(book().window_start_ms() == *now / window * window);
    next_window();
    CHECK(call());
  }
  CHECK(refused == 0);
  CHECK(warnings() == 0);
}

TEST_CASE_METHOD(fixture,
                 "a full ledger of the future is over when a whole window has "
                 "passed, though no answer tells",
                 "[budget]") {
  auto full = new_ledger(config.rules, t0 + 20 * year);
  full.set_confirmed(true);
  full.mutable_short_read()->set_used(limit);
  write(full);
  start();
  auto got = ask<permit>(uut, lease_permit{jobs::v1::LANE_LIVE});
  REQUIRE_FALSE(got);
  auto wait = retry_after_of(got.error());
  REQUIRE(wait);
  CHECK(*wait <= milliseconds{window});
  *now += window - 100;
  CHECK_FALSE(call());
  *now += 100;
  CHECK(call());
  CHECK(book().window_start_ms() == t0 + window);
  CHECK(warnings() == 1);
}

TEST_CASE_METHOD(fixture, "a ledger that cannot be is told of once",
                 "[budget]") {
  bus->set(budget_bucket, budget_key, "\xff");
  bus->fail("put", make_failure(ec::conflict, "another node wrote"), 1);
  start();
  CHECK(call());
  CHECK(warnings() == 1);
  CHECK(book().window_start_ms() == t0);
}

TEST_CASE_METHOD(fixture, "an operator's new ledger is seen at once",
                 "[budget]") {
  start();
  CHECK(call_all() == limit);
  CHECK_FALSE(call());
  CHECK_FALSE(call());
  write({}); // How one is asked for.
  counted.clear();
  CHECK(call());
  CHECK(warnings() == 0);
}
