#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

#include <atomic>
#include <future>
#include <thread>

namespace stravasync::contract {

namespace {

std::int64_t count(store_fixture& in) {
  return in.ask(
    [](auto& tx) { return tx.queries().count_activities(some_athlete); });
}

void add_athlete(store_fixture& to) {
  to.write([](transaction& tx) { must(tx.athletes().create(make_athlete())); });
}

/// Reads the athlete's row and writes it with a value that is greater by one.
caf::error count_up(transaction& tx, std::int64_t athlete_id) {
  auto row = tx.athletes().get({athlete_id});
  if (!row)
    return row.error();
  (*row)->newest_start_ms += 1;
  return tx.athletes().update(**row);
}

/// @returns how often that was done.
std::int64_t counted(store_fixture& in, std::int64_t athlete_id) {
  auto row = in.ask([=](auto& tx) { return tx.athletes().get({athlete_id}); });
  return row->newest_start_ms - make_athlete().newest_start_ms;
}

} // namespace

TEST_CASE_METHOD(store_fixture, "work that fails leaves nothing and its error "
                                "is the answer") {
  add_athlete(*this);
  auto failure = session->write([](transaction& tx) {
    must(tx.activities().create(make_activity(1)));
    return make_failure(ec::exhausted, "enough");
  });
  CHECK(code_of(failure) == ec::exhausted);
  CHECK(detail_of(failure) == "enough");
  CHECK(count(*this) == 0);
}

TEST_CASE_METHOD(store_fixture, "work that throws leaves nothing and the "
                                "session stays usable") {
  add_athlete(*this);
  auto work = [](transaction& tx) -> caf::error {
    must(tx.activities().create(make_activity(1)));
    throw std::runtime_error{"a bug"};
  };
  CHECK_THROWS_AS(static_cast<void>(session->write(work)), std::runtime_error);
  CHECK(count(*this) == 0);
}

TEST_CASE_METHOD(store_fixture, "a transaction sees its own writes") {
  write([](transaction& tx) {
    must(tx.athletes().create(make_athlete()));
    must(tx.activities().create(make_activity(1)));
    CHECK(must(tx.queries().count_activities(some_athlete)) == 1);
  });
}

TEST_CASE_METHOD(store_fixture, "a reading transaction refuses to write") {
  add_athlete(*this);
  auto refused = [&](auto change) {
    return code_of(
      session->read([&](transaction& tx) -> caf::error { return change(tx); }));
  };
  auto rows = std::vector{make_activity(1)};
  CHECK(refused([](auto& tx) {
          return error_in(tx.activities().create(make_activity(1)));
        })
        == ec::invalid_argument);
  CHECK(refused([](auto& tx) { return tx.athletes().update(make_athlete()); })
        == ec::invalid_argument);
  CHECK(refused([](auto& tx) {
          return error_in(tx.athletes().erase({some_athlete}));
        })
        == ec::invalid_argument);
  CHECK(refused(
          [&](auto& tx) { return error_in(tx.activities().upsert_many(rows)); })
        == ec::invalid_argument);
  CHECK(refused([](auto& tx) { return tx.queries().mark_sent({}, 1); })
        == ec::invalid_argument);
  CHECK(count(*this) == 0);
}

TEST_CASE_METHOD(store_fixture, "what one session committed another one "
                                "reads") {
  add_athlete(*this);
  auto other = must(store->opener()());
  auto seen = std::optional<athlete>{};
  must(other->read([&](transaction& tx) {
    seen = must(tx.athletes().get({some_athlete}));
    return caf::error{};
  }));
  CHECK(seen == make_athlete());
}

TEST_CASE_METHOD(store_fixture, "a reading transaction sees one state while "
                                "another session writes") {
  add_athlete(*this);
  auto other = must(store->opener()());
  auto count_in = [](transaction& tx) {
    return must(tx.queries().count_activities(some_athlete));
  };
  read([&](transaction& tx) {
    REQUIRE(count_in(tx) == 0);
    must(other->write([&](transaction& writing) {
      must(writing.activities().create(make_activity(1)));
      CHECK(count_in(tx) == 0);
      return caf::error{};
    }));
    CHECK(count_in(tx) == 0);
  });
  CHECK(count(*this) == 1);
}

TEST_CASE_METHOD(store_fixture, "many sessions write at once and nothing is "
                                "lost") {
  add_athlete(*this);
  constexpr auto sessions = 4;
  constexpr auto writes = 25;
  auto run = [this](int number) -> std::string {
    auto mine = store->opener()();
    if (!mine)
      return detail_of(mine.error());
    for (auto i = 0; i < writes; ++i) {
      auto failure = (*mine)->write([&](transaction& tx) {
        auto row = make_activity(number * 1'000 + i);
        return error_in(tx.activities().create(row));
      });
      if (failure)
        return detail_of(failure);
    }
    return {};
  };
  auto done = std::vector<std::future<std::string>>{};
  for (auto number = 0; number < sessions; ++number)
    done.push_back(std::async(std::launch::async, run, number));
  for (auto& each : done)
    CHECK(each.get() == "");
  CHECK(count(*this) == sessions * writes);
}

TEST_CASE_METHOD(store_fixture, "of many sessions that count an athlete's row "
                                "up, none overwrites another") {
  add_athlete(*this);
  auto run = [this]() -> std::string {
    auto mine = store->opener()();
    if (!mine)
      return detail_of(mine.error());
    for (auto i = 0; i < 25; ++i)
      if (auto failure = (*mine)->write({&some_athlete, 1}, [](auto& tx) {
            return count_up(tx, some_athlete);
          }))
        return detail_of(failure);
    return {};
  };
  auto first = std::async(std::launch::async, run);
  auto second = std::async(std::launch::async, run);
  CHECK(first.get() == "");
  CHECK(second.get() == "");
  CHECK(counted(*this, some_athlete) == 50);
}

TEST_CASE_METHOD(store_fixture, "writes about the same athletes in another "
                                "order all get through and see each other") {
  constexpr auto athletes = std::int64_t{4};
  constexpr auto rounds = 20;
  for (auto id = std::int64_t{1}; id <= athletes; ++id)
    write([id](auto& tx) { must(tx.athletes().create(make_athlete(id))); });
  auto run = [this](bool rising) -> std::string {
    auto mine = store->opener()();
    if (!mine)
      return detail_of(mine.error());
    auto about = std::vector<std::int64_t>{1, 2, 3, 4, 2};
    if (!rising)
      std::ranges::reverse(about);
    for (auto i = 0; i < rounds; ++i)
      if (auto failure = (*mine)->write(about, [&](auto& tx) -> caf::error {
            for (auto id : about)
              if (auto why = count_up(tx, id))
                return why;
            return {};
          }))
        return detail_of(failure);
    return {};
  };
  auto done = std::vector<std::future<std::string>>{};
  for (auto number = 0; number < 4; ++number)
    done.push_back(std::async(std::launch::async, run, number % 2 == 0));
  for (auto& each : done)
    CHECK(each.get() == "");
  CHECK(counted(*this, 1) == 4 * rounds);
  CHECK(counted(*this, 2) == 2 * 4 * rounds);
  CHECK(counted(*this, 4) == 4 * rounds);
}

TEST_CASE_METHOD(store_fixture, "of many sessions that create an athlete who "
                                "is not there, one does") {
  auto created = std::atomic{0};
  auto run = [this, &created]() -> std::string {
    auto mine = store->opener()();
    if (!mine)
      return detail_of(mine.error());
    auto mine_is_first = false;
    auto failure
      = (*mine)->write({&some_athlete, 1}, [&](auto& tx) -> caf::error {
          auto row = tx.athletes().get({some_athlete});
          if (!row)
            return row.error();
          mine_is_first = !*row;
          return *row ? caf::error{}
                      : error_in(tx.athletes().create(make_athlete()));
        });
    created += mine_is_first ? 1 : 0;
    return failure ? detail_of(failure) : std::string{};
  };
  auto done = std::vector<std::future<std::string>>{};
  for (auto number = 0; number < 4; ++number)
    done.push_back(std::async(std::launch::async, run));
  for (auto& each : done)
    CHECK(each.get() == "");
  CHECK(created == 1);
}

TEST_CASE_METHOD(store_fixture, "work about an athlete that fails leaves the "
                                "athlete to others") {
  add_athlete(*this);
  auto failure = session->write({&some_athlete, 1}, [](auto&) {
    return make_failure(ec::exhausted, "enough");
  });
  CHECK(code_of(failure) == ec::exhausted);
  auto other = must(store->opener()());
  must(other->write({&some_athlete, 1},
                    [](auto& tx) { return count_up(tx, some_athlete); }));
  CHECK(counted(*this, some_athlete) == 1);
}

TEST_CASE_METHOD(store_fixture, "what was committed is there in a new session "
                                "after all others are gone") {
  add_athlete(*this);
  session.reset();
  session = must(store->opener()());
  CHECK(ask([](auto& tx) { return tx.athletes().get({some_athlete}); })
        == make_athlete());
}

} // namespace stravasync::contract
