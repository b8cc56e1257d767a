#include "tests/actors/consumer/ledger_fixture.hpp"

#include <map>
#include <vector>

using namespace stravasync;

namespace {

constexpr auto window = unix_ms{3'000};

/// Windows of 10 reads, of which 1 is for live work until half of it is over.
struct fixture : ledger_fixture {
  /// Asks as a job does that was refused before, or comes for the first time.
  /// @returns when it is to come again; none: it may call.
  std::optional<unix_ms>
  come(unix_ms at, bool came_before = false, jobs::v1::Lane lane = backfill) {
    auto until = take(at, lane);
    if (until)
      until = take_place(book, at, lane, *until, came_before, rules);
    return until;
  }

  /// Uses up what there is for `lane` at `at`.
  void use_up(unix_ms at, jobs::v1::Lane lane = backfill) {
    while (!take(at, lane))
      answer(next_id - 1, at, {.sent = true, .status = 200});
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "jobs that wait are told to come when they can be served",
                 "[ledger]") {
  use_up(t0);
  std::map<unix_ms, int> coming;
  for (auto i = 0; i < 30; ++i)
    ++coming[*come(t0 + 1)];
  // What is kept for live work is free to all halfway through a window. A few
  // more than can be served come: one of them may have nothing to do.
  CHECK(coming[t0 + 1'500] == 2);
  CHECK(coming[t0 + window] == 10);
  CHECK(coming[t0 + window + 1'500] == 2);
  CHECK(coming[t0 + 2 * window] == 10);
  CHECK(coming[t0 + 2 * window + 1'500] == 2);
  CHECK(coming[t0 + 3 * window] == 4);
}

TEST_CASE_METHOD(fixture,
                 "however many wait, each is refused hardly more than once",
                 "[ledger]") {
  constexpr auto jobs = 200;
  std::multimap<unix_ms, bool> coming; // And whether it was refused before.
  for (auto i = 0; i < jobs; ++i)
    coming.emplace(t0 + 1, false);
  std::map<unix_ms, int> calls;
  auto refusals = 0;
  while (!coming.empty()) {
    auto [at, again] = *coming.begin();
    coming.erase(coming.begin());
    if (auto until = come(at, again)) {
      REQUIRE(*until > at);
      coming.emplace(*until, true);
      ++refusals;
      continue;
    }
    answer(next_id - 1, at, {.sent = true, .status = 200});
    ++calls[at / window];
  }
  CHECK(refusals < 2 * jobs);
  // No window but the last has a permit left.
  for (const auto& [number, count] : calls)
    if (number != calls.rbegin()->first)
      CHECK(count == 10);
}

TEST_CASE_METHOD(fixture, "a job that came in vain goes before new ones",
                 "[ledger]") {
  use_up(t0);
  for (auto i = 0; i < 30; ++i)
    come(t0 + 1);
  use_up(t0 + 1'500);
  CHECK(come(t0 + 1'600, true) == t0 + window);
  CHECK(*come(t0 + 1'600) > t0 + 2 * window);
}

TEST_CASE_METHOD(fixture, "live work waits for nobody in another lane",
                 "[ledger]") {
  use_up(t0);
  for (auto i = 0; i < 100; ++i)
    come(t0 + 1);
  CHECK_FALSE(come(t0 + 2, false, live));
  answer(next_id - 1, t0 + 2, {.sent = true, .status = 200});
  use_up(t0 + 2, live);
  CHECK(come(t0 + 3, false, live) == t0 + window);
}

TEST_CASE_METHOD(fixture, "no more are to come on a day than it has permits",
                 "[ledger]") {
  rules.window = 3'600s;
  rules.day_read = 35;
  book = new_ledger(rules, t0);
  book.set_confirmed(true);
  use_up(t0);
  constexpr auto day = unix_ms{86'400'000};
  std::map<unix_ms, int> coming;
  for (auto i = 0; i < 60; ++i)
    ++coming[*come(t0 + 1) / day - t0 / day];
  CHECK(coming[0] == 26);
  CHECK(coming[1] == 34);
}

TEST_CASE_METHOD(fixture, "nobody is sent away for more than a day",
                 "[ledger]") {
  rules.window = 3'600s;
  use_up(t0);
  auto latest = unix_ms{0};
  for (auto i = 0; i < 2'000; ++i)
    latest = std::max(latest, *come(t0 + 1));
  CHECK(latest > t0 + 23 * 3'600'000);
  CHECK(latest <= t0 + 86'400'001);
  CHECK(book.openings_size() < 60);
}

TEST_CASE_METHOD(fixture,
                 "the ledger stays small, however many wait for short windows",
                 "[ledger]") {
  use_up(t0);
  for (auto i = 0; i < 5'000; ++i)
    come(t0 + 1);
  CHECK(book.openings_size() <= 301);
  CHECK(book.ByteSizeLong() < 10'000);
}

TEST_CASE_METHOD(fixture, "openings that are past are forgotten", "[ledger]") {
  use_up(t0);
  for (auto i = 0; i < 30; ++i)
    come(t0 + 1);
  REQUIRE(book.openings_size() == 6);
  roll(book, t0 + 2 * window, rules);
  CHECK(book.openings_size() == 2);
}

TEST_CASE_METHOD(fixture, "before limits are confirmed nobody is put in line",
                 "[ledger]") {
  book.set_confirmed(false);
  CHECK_FALSE(come(t0));
  CHECK(come(t0) == t0 + 200);
  CHECK(book.openings_size() == 0);
}
