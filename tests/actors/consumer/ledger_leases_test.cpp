#include "tests/actors/consumer/ledger_fixture.hpp"

using namespace stravasync;
using fixture = ledger_fixture;

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
