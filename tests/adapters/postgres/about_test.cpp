#include "tests/adapters/postgres/concurrent_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <random>

/// @file
/// Who waits for whom: writes about one athlete, and nobody else.

namespace stravasync::postgres {

using contract::make_activity;
using contract::make_athlete;
using contract::make_message;

TEST_CASE_METHOD(concurrent_fixture, "work about an athlete waits for the "
                                     "other's and finds what that left") {
  REQUIRE_FALSE(add_athlete(*session));
  auto waiting = std::future<caf::error>{};
  CHECK_FALSE(session->write(athlete_1, [&](transaction& tx) {
    auto seen = tx.athletes().get({std::int64_t{1}});
    waiting = std::async(std::launch::async,
                         [&] { return other->write(athlete_1, add_one); });
    until_one_waits();
    return add_one(tx);
  }));
  CHECK_FALSE(waiting.get());
  CHECK(number("SELECT newest_start_ms FROM athlete")
        == make_athlete().newest_start_ms + 2);
}

TEST_CASE_METHOD(concurrent_fixture,
                 "work about another athlete does not wait") {
  REQUIRE_FALSE(add_athlete(*session, 1));
  REQUIRE_FALSE(add_athlete(*session, 2));
  auto two = std::vector<std::int64_t>{2};
  CHECK_FALSE(session->write(athlete_1, [&](transaction& tx) {
    CHECK_FALSE(other->write(two, [](transaction& theirs) {
      auto row = theirs.athletes().get({std::int64_t{2}});
      return theirs.athletes().update(**row);
    }));
    return add_one(tx);
  }));
}

TEST_CASE_METHOD(concurrent_fixture, "writes of versions that know no athletes "
                                     "are kept apart from those that do") {
  REQUIRE_FALSE(add_athlete(*session));
  auto older = pqxx::connection{server.socket_url(database)};
  auto holds = pqxx::work{older};
  holds.exec("LOCK TABLE setting IN ROW EXCLUSIVE MODE");
  auto waiting = std::async(std::launch::async,
                            [&] { return session->write(athlete_1, add_one); });
  until_one_waits();
  holds.exec("UPDATE athlete SET newest_start_ms = newest_start_ms + 1");
  holds.commit();
  CHECK_FALSE(waiting.get());
  CHECK(number("SELECT newest_start_ms FROM athlete")
        == make_athlete().newest_start_ms + 2);
}

TEST_CASE_METHOD(concurrent_fixture,
                 "work gets its turn though another, faster "
                 "one writes on and on") {
  REQUIRE_FALSE(add_athlete(*session));
  auto done = std::atomic{false};
  auto others = std::atomic{0};
  auto faster = std::async(std::launch::async, [&] {
    auto why = caf::error{};
    for (; !done && !why; ++others)
      why = other->write(athlete_1, add_one);
    return why;
  });
  for (auto i = 0; i < 20; ++i)
    CHECK_FALSE(session->write(athlete_1, add_one));
  done = true;
  CHECK_FALSE(faster.get());
  CHECK(number("SELECT newest_start_ms FROM athlete")
        == make_athlete().newest_start_ms + 20 + others);
}

TEST_CASE_METHOD(concurrent_fixture, "two that decide on what the other "
                                     "changes are both right") {
  // Write skew: else each would see no activity and add one.
  REQUIRE_FALSE(add_athlete(*session));
  auto add_if_none = [](transaction& tx, std::int64_t id) -> caf::error {
    auto count = tx.queries().count_activities(1);
    if (!count)
      return count.error();
    if (*count > 0)
      return caf::none;
    auto row = tx.activities().create(make_activity(id, 1));
    return row ? caf::error{} : row.error();
  };
  auto waiting = std::future<caf::error>{};
  CHECK_FALSE(session->write(athlete_1, [&](transaction& tx) {
    auto failure = add_if_none(tx, 1);
    waiting = std::async(std::launch::async, [&] {
      return other->write(
        athlete_1, [&](transaction& theirs) { return add_if_none(theirs, 2); });
    });
    until_one_waits();
    return failure;
  }));
  CHECK_FALSE(waiting.get());
  CHECK(number("SELECT count(*) FROM activity") == 1);
}

TEST_CASE_METHOD(concurrent_fixture,
                 "batches about the same athletes end "
                 "without a deadlock, whatever their order") {
  constexpr auto threads = 4;
  constexpr auto rounds = 15;
  auto ids = std::vector<std::int64_t>{1, 2, 3, 4, 5, 6};
  for (auto id : ids)
    REQUIRE_FALSE(add_athlete(*session, id));
  auto work = [&](store_session& mine, int number) -> std::string {
    auto random = std::minstd_rand{static_cast<unsigned>(number) + 1};
    for (auto i = 0; i < rounds; ++i) {
      auto about = ids;
      std::ranges::shuffle(about, random);
      if (auto failure = mine.write(about, [&](transaction& tx) -> caf::error {
            for (auto id : about)
              if (auto why = touch(tx, id))
                return why;
            auto message = tx.outbox().create(make_message("m"));
            return message ? caf::error{} : message.error();
          }))
        return detail_of(failure);
    }
    return {};
  };
  CHECK(at_once(*this, threads, work) == "");
  CHECK(number("SELECT min(newest_start_ms) FROM athlete")
        == make_athlete().newest_start_ms + threads * rounds);
  CHECK(number("SELECT max(newest_start_ms) FROM athlete")
        == make_athlete().newest_start_ms + threads * rounds);
  session.reset();
  other.reset();
  server.wait_until_alone(database);
  CHECK(number("SELECT deadlocks FROM pg_stat_database WHERE datname = '"
               + database + "'")
        == 0);
}

} // namespace stravasync::postgres
