#include "actors/worker/scheduler.hpp"

#include "actors/schedule_state.hpp"
#include "messages/error.hpp"
#include "tests/adapters/embedded_bus/log_lines.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

/// A FEEDER that finishes runs at once, as far as the bucket shows.
struct feeder_script {
  std::vector<feed_athletes> asked;
  caf::error failure; // Instead of the next run.
};

feeder_actor::behavior_type
scripted_feeder(feeder_actor::pointer, std::shared_ptr<feeder_script> script,
                std::shared_ptr<::test::fake_bus> bus) {
  return {
    [=](const feed_athletes& x) -> caf::result<fed_athletes> {
      script->asked.push_back(x);
      state::v1::ScheduleState state;
      state.set_slot_ms(x.slot_ms);
      auto why = std::exchange(script->failure, {});
      state.set_finished(!why);
      bus->set(schedules_bucket, x.schedule, state.SerializeAsString());
      if (why)
        return why;
      return fed_athletes{3};
    },
  };
}

struct fixture : ::test::actor_fixture {
  static constexpr auto minute = unix_ms{60'000};

  std::shared_ptr<feeder_script> fed = std::make_shared<feeder_script>();
  std::shared_ptr<stravasync::test::log_lines> lines
    = std::make_shared<stravasync::test::log_lines>();
  std::vector<schedule> schedules{
    {"often", plan_every(5min, "every 5m")},
    {"relist", plan_every(1h, "every 1h"), jobs::v1::SYNC_MODE_RELIST}};
  std::shared_ptr<leadership> role
    = std::make_shared<leadership>([] { return 0ms; });

  fixture() {
    role->grant(1, 1ms);
  }

  void start() {
    auto feeds = keep(system().spawn(scripted_feeder, fed, bus));
    auto known = context();
    known.journal = lines;
    keep(system().spawn(stravasync::scheduler, std::move(known),
                        std::shared_ptr<key_value>{bus}, role, feeds,
                        schedules));
    run();
  }

  [[nodiscard]] state::v1::ScheduleState state_of(const std::string& name) {
    state::v1::ScheduleState result;
    result.ParseFromString(bus->value(schedules_bucket, name));
    return result;
  }

  /// As if the slot had been run.
  void finish(const std::string& name, unix_ms slot_ms) {
    state::v1::ScheduleState state;
    state.set_slot_ms(slot_ms);
    state.set_finished(true);
    bus->set(schedules_bucket, name, state.SerializeAsString());
  }

  void pass_minutes(int count) {
    for (auto i = 0; i < count; ++i)
      pass(1min);
  }

  /// The slots run so far, in minutes since t0.
  [[nodiscard]] std::vector<unix_ms> slots_of(const std::string& name) const {
    std::vector<unix_ms> result;
    for (const auto& one : fed->asked)
      if (one.schedule == name)
        result.push_back((one.slot_ms - t0) / minute);
    return result;
  }
};

using minutes_list = std::vector<unix_ms>;

} // namespace

TEST_CASE_METHOD(fixture, "a new schedule runs first at its next slot",
                 "[scheduler]") {
  start();
  CHECK(fed->asked.empty());
  pass_minutes(4);
  CHECK(fed->asked.empty());
  pass_minutes(1);
  CHECK(slots_of("often") == minutes_list{5});
}

TEST_CASE_METHOD(fixture, "each schedule runs once in each of its slots",
                 "[scheduler]") {
  start();
  pass_minutes(62);
  CHECK(slots_of("often")
        == minutes_list{5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60});
  CHECK(slots_of("relist") == minutes_list{60});
  for (const auto& one : fed->asked)
    CHECK(one.mode
          == (one.schedule == "relist" ? jobs::v1::SYNC_MODE_RELIST
                                       : jobs::v1::SYNC_MODE_INCREMENTAL));
}

TEST_CASE_METHOD(fixture, "what was missed is caught up with one run",
                 "[scheduler]") {
  finish("often", t0 - 100 * minute);
  finish("relist", t0);
  start();
  CHECK(slots_of("often") == minutes_list{0});
  pass_minutes(5);
  CHECK(slots_of("often") == minutes_list{0, 5});
}

TEST_CASE_METHOD(fixture, "a run that was not finished goes on first",
                 "[scheduler]") {
  state::v1::ScheduleState begun;
  begun.set_slot_ms(t0 - 5 * minute);
  bus->set(schedules_bucket, "often", begun.SerializeAsString());
  start();
  CHECK(slots_of("often") == minutes_list{-5, 0});
}

TEST_CASE_METHOD(fixture, "a run that failed is tried again", "[scheduler]") {
  finish("often", t0 - 5 * minute);
  fed->failure = make_failure(ec::unavailable, "the api is away");
  start();
  CHECK(slots_of("often") == minutes_list{0});
  pass(9s);
  CHECK(slots_of("often") == minutes_list{0});
  pass(1s);
  CHECK(slots_of("often") == minutes_list{0, 0});
  pass_minutes(4);
  CHECK(slots_of("often") == minutes_list{0, 0});
}

