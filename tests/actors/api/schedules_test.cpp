#include "actors/api/schedules.hpp"

#include "actors/schedule_state.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using query::v1::ListScheduleRuns;
using query::v1::ListSchedules;
using query::v1::ScheduleList;
using query::v1::ScheduleRunList;

namespace {

struct fixture : test::actor_fixture {
  schedules_actor uut = keep(system().spawn(stravasync::schedules, context(),
                                            std::shared_ptr<key_value>{bus}));

  void lead(const std::string& who, std::uint64_t token) {
    state::v1::LeaderLease lease;
    lease.set_holder(who);
    lease.set_token(token);
    lease.set_since_ms(t0);
    bus->set(leaders_bucket, leader_key, lease.SerializeAsString());
  }

  /// A run that n1 began under token 5, after one that finished.
  static state::v1::ScheduleState running() {
    state::v1::ScheduleState result;
    result.set_slot_ms(t0 - 60'000);
    result.set_attempts(1);
    result.set_finished(true);
    result.set_jobs_published(9);
    remember_run(result);
    result.set_finished(false);
    result.set_slot_ms(t0);
    result.set_jobs_published(3);
    result.set_leader("n1");
    result.set_leader_token(5);
    result.set_plan("every 1m");
    result.set_next_slot_ms(t0 + 60'000);
    return result;
  }

  void store(const std::string& name, const state::v1::ScheduleState& what) {
    bus->set(schedules_bucket, name, what.SerializeAsString());
  }

  ScheduleRunList runs_of(const std::string& name) {
    ListScheduleRuns question;
    question.set_schedule(name);
    auto answer = ask<ScheduleRunList>(uut, question);
    REQUIRE(answer);
    return *answer;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "without workers there are no schedules",
                 "[schedules]") {
  auto all = ask<ScheduleList>(uut, ListSchedules{});
  REQUIRE(all);
  CHECK(all->schedules_size() == 0);
  CHECK(all->leader().empty());
}

TEST_CASE_METHOD(fixture, "schedules are shown with plan, run and leader",
                 "[schedules]") {
  lead("n1", 5);
  store("often", running());
  state::v1::ScheduleState fresh;
  fresh.set_finished(true);
  fresh.set_slot_ms(t0);
  store("daily", fresh);
  auto all = ask<ScheduleList>(uut, ListSchedules{});
  REQUIRE(all);
  REQUIRE(all->schedules_size() == 2);
  CHECK(all->leader() == "n1");
  CHECK(all->leader_since_ms() == t0);
  CHECK(all->schedules(0).name() == "daily");
  CHECK_FALSE(all->schedules(0).has_last_run());
  const auto& often = all->schedules(1);
  CHECK(often.plan() == "every 1m");
  CHECK(often.next_slot_ms() == t0 + 60'000);
  CHECK(often.last_run().state() == state::v1::RUN_STATE_RUNNING);
  CHECK(often.last_run().jobs_published() == 3);
}

TEST_CASE_METHOD(fixture, "a schedule that is behind says so", "[schedules]") {
  state::v1::ScheduleState late;
  late.set_finished(true);
  late.set_slot_ms(t0 - 180'000);
  late.set_next_slot_ms(t0 - 120'000);
  store("often", late);
  late.set_next_slot_ms(t0 + 60'000);
  store("rare", late);
  auto all = ask<ScheduleList>(uut, ListSchedules{});
  REQUIRE(all);
  REQUIRE(all->schedules_size() == 2);
  CHECK(all->schedules(0).problem()
        == "should have run 2 min ago, and did not");
  CHECK(all->schedules(1).problem().empty());
}

TEST_CASE_METHOD(fixture, "a run whose leader is gone is interrupted",
                 "[schedules]") {
  store("often", running());
  CHECK(runs_of("often").runs(0).state() == state::v1::RUN_STATE_INTERRUPTED);
  lead("n2", 6);
  CHECK(runs_of("often").runs(0).state() == state::v1::RUN_STATE_INTERRUPTED);
  lead("n1", 5);
  CHECK(runs_of("often").runs(0).state() == state::v1::RUN_STATE_RUNNING);
}

TEST_CASE_METHOD(fixture, "runs come newest first, each once", "[schedules]") {
  lead("n1", 5);
  auto state = running();
  store("often", state);
  auto runs = runs_of("often");
  REQUIRE(runs.runs_size() == 2);
  CHECK(runs.runs(0).slot_ms() == t0);
  CHECK(runs.runs(1).jobs_published() == 9);
  state.set_failed(true);
  state.set_last_error("the api is away");
  store("often", state);
  CHECK(runs_of("often").runs(0).state() == state::v1::RUN_STATE_FAILED);
  state.set_finished(true);
  remember_run(state);
  store("often", state);
  runs = runs_of("often");
  REQUIRE(runs.runs_size() == 2);
  CHECK(runs.runs(0).state() == state::v1::RUN_STATE_FINISHED);
  CHECK(runs.runs(0).last_error() == "the api is away");
}

TEST_CASE_METHOD(fixture, "what cannot be answered is an error",
                 "[schedules]") {
  ListScheduleRuns question;
  question.set_schedule("never");
  auto answer = ask<ScheduleRunList>(uut, question);
  CHECK(code_of(answer.error()) == ec::not_found);
  CHECK(detail_of(answer.error()) == "there is no schedule never");
  auto away = make_failure(ec::unavailable, "the bus is away");
  store("often", running());
  for (const auto* call : {"get", "keys"}) {
    bus->fail(call, away);
    CHECK(code_of(ask<ScheduleList>(uut, ListSchedules{}).error())
          == ec::unavailable);
  }
  CHECK(ask<ScheduleList>(uut, ListSchedules{}));
}
