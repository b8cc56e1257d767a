#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

namespace stravasync::contract {

namespace {

constexpr auto now = unix_ms{1'700'000'000'000};
constexpr auto years = unix_ms{100'000'000'000};
constexpr auto hour = unix_ms{3'600'000};

struct clock_fixture : store_fixture {
  clock_fixture() {
    write([](transaction& tx) { must(tx.athletes().create(make_athlete())); });
  }

  void add(std::int64_t id, unix_ms fetched_at_ms) {
    auto row = make_activity(id);
    row.fetched_at_ms = fetched_at_ms;
    write([&](transaction& tx) { must(tx.activities().create(row)); });
  }
};

} // namespace

TEST_CASE_METHOD(clock_fixture, "what a clock that was ahead wrote comes back, "
                                "in its order") {
  auto sent = std::vector<std::int64_t>{};
  write([&](transaction& tx) {
    auto add = [&](const char* id, unix_ms started) {
      auto run = make_run(id);
      run.started_at_ms = started;
      run.updated_at_ms = run.finished_at_ms = started + 5;
      must(tx.sync_runs().create(run));
    };
    add("before", now - hour);
    add("ahead-2", now + years + 2);
    add("ahead-1", now + years + 1);
    sent.push_back(must(tx.outbox().create(make_message("a"))));
    must(tx.queries().mark_sent(sent, now + years));
    auto fetched = make_activity(1);
    fetched.fetched_at_ms = now + years;
    must(tx.activities().create(fetched));
    must(tx.absences().create(
      {.activity_id = 1, .athlete_id = some_athlete, .since_ms = now + years}));
    auto listed = make_unread(7);
    listed.listed_at_ms = now + years;
    must(tx.unread_activities().create(listed));
    must(tx.unread_activities().create(make_unread(8)));
    CHECK(must(tx.queries().bring_back(now, now + hour)) == 6);
    CHECK(must(tx.queries().bring_back(now, now + hour)) == 0);
  });
  auto started = [&](const char* id) {
    return ask([&](auto& tx) { return tx.sync_runs().get({id}); })
      ->started_at_ms;
  };
  CHECK(started("before") == now - hour);
  CHECK(started("ahead-1") == now - 1);
  CHECK(started("ahead-2") == now);
  auto newest
    = ask([](auto& tx) { return tx.queries().newest_run(some_athlete); });
  REQUIRE(newest);
  CHECK(newest->id == "ahead-2");
  CHECK(newest->updated_at_ms == now);
  CHECK(newest->finished_at_ms == now);
  auto fetched = ask([](auto& tx) { return tx.activities().get({1}); });
  REQUIRE(fetched);
  CHECK(fetched->fetched_at_ms == now);
  auto absent = ask([](auto& tx) { return tx.absences().get({1}); });
  REQUIRE(absent);
  CHECK(absent->since_ms == now);
  auto listed_at = [&](std::int64_t digest) {
    return ask([&](auto& tx) {
             return tx.unread_activities().get({some_athlete, digest});
           })
      ->listed_at_ms;
  };
  CHECK(listed_at(7) == now);
  CHECK(listed_at(8) == make_unread(8).listed_at_ms);
  auto kept = ask([](auto& tx) { return tx.outbox().list({}); });
  REQUIRE(kept.items.size() == 1);
  CHECK(kept.items[0].sent_at_ms == now);
}

TEST_CASE_METHOD(clock_fixture, "what was fetched by a clock that was ahead "
                                "comes back, whatever its run is") {
  constexpr auto ahead = now + hour;
  add(1, ahead);
  add(2, now - 5);
  write([&](transaction& tx) {
    auto run = make_run("r");
    run.started_at_ms = now - 10;
    must(tx.sync_runs().create(run));
    auto& queries = tx.queries();
    auto look = must(queries.look_for_fetched_after(ahead, 0, 10));
    CHECK_FALSE(look.any);
    CHECK(look.last_id == 2);
    CHECK(must(queries.bring_fetched_back(now, ahead)) == 0);
  });
  add(3, now + years);
  write([&](transaction& tx) {
    auto& queries = tx.queries();
    must(queries.mark_deleted(std::vector<std::int64_t>{2}, now + years));
    auto look = [&](std::int64_t behind) {
      return must(queries.look_for_fetched_after(ahead, behind, 1));
    };
    CHECK_FALSE(look(0).any);
    CHECK(look(0).last_id == 1);
    CHECK(look(1).any); // Deleted by that clock.
    CHECK(look(2).any);
    CHECK(look(2).last_id == 3);
    CHECK(look(3).last_id == 0);
    CHECK(must(queries.bring_fetched_back(now, ahead)) == 2);
    CHECK_FALSE(look(1).any);
    CHECK_FALSE(look(2).any);
    // The next answer counts again.
    auto edited = make_activity(3);
    edited.fetched_at_ms = now + 1;
    edited.name = "edited";
    CHECK(must(tx.activities().upsert_many(std::span{&edited, 1}))
          == std::vector{upsert_result::updated});
  });
  auto row = [&](std::int64_t id) {
    return *ask([&](auto& tx) { return tx.activities().get({id}); });
  };
  CHECK(row(1).fetched_at_ms == ahead);
  CHECK(row(1).deleted_at_ms == std::nullopt);
  CHECK(row(2).fetched_at_ms == now - 5);
  CHECK(row(2).deleted_at_ms == now);
}

} // namespace stravasync::contract
