#include "actors/schedule_state.hpp"
#include "actors/worker/feeder.hpp"
#include "actors/worker/leader.hpp"
#include "actors/worker/scheduler.hpp"
#include "tests/actors/worker/scripted_athletes.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/fake_bus.hpp"
#include "tests/support/silent_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

// Whole workers, each a process of its own as far as time is concerned: one can
// be paused or die while the others go on.

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto t0 = unix_ms{1'700'006'400'000}; // Midnight UTC of some day.
constexpr auto lease = 6'000ms;

/// What the workers share.
struct world {
  std::shared_ptr<test::fake_bus> bus = std::make_shared<test::fake_bus>();
  std::shared_ptr<athletes_script> athletes
    = std::make_shared<athletes_script>();
  milliseconds time{0}; // On every monotonic clock, paused or not.
};

class worker : public test::deterministic_system {
public:
  /// @param ahead How far its wall clock is from the others'.
  worker(world& in, const std::string& name, milliseconds ahead = 0ms)
    : in_{in},
      role_{std::make_shared<leadership>([&in] { return in.time; })} {
    auto context
      = actor_context{{},
                      std::make_shared<test::silent_log>(),
                      [&in, ahead] { return t0 + (in.time + ahead).count(); },
                      name};
    auto bus = std::shared_ptr<stravasync::bus>{in.bus};
    auto kv = std::shared_ptr<key_value>{in.bus};
    leader_
      = keep(system().spawn(leader, context, kv, role_, leader_config{lease}));
    auto athletes = keep(system().spawn(scripted_athletes, in.athletes));
    auto feeds = keep(
      system().spawn(feeder, context, bus, role_, athletes,
                     feeder_config{.publishers = 2, .athletes_page = 4}));
    keep(system().spawn(
      stravasync::scheduler, context, kv,
      std::shared_ptr<const leadership>{role_}, feeds,
      std::vector<schedule>{{"often", plan_every(5min, "every 5m")}}));
    run();
  }

  ~worker() {
    kill();
  }

  [[nodiscard]] bool leads() const {
    return role_->token().has_value();
  }

  /// Lets time pass for it; what it slept through comes at once.
  void live() {
    advance(in_.time - lived_);
    lived_ = in_.time;
  }

  /// SIGTERM.
  void stop_orderly() {
    for (auto i = started_.size(); i-- > 0;)
      stop(started_[i]);
    started_.clear();
  }

  /// SIGKILL.
  void kill() {
    for (const auto& one : started_)
      self()->send_exit(one, caf::exit_reason::kill);
    run();
    started_.clear();
  }

private:
  template <class Handle>
  Handle keep(Handle started) {
    started_.push_back(caf::actor_cast<caf::actor>(started));
    return started;
  }

  world& in_;
  milliseconds lived_{in_.time};
  std::shared_ptr<leadership> role_;
  leader_actor leader_;
  std::vector<caf::actor> started_;
};

struct fixture : world {
  static constexpr auto minute = unix_ms{60'000};

  fixture() {
    add_athletes(*athletes, 10);
  }

  void pass(milliseconds by, std::initializer_list<worker*> who) {
    constexpr auto step = 100ms;
    for (; by > 0ms; by -= step) {
      time += step;
      for (auto* one : who)
        one->live();
    }
  }

  [[nodiscard]] state::v1::ScheduleState progress() const {
    state::v1::ScheduleState result;
    result.ParseFromString(bus->value(schedules_bucket, "often"));
    return result;
  }

  /// Ids of the jobs in the stream; each is there once.
  [[nodiscard]] std::size_t jobs() const {
    std::set<std::string> ids;
    auto stored = bus->stored("jobs.>");
    for (const auto& one : stored)
      ids.emplace(one.header_or_empty(header::message_id));
    CHECK(ids.size() == stored.size());
    return ids.size();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "of two workers one runs the schedules",
                 "[take-over]") {
  auto a = worker{*this, "a"};
  auto b = worker{*this, "b", 30s};
  pass(15min, {&a, &b});
  CHECK(a.leads());
  CHECK_FALSE(b.leads());
  CHECK(jobs() == 30);
  CHECK(bus->calls("publish") == 30);
  CHECK(progress().history_size() == 3);
}

TEST_CASE_METHOD(fixture,
                 "when the leader dies in a run another one goes on at its "
                 "checkpoint",
                 "[take-over]") {
  auto a = worker{*this, "a"};
  auto b = worker{*this, "b", -30s};
  pass(4min, {&a, &b});
  bus->hold("publish");
  pass(1min, {&a, &b});
  while (progress().athletes_cursor().empty() && bus->held() > 0) {
    bus->release_one();
    a.live();
  }
  CHECK(progress().athletes_cursor() == "4");
  CHECK(progress().leader() == "a");
  a.kill();
  bus->release();
  athletes->cursors.clear();
  pass(9s, {&b});
  CHECK(b.leads());
  CHECK(athletes->cursors == std::vector<std::string>{"4", "8"});
  CHECK(progress().finished());
  CHECK(progress().slot_ms() == t0 + 5 * minute);
  CHECK(progress().leader() == "b");
  CHECK(progress().attempts() == 2);
  CHECK(progress().jobs_published() == 10);
  CHECK(jobs() == 10);
}

TEST_CASE_METHOD(fixture,
                 "a leader paused past its lease and resumed changes "
                 "nothing",
                 "[take-over]") {
  auto a = worker{*this, "a", 30s};
  auto b = worker{*this, "b"};
  pass(4min, {&a, &b});
  bus->hold("publish");
  pass(31s, {&a, &b});                 // The slot of a's clock.
  REQUIRE(bus->calls("publish") == 2); // In flight when it is paused.
  bus->release();
  pass(40s, {&b});
  CHECK(b.leads());
  REQUIRE(progress().finished());
  CHECK(progress().leader() == "b");
  auto state = progress().SerializeAsString();
  auto published = bus->calls("publish");
  CHECK(published == 12);
  CHECK(jobs() == 10);
  // It wakes up in the middle of its run.
  a.live();
  pass(1min, {&a, &b});
  CHECK_FALSE(a.leads());
  CHECK(b.leads());
  CHECK(bus->calls("publish") == published);
  CHECK(progress().SerializeAsString() == state);
  CHECK(jobs() == 10);
  // And follows when it is its turn again.
  b.stop_orderly();
  pass(5min, {&a});
  CHECK(a.leads());
  CHECK(jobs() == 20);
  CHECK(progress().leader() == "a");
}

TEST_CASE_METHOD(fixture, "a leader that stops in a run hands it over at once",
                 "[take-over]") {
  auto a = worker{*this, "a"};
  auto b = worker{*this, "b"};
  pass(4min + 50s, {&a, &b});
  bus->hold("publish");
  pass(10s, {&a, &b});
  REQUIRE(bus->calls("publish") == 2);
  a.stop_orderly();
  bus->release();
  pass(2s, {&b});
  CHECK(b.leads());
  CHECK(progress().finished());
  CHECK(progress().attempts() == 2);
  CHECK(jobs() == 10);
}

TEST_CASE_METHOD(fixture, "what all of them missed is caught up once",
                 "[take-over]") {
  {
    auto a = worker{*this, "a"};
    pass(5min, {&a});
    CHECK(jobs() == 10);
    a.stop_orderly();
  }
  time += 24h;
  auto a = worker{*this, "a"};
  auto b = worker{*this, "b", -30s};
  pass(4min, {&a, &b});
  CHECK(jobs() == 20);
  CHECK(progress().slot_ms() == t0 + (24 * 60 + 5) * minute);
  CHECK(progress().history_size() == 2);
}
