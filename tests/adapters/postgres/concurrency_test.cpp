#include "tests/adapters/postgres/concurrent_fixture.hpp"

namespace stravasync::postgres {

namespace {

using contract::make_activity;
using contract::make_athlete;
using contract::make_message;

/// Does what an outbox relay does until so many rows are sent, by anybody.
std::string relay_until(const concurrent_fixture& on, store_session& mine,
                        std::int64_t sent) {
  while (on.number("SELECT count(*) FROM outbox WHERE sent_at_ms > 0") < sent) {
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

} // namespace

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

TEST_CASE_METHOD(concurrent_fixture,
                 "who lost twice does not wait for one that "
                 "hangs") {
  REQUIRE_FALSE(add_athlete(*session));
  run("CREATE SEQUENCE tries; CREATE FUNCTION act() RETURNS trigger LANGUAGE "
      "plpgsql AS $$ BEGIN IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'as "
      "if' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$; CREATE "
      "TRIGGER "
      "act BEFORE UPDATE ON athlete FOR EACH ROW EXECUTE FUNCTION act()");
  auto hanging = pqxx::connection{server.socket_url(database)};
  auto holds = pqxx::work{hanging};
  holds.exec("LOCK TABLE setting IN SHARE MODE");
  auto runs = 0;
  CHECK_FALSE(session->write(athlete_1, [&](transaction& tx) {
    ++runs;
    return add_one(tx);
  }));
  CHECK(runs == 3);
}

TEST_CASE_METHOD(concurrent_fixture, "two that wait for each other get through "
                                     "one after the other") {
  REQUIRE_FALSE(add_athlete(*session, 1));
  REQUIRE_FALSE(add_athlete(*session, 2));
  constexpr auto rounds = 3;
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
      auto failure = mine.write({&who, 1}, [&](transaction& tx) -> caf::error {
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
      return relay_until(*this, mine, rows);
    for (auto i = 0; i < rows; ++i)
      if (auto failure = add(mine))
        return detail_of(failure);
    return {};
  };
  CHECK(at_once(*this, 3, work) == "");
  CHECK(number("SELECT count(*) FROM outbox WHERE sent_at_ms = 0") == 0);
}

} // namespace stravasync::postgres
