#include "actors/consumer/ledger.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <random>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto live = jobs::v1::LANE_LIVE;
constexpr auto user = jobs::v1::LANE_USER;
constexpr auto backfill = jobs::v1::LANE_BACKFILL;

/// Midnight UTC of some day: also the start of a window.
constexpr auto t0 = unix_ms{1'700'006'400'000};

budget_rules small_rules() {
  return {.window = 3s,
          .short_overall = 20,
          .day_overall = 2'000,
          .short_read = 10,
          .day_read = 1'000,
          .live_share = 0.1,
          .live_release = 0.5,
          .lease_max = 60s};
}

struct fixture {
  budget_rules rules = small_rules();
  ledger book = new_ledger(rules, t0);
  int next_id = 0;

  fixture() {
    book.set_confirmed(true);
  }

  std::optional<unix_ms> take(unix_ms at, jobs::v1::Lane lane = backfill,
                              const std::string& node = "n1") {
    return lease(book, at, lane, "p" + std::to_string(next_id++), node, rules);
  }

  /// What Strava reports after `used` reads in the window of `date_ms`.
  static call_report
  response(unix_ms date_ms, std::uint32_t used, std::uint32_t limit = 10) {
    call_report report{.sent = true, .status = 200};
    report.usage.date_ms = date_ms;
    report.usage.read_limit = {limit, 1'000};
    report.usage.read_used = {used, used};
    report.usage.overall_limit = {20, 2'000};
    report.usage.overall_used = {used, used};
    return report;
  }

  void answer(int id, unix_ms now, const call_report& report) {
    settle(book, now, "p" + std::to_string(id), report, rules);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a window gives out its limit and not one more",
                 "[ledger]") {
  for (auto i = 0; i < 10; ++i)
    CHECK_FALSE(take(t0 + 1, live));
  CHECK(take(t0 + 1, live) == t0 + 3'000);
}

TEST_CASE_METHOD(fixture,
                 "the share kept for live work opens late in the "
                 "window",
                 "[ledger]") {
  for (auto i = 0; i < 9; ++i)
    CHECK_FALSE(take(t0 + 1));
  CHECK(take(t0 + 1) == t0 + 1'500);
  CHECK(take(t0 + 1, user) == t0 + 1'500);
  SECTION("live work gets it") {
    CHECK_FALSE(take(t0 + 1, live));
  }
  SECTION("at the release everybody does") {
    CHECK_FALSE(take(t0 + 1'500));
    CHECK(take(t0 + 1'500) == t0 + 3'000);
  }
}

TEST_CASE_METHOD(fixture, "the day's limit holds over windows", "[ledger]") {
  book.mutable_day_read()->set_limit(12);
  for (auto i = 0; i < 10; ++i) {
    CHECK_FALSE(take(t0 + 1, live));
    answer(i, t0 + 2, {.sent = true, .status = 200});
  }
  CHECK_FALSE(take(t0 + 3'001, live));
  CHECK_FALSE(take(t0 + 3'001, live));
  CHECK(take(t0 + 3'001, live) == t0 + 86'400'000);
}

TEST_CASE_METHOD(fixture,
                 "until a response confirms the limits one request "
                 "is in flight",
                 "[ledger]") {
  book.set_confirmed(false);
  CHECK_FALSE(take(t0 + 1));
  auto again = take(t0 + 1);
  REQUIRE(again);
  CHECK(*again < t0 + 1'000);
  answer(0, t0 + 50, response(t0, 1, 50));
  CHECK(book.short_read().limit() == 50);
  CHECK_FALSE(take(t0 + 60));
  CHECK_FALSE(take(t0 + 60));
}

TEST_CASE_METHOD(fixture,
                 "a request in flight over the boundary is charged to "
                 "both windows until its Date tells which",
                 "[ledger]") {
  CHECK_FALSE(take(t0 + 2'990));
  roll(book, t0 + 3'000, rules);
  CHECK(book.short_read().used() == 1);
  SECTION("counted before") {
    answer(0, t0 + 3'010, response(t0 + 2'000, 1));
    CHECK(book.short_read().used() == 0);
  }
  SECTION("counted after") {
    answer(0, t0 + 3'010, response(t0 + 3'000, 1));
    CHECK(book.short_read().used() == 1);
  }
  SECTION("no Date: stays charged") {
    answer(0, t0 + 3'010, {.sent = true, .status = 200});
    CHECK(book.short_read().used() == 1);
  }
}

TEST_CASE_METHOD(fixture, "a Date beyond the window begins the next one",
                 "[ledger]") {
  CHECK_FALSE(take(t0 + 2'990));
  answer(0, t0 + 2'995, response(t0 + 3'000, 1));
  CHECK(book.window_start_ms() == t0 + 3'000);
  CHECK(book.short_read().used() == 1);
}

TEST_CASE_METHOD(fixture, "a permit whose request was never sent comes back",
                 "[ledger]") {
  CHECK_FALSE(take(t0 + 1));
  answer(0, t0 + 2, {.sent = false});
  CHECK(book.short_read().used() == 0);
  CHECK(book.day_overall().used() == 0);
}

TEST_CASE_METHOD(fixture, "a request that was sent twice is charged twice",
                 "[ledger]") {
  CHECK_FALSE(take(t0 + 1));
  CHECK_FALSE(take(t0 + 1)); // Still in flight below.
  auto twice = response(t0, 2);
  twice.sent_count = 2;
  answer(0, t0 + 2, twice);
  CHECK(book.short_read().used() == 3);
  CHECK(book.day_overall().used() == 3);
}

TEST_CASE_METHOD(fixture, "usage by others of the same application is seen",
                 "[ledger]") {
  CHECK_FALSE(take(t0 + 1, live));
  answer(0, t0 + 2, response(t0, 8));
  CHECK_FALSE(take(t0 + 3, live));
  CHECK_FALSE(take(t0 + 3, live));
  CHECK(take(t0 + 3, live) == t0 + 3'000);
}

TEST_CASE_METHOD(fixture, "a 429 closes the window whatever was counted",
                 "[ledger]") {
  CHECK_FALSE(take(t0 + 1));
  call_report refused{.sent = true, .status = 429};
  answer(0, t0 + 2, refused);
  CHECK(take(t0 + 3, live) == t0 + 3'000);
}

TEST_CASE_METHOD(fixture,
                 "permits of a process that is gone come back once a "
                 "response shows that they were not used",
                 "[ledger]") {
  for (auto i = 0; i < 5; ++i)
    CHECK_FALSE(take(t0 + 1, live, "dead"));
  abandon_others(book, t0 + 100, "n1", 500ms, rules);
  CHECK_FALSE(take(t0 + 700, live)); // p5
  answer(5, t0 + 710, response(t0, 3));
  CHECK(book.short_read().used() == 3);
  CHECK(book.leases_size() == 0);
}

TEST_CASE_METHOD(fixture,
                 "leases of a process that is gone burden the next "
                 "window only as long as they may be counted",
                 "[ledger]") {
  for (auto i = 0; i < 5; ++i)
    CHECK_FALSE(take(t0 + 2'900, live, "dead"));
  abandon_others(book, t0 + 2'950, "n1", 500ms, rules);
  roll(book, t0 + 3'000, rules);
  CHECK(book.short_read().used() == 5);
  roll(book, t0 + 6'000, rules);
  CHECK(book.short_read().used() == 0);
}

TEST_CASE_METHOD(fixture,
                 "permits of a dead process come back within the window, "
                 "though others never pause",
                 "[ledger]") {
  rules.lease_keep = 500ms;
  auto died = t0;
  SECTION("those of this window") {
    died = t0 + 100;
  }
  SECTION("those taken just before") {
    died = t0 + 2'900;
  }
  for (auto i = 0; i < 3; ++i) // One of them was counted.
    CHECK_FALSE(take(died, live, "dead"));
  auto window = died / 3'000 * 3'000;
  auto counted = std::uint32_t{1};
  CHECK_FALSE(take(died + 1, live));
  for (auto at = died + 50; at < died + 1'000; at += 150) {
    if (at / 3'000 * 3'000 > window)
      counted = 0;
    window = at / 3'000 * 3'000;
    ++counted; // Strava counts the one before while the next one is sent.
    REQUIRE_FALSE(take(at, live));
    answer(next_id - 2, at + 1, response(at / 1'000 * 1'000, counted));
  }
  CHECK(book.leases_size() == 1);
  CHECK(book.short_read().used() == counted + 1);
}

TEST_CASE_METHOD(fixture,
                 "who lives keeps what it holds, for as long as a request may "
                 "take",
                 "[ledger]") {
  rules.lease_keep = 500ms;
  rules.lease_max = 2s;
  CHECK_FALSE(take(t0));
  CHECK(in_flight(book, t0 + 499) == 1);
  for (auto at = t0; at < t0 + 3'000; at += 100)
    renew(book, at, "p0", rules);
  CHECK(in_flight(book, t0 + 1'999) == 1);
  CHECK(in_flight(book, t0 + 2'000) == 0);
}

TEST_CASE_METHOD(fixture, "a usage without a Date only takes away",
                 "[ledger]") {
  for (auto i = 0; i < 3; ++i)
    CHECK_FALSE(take(t0 + 2'990));
  roll(book, t0 + 3'000, rules);
  auto undated = response(0, 7);
  answer(0, t0 + 3'100, undated);
  CHECK(book.short_read().used() == 7);
  undated = response(0, 1);
  answer(1, t0 + 3'100, undated);
  CHECK(book.short_read().used() == 7);
}

TEST_CASE_METHOD(fixture, "a limit that nobody has is not believed",
                 "[ledger]") {
  CHECK_FALSE(take(t0));
  answer(0, t0 + 1, response(t0, 4'294'967'295, 4'294'967'295));
  CHECK(book.short_read().limit() == 10);
  CHECK(book.short_read().used() <= 10'000'000);
}

TEST_CASE_METHOD(fixture, "a clock that goes back opens no window again",
                 "[ledger]") {
  roll(book, t0 + 3'000, rules);
  for (auto i = 0; i < 10; ++i)
    CHECK_FALSE(take(t0 + 3'001, live));
  // Asked again at the latest when a window is over by that clock.
  CHECK(take(t0 + 10, live) == t0 + 3'010);
}

TEST_CASE_METHOD(fixture, "closed windows tell how full they were",
                 "[ledger]") {
  for (auto i = 0; i < 11; ++i)
    std::ignore = take(t0 + 1, live);
  roll(book, t0 + 3'000, rules);
  REQUIRE(book.closed_size() == 1);
  CHECK(book.closed(0).refused_any());
}

TEST_CASE("requests that take any time over the boundary never exceed what "
          "Strava counts",
          "[ledger]") {
  // A model of Strava: counts a request in the window of its arrival.
  auto rules = small_rules();
  rules.live_share = 0;
  auto random = std::minstd_rand{42};
  auto uniform = [&](int below) {
    return static_cast<unix_ms>(random() % static_cast<unsigned>(below));
  };
  struct flight {
    unix_ms arrives;
    unix_ms answers;
    std::string id;
    call_report report;
    bool counted = false;
  };
  auto book = new_ledger(rules, t0);
  std::vector<flight> flying;
  std::map<unix_ms, std::uint32_t> counted;
  auto id = 0;
  for (auto now = t0; now < t0 + 300'000; now += 5) {
    for (auto& one : flying)
      if (!one.counted && one.arrives <= now) {
        one.counted = true;
        auto used = ++counted[one.arrives / 3'000];
        one.report = fixture::response(one.arrives / 1'000 * 1'000, used);
        one.report.usage.read_used.day.reset();
        one.report.usage.overall_used.day.reset();
      }
    std::erase_if(flying, [&](const flight& one) {
      if (!one.counted || one.answers > now)
        return false;
      settle(book, now, one.id, one.report, rules);
      return true;
    });
    if (flying.size() < 8 && uniform(3) == 0) {
      auto name = std::to_string(id++);
      if (!lease(book, now, backfill, name, "n", rules)) {
        auto arrives = now + uniform(400);
        flying.push_back({arrives, arrives + uniform(400), name, {}, false});
      }
    }
    book.mutable_day_read()->set_used(0);
    book.mutable_day_overall()->set_used(0);
  }
  auto total = std::uint32_t{0};
  auto windows = std::uint32_t{0};
  for (auto [window, used] : counted) {
    CHECK(used <= 10);
    if (window > t0 / 3'000 && window < (t0 + 297'000) / 3'000) {
      total += used;
      ++windows;
    }
  }
  CHECK(windows > 90);
  CHECK(total >= windows * 95 / 10);
}
