#include "actors/api/run_keeper.hpp"

#include "messages/events.pb.h"
#include "tests/actors/api/page_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

struct fixture : test::page_fixture {
  delivery_handler_actor keeper
    = keep(system().spawn(run_keeper, context(), store, relay));

  events::v1::SyncHeldUp
  hold_up(events::v1::SyncState state, std::uint32_t page_number) {
    events::v1::SyncHeldUp fact;
    fact.set_athlete_id(who);
    fact.set_run_id("r");
    fact.set_mode(jobs::v1::SYNC_MODE_BACKFILL);
    fact.set_page_number(page_number);
    fact.set_state(state);
    fact.set_reason("out of permits");
    fact.set_run_started_at_ms(t0);
    fact.set_at_ms(*now);
    if (state == events::v1::SYNC_STATE_WAITING)
      fact.set_resumes_at_ms(*now + 60'000);
    return fact;
  }

  bool takes(const events::v1::SyncHeldUp& fact) {
    return hand(keeper, fact).decision == verdict::ack;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a run that waits runs again with its next page",
                 "[run_keeper]") {
  add_athlete();
  CHECK(stores(make_page("r", 1, {1})));
  CHECK(takes(hold_up(events::v1::SYNC_STATE_WAITING, 2)));
  auto held = run_row("r");
  CHECK(held->state == events::v1::SYNC_STATE_WAITING);
  CHECK(held->reason == "out of permits");
  CHECK(held->resumes_at_ms == *now + 60'000);
  auto told = published<events::v1::SyncProgressed>();
  CHECK(told.back().status().state() == events::v1::SYNC_STATE_WAITING);
  pass(1min);
  CHECK(stores(make_page("r", 2, {2})));
  auto going = run_row("r");
  CHECK(going->state == events::v1::SYNC_STATE_RUNNING);
  CHECK(going->reason.empty());
  CHECK(going->resumes_at_ms == 0);
}

TEST_CASE_METHOD(fixture, "a hold-up that says nothing new is not told again",
                 "[run_keeper]") {
  add_athlete();
  auto fact = hold_up(events::v1::SYNC_STATE_WAITING, 1);
  CHECK(takes(fact));
  auto told = published<events::v1::SyncProgressed>().size();
  auto row = run_row("r");
  pass(1s);
  fact.set_at_ms(*now);
  fact.set_resumes_at_ms(fact.resumes_at_ms() + 999);
  CHECK(takes(fact));
  CHECK(run_row("r") == row);
  CHECK(published<events::v1::SyncProgressed>().size() == told);
  fact.set_resumes_at_ms(fact.resumes_at_ms() + 1);
  CHECK(takes(fact));
  CHECK(run_row("r")->resumes_at_ms == fact.resumes_at_ms());
  CHECK(published<events::v1::SyncProgressed>().size() == told + 1);
}

TEST_CASE_METHOD(fixture, "a hold-up that comes late is ignored",
                 "[run_keeper]") {
  add_athlete();
  auto late = hold_up(events::v1::SYNC_STATE_WAITING, 1);
  CHECK(stores(make_page("r", 1, {1})));
  CHECK(takes(late));
  CHECK(run_row("r")->state == events::v1::SYNC_STATE_RUNNING);
}

TEST_CASE_METHOD(fixture, "how a run ended stays", "[run_keeper]") {
  add_athlete();
  SECTION("complete") {
    CHECK(stores(last_page("r", 1, {1})));
  }
  SECTION("failed") {
    CHECK(takes(hold_up(events::v1::SYNC_STATE_FAILED, 1)));
  }
  SECTION("needs the athlete") {
    CHECK(takes(hold_up(events::v1::SYNC_STATE_NEEDS_REAUTH, 1)));
  }
  auto before = run_row("r");
  CHECK(before->finished_at_ms == *now);
  pass(1min);
  CHECK(takes(hold_up(events::v1::SYNC_STATE_WAITING, 5)));
  CHECK(run_row("r") == before);
}

TEST_CASE_METHOD(fixture, "a run may be held up before its first page",
                 "[run_keeper]") {
  add_athlete();
  CHECK(takes(hold_up(events::v1::SYNC_STATE_WAITING, 1)));
  auto run = run_row("r");
  REQUIRE(run);
  CHECK(run->athlete_id == who);
  CHECK(run->mode == jobs::v1::SYNC_MODE_BACKFILL);
  CHECK(run->started_at_ms == t0);
  CHECK(run->state == events::v1::SYNC_STATE_WAITING);
}

TEST_CASE_METHOD(fixture, "a disconnected athlete's hold-up is dropped",
                 "[run_keeper]") {
  CHECK(takes(hold_up(events::v1::SYNC_STATE_WAITING, 1)));
  CHECK_FALSE(run_row("r"));
}

TEST_CASE_METHOD(fixture, "a hold-up waits while the store is down",
                 "[run_keeper]") {
  add_athlete();
  *no_writes = true;
  auto got = hand(keeper, hold_up(events::v1::SYNC_STATE_WAITING, 1));
  CHECK(got.decision == verdict::snooze);
  CHECK(got.delay > 0ms);
}

TEST_CASE_METHOD(fixture, "what is no hold-up becomes a dead letter",
                 "[run_keeper]") {
  CHECK(hand(keeper, make_page("r", 1, {})).decision == verdict::dead_letter);
}
