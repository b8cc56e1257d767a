#include "actors/consumer/ledger_repair.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto day = unix_ms{86'400'000};
constexpr auto window = unix_ms{900'000};
constexpr auto t0 = 19'000 * day;
constexpr auto year_9999 = unix_ms{253'402'300'000'000};

const auto rules = budget_rules{};

/// Of a window that begins at `at`, with seven reads.
ledger used_at(unix_ms at) {
  auto book = new_ledger(rules, at);
  book.set_confirmed(true);
  book.set_as_of_ms(at);
  for (auto* one : {book.mutable_short_overall(), book.mutable_short_read(),
                    book.mutable_day_overall(), book.mutable_day_read()})
    one->set_used(7);
  return book;
}

found_ledger read(const ledger& book) {
  return read_ledger(book.SerializeAsString(), rules, t0);
}

} // namespace

TEST_CASE("a ledger that can be is read as it is", "[ledger]") {
  auto book = used_at(t0);
  auto found = read(book);
  CHECK(found.unusable.empty());
  CHECK(found.book.SerializeAsString() == book.SerializeAsString());
}

TEST_CASE("who waits is forgotten if it cannot be, and nothing else",
          "[ledger]") {
  auto book = used_at(t0);
  auto* one = book.add_openings();
  SECTION("never ending") {
    one->set_at_ms(year_9999);
  }
  SECTION("more than there are") {
    one->set_waiting(4'000'000'000);
  }
  SECTION("without end") {
    for (auto i = 0; i < 1'000; ++i)
      book.add_openings()->set_at_ms(t0 + i);
  }
  auto found = read(book);
  CHECK(found.unusable.empty());
  CHECK(found.book.openings_size() == 0);
  CHECK(found.book.short_read().used() == 7);
}

TEST_CASE("a ledger that cannot be is replaced by a careful new one",
          "[ledger]") {
  auto value = std::string{};
  auto book = used_at(t0);
  SECTION("no ledger at all") {
    value = "\xff\xff";
  }
  SECTION("of the year 9999") {
    book.set_window_start_ms(year_9999);
    value = book.SerializeAsString();
  }
  SECTION("a day before Strava was") {
    book.set_day_start_ms(-day);
    value = book.SerializeAsString();
  }
  SECTION("written in the year 9999") {
    book.set_as_of_ms(year_9999);
    value = book.SerializeAsString();
  }
  SECTION("a limit of nothing, with which it waits for ever") {
    book.mutable_day_read()->set_limit(0);
    value = book.SerializeAsString();
  }
  SECTION("a limit that nobody has") {
    book.mutable_short_read()->set_limit(4'000'000'000);
    value = book.SerializeAsString();
  }
  SECTION("a permit that never ends") {
    auto* one = book.add_leases();
    one->set_id("x");
    one->set_expires_at_ms(year_9999);
    value = book.SerializeAsString();
  }
  auto found = read_ledger(value, rules, t0 + 5);
  CHECK_FALSE(found.unusable.empty());
  CHECK(found.book.window_start_ms() == t0);
  CHECK(found.book.day_start_ms() == t0);
  CHECK(found.book.short_read().limit() == rules.short_read);
  CHECK_FALSE(found.book.confirmed());
  // What may be in flight stays on record, for as long as it may be.
  for (const auto& one : found.book.leases())
    CHECK(one.expires_at_ms() <= t0 + 5 + rules.lease_max.count());
}

TEST_CASE("a new ledger is asked for by one that has only what is in flight",
          "[ledger]") {
  ledger asking;
  auto* one = asking.add_leases();
  one->set_id("n1/7/0");
  one->set_node("n1");
  one->set_taken_at_ms(t0 - 1'000);
  one->set_expires_at_ms(t0 + 4'000);
  auto found = read(asking);
  CHECK(found.unusable.empty());
  CHECK(found.book.short_read().used() == 0);
  CHECK_FALSE(found.book.confirmed());
  REQUIRE(found.book.leases_size() == 1);
  CHECK(found.book.leases(0).id() == "n1/7/0");
  auto next = lease(found.book, t0, jobs::v1::LANE_LIVE, "x", "n1", rules);
  CHECK(next.has_value());
}

TEST_CASE("a ledger of the future is taken back with what is used",
          "[ledger]") {
  auto ahead = t0 + 3 * 365 * day;
  auto book = used_at(ahead);
  roll(book, ahead + window, rules);
  book.mutable_short_read()->set_used(5);
  REQUIRE(book.closed_size() == 1);
  REQUIRE(take_back(book, t0 + 5, t0 + 6, rules));
  CHECK(book.window_start_ms() == t0);
  CHECK(book.day_start_ms() == t0);
  CHECK(book.as_of_ms() <= t0 + 6);
  CHECK(book.short_read().used() == 5);
  CHECK(book.day_read().used() == 7);
  CHECK(book.closed_size() == 0);
  CHECK_FALSE(book.confirmed());
  CHECK_FALSE(take_back(book, t0 + 5, t0 + 6, rules));
}

TEST_CASE("a ledger that is little ahead, or behind, is left alone",
          "[ledger]") {
  for (auto at : {t0, t0 + window, t0 - day, t0 - 400 * day}) {
    auto book = used_at(at);
    auto before = book.SerializeAsString();
    CHECK_FALSE(take_back(book, t0, t0 + 1, rules));
    CHECK(book.SerializeAsString() == before);
  }
}

TEST_CASE("a node whose clock is behind waits a window at most", "[ledger]") {
  auto book = used_at(t0 + 365 * day);
  book.mutable_short_read()->set_used(rules.short_read);
  auto until = lease(book, t0, jobs::v1::LANE_LIVE, "x", "n1", rules);
  CHECK(until == t0 + window);
}
