#include "actors/worker/leader.hpp"

#include "actors/schedule_state.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto lease = 6'000ms;
/// A lease, and until the next look after it.
constexpr auto take_over_max = 7'100ms;

struct fixture : test::actor_fixture {
  /// One LEADER and what it says.
  struct node {
    std::shared_ptr<leadership> role;
    leader_actor leads;

    [[nodiscard]] std::optional<std::uint64_t> token() const {
      return role->token();
    }
  };

  std::shared_ptr<milliseconds> time = std::make_shared<milliseconds>(0);

  /// @param ahead How far its clocks are from those of others.
  node start(const std::string& name, milliseconds ahead = 0ms,
             milliseconds length = lease) {
    auto role = std::make_shared<leadership>(
      [time = time, ahead] { return *time + ahead; });
    auto own = context(name);
    own.now = [clock = now, ahead] { return *clock + ahead.count(); };
    auto leads
      = keep(system().spawn(leader, own, std::shared_ptr<key_value>{bus}, role,
                            leader_config{length}));
    run();
    return {role, leads};
  }

  void wait(milliseconds by) {
    constexpr auto step = 100ms;
    for (; by > 0ms; by -= step) {
      *time += step;
      pass(step);
    }
  }

  [[nodiscard]] state::v1::LeaderLease entry() const {
    state::v1::LeaderLease result;
    result.ParseFromString(bus->value(leaders_bucket, leader_key));
    return result;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "the first node leads at once", "[leader]") {
  auto a = start("a");
  REQUIRE(a.token());
  CHECK(entry().holder() == "a");
  CHECK(entry().token() == *a.token());
  CHECK(entry().lease_ms() == lease.count());
  CHECK(entry().since_ms() == t0);
}

TEST_CASE_METHOD(fixture, "while the leader renews nobody else leads",
                 "[leader]") {
  auto a = start("a");
  auto b = start("b", 31s);
  auto c = start("c", -30s);
  for (auto i = 0; i < 60; ++i) {
    wait(1s);
    CHECK(a.token());
    CHECK_FALSE(b.token());
    CHECK_FALSE(c.token());
  }
  CHECK(entry().holder() == "a");
  CHECK(entry().renewed_at_ms() >= *now - 2'000);
  CHECK(entry().since_ms() == t0);
}

TEST_CASE_METHOD(fixture,
                 "when the leader dies one other leads within seconds, with "
                 "a higher token",
                 "[leader]") {
  auto a = start("a");
  auto b = start("b", 30s);
  auto c = start("c", -30s);
  wait(20s);
  auto before = *a.token();
  stop(a.leads, caf::exit_reason::kill);
  // As if the whole process were gone: nobody renews, nobody revokes.
  wait(take_over_max + 2s); // It had renewed 2 s ago at most.
  CHECK(b.token().has_value() != c.token().has_value());
  auto after = b.token() ? *b.token() : *c.token();
  CHECK(after == before + 1);
  CHECK_FALSE(a.token());
}

TEST_CASE_METHOD(fixture, "two nodes never lead at the same time", "[leader]") {
  auto a = start("a");
  auto b = start("b", 30s);
  wait(10s);
  stop(a.leads, caf::exit_reason::kill);
  for (auto i = 0; i < 100; ++i) {
    wait(100ms);
    CHECK_FALSE((a.token() && b.token()));
  }
  CHECK(b.token());
}

TEST_CASE_METHOD(fixture, "a leader that stops hands over at once",
                 "[leader]") {
  auto a = start("a");
  auto b = start("b");
  wait(10s);
  auto before = *a.token();
  stop(a.leads);
  CHECK_FALSE(a.token());
  CHECK(entry().holder().empty());
  CHECK(entry().token() == before);
  wait(1s);
  CHECK(b.token() == before + 1);
}

TEST_CASE_METHOD(fixture, "it hands over what it was just renewing",
                 "[leader]") {
  auto a = start("a");
  bus->hold("put");
  wait(2s);
  CHECK(bus->held() == 1);
  auto ended = end_of(a.leads);
  stop(a.leads);
  CHECK_FALSE(ended->has_value());
  bus->release();
  run();
  CHECK(ended->has_value());
  CHECK(entry().holder().empty());
}

TEST_CASE_METHOD(fixture, "a leader cut off from the bus stops leading first",
                 "[leader]") {
  auto a = start("a");
  wait(10s);
  bus->fail("put", make_failure(ec::unavailable, "the bus is away"), 100);
  auto b = start("b");
  auto gap = false;
  for (auto i = 0; i < 100 && !b.token(); ++i) {
    wait(100ms);
    CHECK_FALSE((a.token() && b.token()));
    gap = gap || (!a.token() && !b.token());
  }
  CHECK(gap);
  CHECK_FALSE(a.token());
}

TEST_CASE_METHOD(fixture, "a short absence of the bus costs no leader",
                 "[leader]") {
  auto a = start("a");
  auto b = start("b");
  wait(10s);
  auto before = a.token();
  bus->fail("put", make_failure(ec::unavailable, "the bus is away"), 2);
  for (auto i = 0; i < 30; ++i) {
    wait(1s);
    CHECK(a.token() == before);
    CHECK_FALSE(b.token());
  }
}

TEST_CASE_METHOD(fixture, "a renewal whose answer was lost is still its own",
                 "[leader]") {
  auto a = start("a");
  wait(10s);
  auto before = a.token();
  // Its own words under a revision it never heard of.
  bus->set(leaders_bucket, leader_key, entry().SerializeAsString());
  wait(5s);
  CHECK(a.token() == before);
  CHECK(entry().holder() == "a");
}

TEST_CASE_METHOD(fixture, "who wakes up after its lease does not lead",
                 "[leader]") {
  auto a = start("a");
  *time += lease; // Nothing of it runs meanwhile.
  CHECK_FALSE(a.token());
}

TEST_CASE_METHOD(fixture, "alone, who wakes up late goes on leading",
                 "[leader]") {
  auto a = start("a");
  auto before = a.token();
  *time += 60s;
  CHECK_FALSE(a.token());
  wait(2s);
  CHECK(a.token() == before);
}

TEST_CASE_METHOD(fixture, "tokens grow even if the bucket is lost",
                 "[leader]") {
  auto a = start("a");
  auto before = *a.token();
  stop(a.leads);
  bus->erase(leaders_bucket, leader_key, [](auto&&) {});
  wait(5s);
  auto b = start("b");
  REQUIRE(b.token());
  CHECK(*b.token() > before);
}

TEST_CASE_METHOD(fixture, "a lease that cannot be read is nobody's",
                 "[leader]") {
  bus->set(leaders_bucket, leader_key, "\xff nonsense");
  auto a = start("a");
  CHECK(a.token());
}

TEST_CASE_METHOD(fixture, "the longer of two settings counts", "[leader]") {
  auto a = start("a", 0ms, 20s);
  auto b = start("b", 0ms, 1s);
  wait(1s);
  stop(a.leads, caf::exit_reason::kill);
  wait(18s);
  CHECK_FALSE(b.token());
  wait(2s);
  CHECK(b.token());
}

TEST_CASE_METHOD(fixture, "a lease that nobody can have keeps nobody waiting",
                 "[leader]") {
  auto a = start("a");
  state::v1::LeaderLease forged;
  forged.set_holder("ghost");
  forged.set_session("s");
  forged.set_token(7);
  forged.set_lease_ms(lease.count());
  SECTION("for ever") {
    forged.set_lease_ms(std::numeric_limits<std::int64_t>::max());
  }
  SECTION("since before anything") {
    forged.set_lease_ms(std::numeric_limits<std::int64_t>::min());
  }
  SECTION("under the last token there is") {
    forged.set_token(std::numeric_limits<std::uint64_t>::max());
  }
  SECTION("by somebody without end") {
    forged.set_holder(std::string(100'000, 'x'));
  }
  bus->set(leaders_bucket, leader_key, forged.SerializeAsString());
  wait(3s + take_over_max);
  REQUIRE(a.token());
  CHECK(entry().holder() == "a");
  CHECK(*a.token() <= leader_token_max);
}

TEST_CASE_METHOD(fixture,
                 "a token grows above what was written under a higher one",
                 "[leader]") {
  auto a = start("a");
  auto before = *a.token();
  a.role->outgrow(before + 1'000);
  wait(3s);
  CHECK(a.token() == before + 1'001);
  CHECK(entry().token() == before + 1'001);
  wait(30s);
  CHECK(a.token() == before + 1'001);
}
