#include "tests/actors/api/tokens_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using test::hour_ms;
using test::token_in;
using lines = std::vector<std::string>;

namespace {

/// Two api nodes on one store and one bus.
struct fixture : test::tokens_fixture {
  tokens_actor other = start(cipher, "n2");

  std::string claimed() const {
    return bus->value(refresh_bucket, std::to_string(who));
  }

  void pass_seconds(int count) {
    for (auto i = 0; i < count; ++i)
      pass(1s);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "two nodes refresh one athlete's tokens once",
                 "[tokens]") {
  add_tokens(t0);
  auto here = ask_node(uut);
  auto there = ask_node(other);
  CHECK(oauth->calls == lines{"refresh r1"});
  pass_seconds(25); // Strava is slow; the claim is renewed.
  CHECK(oauth->calls.size() == 1);
  CHECK_FALSE(there.came());
  answer(second_grant());
  CHECK(token_in(here) == "a2");
  pass(1s);
  CHECK(token_in(there) == "a2");
  CHECK(oauth->calls.size() == 1);
  CHECK(stored().version == 2);
  CHECK(claimed().empty());
}

TEST_CASE_METHOD(fixture, "both that look at the same time agree on one",
                 "[tokens]") {
  add_tokens(t0);
  bus->hold("get");
  auto here = ask_node(uut);
  auto there = ask_node(other);
  bus->release(); // Both saw that nobody has it.
  run();
  CHECK(oauth->calls == lines{"refresh r1"});
  answer(second_grant());
  pass(1s);
  CHECK(token_in(here) == "a2");
  CHECK(token_in(there) == "a2");
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a refresh that was just done elsewhere is not done "
                 "again",
                 "[tokens]") {
  add_tokens(t0);
  bus->hold("put");
  auto here = ask_node(uut);
  change([&](transaction& tx) {
    return tx.credentials().update(sealed("b2", "s2", t0 + hour_ms, 2));
  });
  bus->release();
  run();
  CHECK(token_in(here) == "b2");
  CHECK(oauth->calls.empty());
}

TEST_CASE_METHOD(fixture, "a dead node's refresh is taken over", "[tokens]") {
  add_tokens(t0);
  std::ignore = ask_node(uut);
  stop(uut, caf::exit_reason::kill);
  auto there = ask_node(other);
  pass_seconds(8);
  CHECK(oauth->calls.size() == 1);
  pass_seconds(4);
  REQUIRE(oauth->calls == lines{"refresh r1", "refresh r1"});
  oauth->answer(make_failure(ec::rejected, "its asker is gone"));
  SECTION("and goes on if Strava had not renewed the tokens") {
    answer(second_grant());
    CHECK(token_in(there) == "a2");
  }
  SECTION("and is lost with what Strava gave the dead") {
    answer(make_failure(ec::needs_reauth, "r1 is dead"));
    CHECK(code_of(there.error()) == ec::needs_reauth);
    CHECK(stored().revoked);
  }
}

TEST_CASE_METHOD(fixture,
                 "while a grant waits for the store no other node "
                 "uses the dead token",
                 "[tokens]") {
  add_tokens(t0);
  auto here = ask_node(uut);
  *no_writes = true;
  answer(second_grant());
  CHECK(code_of(here.error()) == ec::unavailable);
  auto there = ask_node(other);
  pass_seconds(30);
  CHECK_FALSE(there.came());
  *no_writes = false;
  pass_seconds(2);
  CHECK(token_in(there) == "a2");
  CHECK(oauth->calls.size() == 1);
  CHECK(claimed().empty());
}

TEST_CASE_METHOD(fixture,
                 "a refusal does not stand against tokens that were "
                 "given",
                 "[tokens]") {
  add_tokens(t0);
  auto here = ask_node(uut);
  // This node stood still; the other one took over and was refused.
  auto refused = stored();
  refused.revoked = true;
  refused.version = 2;
  change([&](transaction& tx) { return tx.credentials().update(refused); });
  answer(second_grant());
  CHECK(token_in(here) == "a2");
  CHECK(stored().version == 3);
  CHECK_FALSE(stored().revoked);
  CHECK(token_in(ask_node(other)) == "a2");
}

TEST_CASE_METHOD(fixture, "without the bus nobody refreshes", "[tokens]") {
  add_tokens(t0);
  bus->fail("get", make_failure(ec::unavailable, "no bus"));
  auto here = ask_node(uut);
  CHECK(code_of(here.error()) == ec::unavailable);
  CHECK(retry_after_of(here.error()));
  CHECK(oauth->calls.empty());
  std::ignore = ask_node(uut);
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture, "what another node changed is seen at once",
                 "[tokens]") {
  add_tokens(t0 + 6 * hour_ms);
  CHECK(token_in(ask_node(uut)) == "a1");
  SECTION("new tokens") {
    change([&](transaction& tx) {
      return tx.credentials().update(sealed("b2", "s2", t0 + 6 * hour_ms, 2));
    });
    CHECK(token_in(ask_node(uut)) == "b2");
  }
  SECTION("an athlete who left") {
    change([&](transaction& tx) -> caf::error {
      auto gone = tx.athletes().erase({who});
      return gone ? caf::error{} : gone.error();
    });
    CHECK(code_of(ask_node(uut).error()) == ec::not_found);
  }
  SECTION("while the store is away the last one known has to do") {
    *no_reads = true;
    CHECK(token_in(ask_node(uut)) == "a1");
    CHECK(code_of(ask_node(uut, "a1").error()) == ec::unavailable);
    CHECK(code_of(ask_node(other).error()) == ec::unavailable);
  }
}