TEST_CASE_METHOD(fixture, "a run that goes on failing is told of once",
                 "[scheduler]") {
  schedules.resize(1);
  finish("often", t0 - 5 * minute);
  auto fail = [&](const std::string& why) {
    fed->failure = make_failure(ec::full, why);
  };
  auto warnings = [&] { return lines->count(log_level::warning); };
  fail("JOBS is full");
  start();
  for (auto i = 0; i < 5; ++i) {
    fail("JOBS is full");
    pass(10s);
  }
  CHECK(fed->asked.size() == 6);
  CHECK(warnings() == 1);
  fail("the api is away");
  pass(10s);
  CHECK(warnings() == 2);
  pass(10s); // It runs.
  fail("the api is away");
  pass_minutes(5);
  CHECK(warnings() == 3);
}

TEST_CASE_METHOD(fixture, "without its bucket a schedule waits",
                 "[scheduler]") {
  schedules.resize(1);
  finish("often", t0 - 5 * minute);
  bus->fail("get", make_failure(ec::unavailable, "the bus is down"), 2);
  start();
  pass(10s);
  CHECK(fed->asked.empty());
  pass(10s);
  CHECK(slots_of("often") == minutes_list{0});
}

TEST_CASE_METHOD(fixture,
                 "a clock that is set forward is noticed within a "
                 "minute",
                 "[scheduler]") {
  start();
  *now += 4 * minute;
  pass_minutes(1);
  CHECK(slots_of("often") == minutes_list{5});
}

TEST_CASE_METHOD(fixture, "only the node that leads runs schedules",
                 "[scheduler]") {
  finish("often", t0 - 5 * minute);
  role->revoke();
  start();
  pass_minutes(3);
  CHECK(fed->asked.empty());
  CHECK(bus->calls("put") == 0);
  role->grant(2, 1ms);
  pass(500ms);
  CHECK(slots_of("often") == minutes_list{0});
  role->revoke();
  pass_minutes(20);
  CHECK(slots_of("often") == minutes_list{0});
}

TEST_CASE_METHOD(fixture, "what comes next is written down once",
                 "[scheduler]") {
  start();
  CHECK(state_of("often").plan() == "every 5m");
  CHECK(state_of("often").next_slot_ms() == t0 + 5 * minute);
  CHECK(state_of("relist").next_slot_ms() == t0 + 60 * minute);
  auto writes = bus->calls("put SCHEDULES/often");
  pass_minutes(4);
  CHECK(bus->calls("put SCHEDULES/often") == writes);
  pass_minutes(1);
  CHECK(state_of("often").next_slot_ms() == t0 + 10 * minute);
}

TEST_CASE_METHOD(fixture, "a plan that was changed is told as it is now",
                 "[scheduler]") {
  finish("often", t0);
  start();
  CHECK(state_of("often").plan() == "every 5m");
  CHECK(state_of("often").slot_ms() == t0);
  CHECK(state_of("often").next_slot_ms() == t0 + 5 * minute);
}

TEST_CASE_METHOD(fixture,
                 "runs by a clock that was years ahead keep no schedule from "
                 "its next slot",
                 "[scheduler]") {
  schedules.resize(1);
  constexpr auto years = 3 * 365 * 24 * 60 * minute;
  state::v1::ScheduleState ahead;
  ahead.set_slot_ms(t0 + years);
  ahead.set_leader_token(9);
  ahead.add_history()->set_slot_ms(t0 + years);
  SECTION("finished") {
    ahead.set_finished(true);
  }
  SECTION("under way") {
    ahead.set_attempts(1);
  }
  bus->set(schedules_bucket, "often", ahead.SerializeAsString());
  start();
  CHECK(fed->asked.empty());
  CHECK(state_of("often").slot_ms() == t0);
  CHECK(state_of("often").next_slot_ms() == t0 + 5 * minute);
  CHECK(state_of("often").leader_token() == 9);
  CHECK(state_of("often").history_size() == 1);
  pass_minutes(11);
  CHECK(slots_of("often") == minutes_list{5, 10});
  CHECK(lines->count(log_level::warning) == 1);
}

TEST_CASE_METHOD(fixture,
                 "a clock that is set back while it runs does not silence it",
                 "[scheduler]") {
  schedules.resize(1);
  start();
  pass_minutes(10);
  *now -= 60 * minute;
  pass_minutes(10);
  CHECK(slots_of("often") == minutes_list{5, 10, -45, -40});
  *now += 60 * minute;
  pass_minutes(5);
  CHECK(slots_of("often") == minutes_list{5, 10, -45, -40, 20, 25});
}

TEST_CASE_METHOD(fixture,
                 "a state that cannot be one is begun anew, which is told",
                 "[scheduler]") {
  schedules.resize(1);
  auto value = std::string{"\xff nonsense"};
  state::v1::ScheduleState forged;
  SECTION("no state at all") {
  }
  SECTION("times that no clock shows") {
    forged.set_slot_ms(t0);
    forged.set_started_at_ms(std::numeric_limits<unix_ms>::min());
    value = forged.SerializeAsString();
  }
  bus->set(schedules_bucket, "often", value);
  start();
  pass_minutes(5);
  CHECK(slots_of("often") == minutes_list{5});
  CHECK(lines->count(log_level::warning) == 1);
}
