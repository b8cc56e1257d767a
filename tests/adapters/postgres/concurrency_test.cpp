#include "tests/adapters/postgres/postgres_fixture.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <thread>

namespace stravasync::postgres {

namespace {

using contract::make_activity;
using contract::make_athlete;
using contract::make_message;

struct concurrent_fixture : postgres_fixture {
  std::unique_ptr<store_session> session = make_database();
  std::unique_ptr<store_session> other = open();

  /// Does what an outbox relay does until so many rows are sent, by anybody.
  [[nodiscard]] std::string
  relay_until(store_session& mine, std::int64_t sent) const {
    while (number("SELECT count(*) FROM outbox WHERE sent_at_ms > 0") < sent) {
      auto ids = std::vector<std::int64_t>{};
      auto failure = mine.read([&](transaction& tx) -> caf::error {
        auto waiting = tx.queries().unsent(10);
        if (!waiting)
          return waiting.error();
        for (const auto& each : *waiting)
          ids.push_back(each.id);
        return caf::none;
      });
      if (!failure && !ids.empty())
        failure = mine.write(
          [&](transaction& tx) { return tx.queries().mark_sent(ids, 5); });
      if (failure)
        return detail_of(failure);
    }
    return {};
  }
};

caf::error add_one(transaction& tx) {
  auto row = tx.athletes().get({std::int64_t{1}});
  if (!row)
    return row.error();
  (*row)->newest_start_ms += 1;
  return tx.athletes().update(**row);
}

/// Runs `work(session, number)` on sessions and threads of their own.
/// @returns the first error's text.
template <class Work>
std::string at_once(const postgres_fixture& on, int threads, Work work) {
  auto running = std::vector<std::future<std::string>>{};
  for (auto number = 0; number < threads; ++number)
    running.push_back(std::async(std::launch::async, [&, number] {
      auto mine = open_session(on.opts);
      return mine ? work(**mine, number) : detail_of(mine.error());
    }));
  auto first = std::string{};
  for (auto& each : running)
    if (auto why = each.get(); first.empty())
      first = why;
  return first;
}

} // namespace

TEST_CASE_METHOD(concurrent_fixture, "work that conflicts with another's is "
                                     "run again on what the other left") {
  REQUIRE_FALSE(add_athlete(*session));
  auto runs = 0;
  CHECK_FALSE(session->write([&](transaction& tx) {
    auto seen = tx.athletes().get({std::int64_t{1}});
    if (++runs == 1)
      CHECK_FALSE(other->write(add_one));
    return add_one(tx);
  }));
  CHECK(runs == 2);
  CHECK(number("SELECT newest_start_ms FROM athlete")
        == make_athlete().newest_start_ms + 2);
}

TEST_CASE_METHOD(concurrent_fixture, "work that always conflicts ends in "
                                     "unavailable, for a while") {
  REQUIRE_FALSE(add_athlete(*session));
  run("CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "RAISE EXCEPTION 'as if' USING ERRCODE = '40001'; END $$; "
      "CREATE TRIGGER act BEFORE UPDATE ON athlete FOR EACH ROW "
      "EXECUTE FUNCTION act()");
  auto runs = 0;
  auto failure = session->write([&](transaction& tx) {
    ++runs;
    return add_one(tx);
  });
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(retry_after_of(failure));
  CHECK(mentions(failure, "at the same time"));
  CHECK(runs > 3);
  run("DROP TRIGGER act ON athlete");
  CHECK_FALSE(session->write(add_one));
}

TEST_CASE_METHOD(concurrent_fixture, "who lost gets a turn though another, "
                                     "faster one writes on and on") {
  REQUIRE_FALSE(add_athlete(*session));
  auto done = std::atomic{false};
  auto others = std::atomic{0};
  auto faster = std::async(std::launch::async, [&] {
    auto why = caf::error{};
    for (; !done && !why; ++others)
      why = other->write(add_one);
    return why;
  });
  auto runs = 0;
  auto failure = session->write([&](transaction& tx) {
    ++runs;
    auto seen = tx.athletes().get({std::int64_t{1}});
    // Whoever may write does so meanwhile.
    auto before = others.load();
    for (auto i = 0; i < 100 && others == before; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return add_one(tx);
  });
  done = true;
  CHECK_FALSE(failure);
  CHECK(runs <= 3);
  CHECK_FALSE(faster.get());
}

TEST_CASE_METHOD(concurrent_fixture, "who lost does not wait for one that "
                                     "hangs") {
  REQUIRE_FALSE(add_athlete(*session));
  auto hanging = pqxx::connection{server.socket_url(database)};
  auto holds = pqxx::work{hanging};
  holds.exec("LOCK TABLE setting IN ROW EXCLUSIVE MODE");
  auto runs = 0;
  CHECK_FALSE(session->write([&](transaction& tx) {
    auto seen = tx.athletes().get({std::int64_t{1}});
    if (++runs <= 2)
      CHECK_FALSE(other->write(add_one));
    return add_one(tx);
  }));
  CHECK(runs == 3);
}

TEST_CASE_METHOD(concurrent_fixture, "two that wait for each other get through "
                                     "one after the other") {
  REQUIRE_FALSE(add_athlete(*session, 1));
  REQUIRE_FALSE(add_athlete(*session, 2));
  constexpr auto rounds = 3;
  auto touch = [](transaction& tx, std::int64_t id) -> caf::error {
    auto row = tx.athletes().get({id});
    if (!row)
      return row.error();
    (*row)->newest_start_ms += 1;
    return tx.athletes().update(**row);
  };
  auto work = [&](store_session& mine, int number) -> std::string {
    for (auto i = 0; i < rounds; ++i)
      if (auto failure = mine.write([&](transaction& tx) -> caf::error {
            if (auto why = touch(tx, number + 1))
              return why;
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
            return touch(tx, 2 - number);
          }))
        return detail_of(failure);
    return {};
  };
  CHECK(at_once(*this, 2, work) == "");
  CHECK(number("SELECT sum(newest_start_ms) FROM athlete")
        == 2 * (make_athlete().newest_start_ms + 2 * rounds));
}

TEST_CASE_METHOD(concurrent_fixture, "two that decide on what the other "
                                     "changes are not both right") {
  // Write skew: each sees no activity and adds one.
  REQUIRE_FALSE(add_athlete(*session));
  auto add_if_none
    = [](
        transaction& tx, std::int64_t id,
        const std::function<void()>& between = [] {}) -> caf::error {
    auto count = tx.queries().count_activities(1);
    if (!count)
      return count.error();
    if (*count > 0)
      return caf::none;
    between();
    auto row = tx.activities().create(make_activity(id, 1));
    return row ? caf::error{} : row.error();
  };
  auto runs = 0;
  // Before the first adds one: whoever adds second waits for the first's end.
  CHECK_FALSE(session->write([&](transaction& tx) {
    return add_if_none(tx, 1, [&] {
      if (++runs == 1)
        CHECK_FALSE(other->write(
          [&](transaction& theirs) { return add_if_none(theirs, 2); }));
    });
  }));
  CHECK(number("SELECT count(*) FROM activity") == 1);
}

TEST_CASE_METHOD(concurrent_fixture, "batches of several athletes and their "
                                     "outbox rows are stored at once") {
  constexpr auto threads = 4;
  constexpr auto pages = 10;
  constexpr auto page_size = 100;
  auto store = [&](store_session& mine, int number) -> std::string {
    auto who = std::int64_t{number} + 1;
    if (auto failure = add_athlete(mine, who))
      return detail_of(failure);
    for (auto page = 0; page < pages; ++page) {
      auto rows = std::vector<activity>{};
      for (auto i = 0; i < page_size; ++i)
        rows.push_back(
          make_activity((page * page_size + i) * threads + who, who));
      auto failure = mine.write([&](transaction& tx) -> caf::error {
        auto stored = tx.activities().upsert_many(rows);
        if (!stored)
          return stored.error();
        auto message = tx.outbox().create(make_message("m"));
        return message ? caf::error{} : message.error();
      });
      if (failure)
        return detail_of(failure);
    }
    return {};
  };
  CHECK(at_once(*this, threads, store) == "");
  CHECK(number("SELECT count(*) FROM activity") == threads * pages * page_size);
  CHECK(number("SELECT count(*) FROM outbox") == threads * pages);
}

TEST_CASE_METHOD(concurrent_fixture, "relays of several nodes get the outbox "
                                     "empty while rows are added") {
  constexpr auto rows = 60;
  auto add = [](store_session& mine) {
    return mine.write([](transaction& tx) {
      auto row = tx.outbox().create(make_message("m"));
      return row ? caf::error{} : row.error();
    });
  };
  auto work = [&](store_session& mine, int number) -> std::string {
    if (number > 0)
      return relay_until(mine, rows);
    for (auto i = 0; i < rows; ++i)
      if (auto failure = add(mine))
        return detail_of(failure);
    return {};
  };
  CHECK(at_once(*this, 3, work) == "");
  CHECK(number("SELECT count(*) FROM outbox WHERE sent_at_ms = 0") == 0);
}

} // namespace stravasync::postgres
