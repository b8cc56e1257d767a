#include "tests/actors/consumer/ledger_fixture.hpp"

#include <map>
#include <random>
#include <vector>

using namespace stravasync;
using fixture = ledger_fixture;

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

TEST_CASE_METHOD(fixture, "a Date beyond the window begins the next one",
                 "[ledger]") {
  CHECK_FALSE(take(t0 + 2'990));
  answer(0, t0 + 2'995, response(t0 + 3'000, 1));
  CHECK(book.window_start_ms() == t0 + 3'000);
  CHECK(book.short_read().used() == 1);
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
