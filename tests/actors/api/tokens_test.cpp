#include "tests/actors/api/tokens_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using test::hour_ms;
using test::token_in;

namespace {

using fixture = test::tokens_fixture;
using lease = query::v1::AccessToken;

} // namespace

TEST_CASE_METHOD(fixture, "a token that lives on is handed out as it is",
                 "[tokens]") {
  add_tokens(t0 + token_margin_ms + 1);
  auto reply = ask_for();
  CHECK(token_in(reply) == "a1");
  CHECK(oauth->calls.empty());
  CHECK(stored().version == 1);
}

TEST_CASE_METHOD(fixture,
                 "a token near its end is refreshed once for everybody",
                 "[tokens]") {
  add_tokens(t0 + token_margin_ms);
  auto first = ask_for();
  auto second = ask_for();
  auto third = ask_for();
  CHECK(oauth->calls == std::vector<std::string>{"refresh r1"});
  CHECK_FALSE(first.came());
  answer(second_grant());
  CHECK(token_in(first) == "a2");
  CHECK(token_in(second) == "a2");
  CHECK(token_in(third) == "a2");
  CHECK(token_in(ask_for()) == "a2");
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture, "what Strava gave is stored sealed, as a new version",
                 "[tokens]") {
  add_tokens(t0);
  auto reply = ask_for();
  answer(second_grant());
  CHECK(token_in(reply) == "a2");
  auto row = stored();
  CHECK(row.version == 2);
  CHECK(row.expires_at_ms == t0 + 6 * hour_ms);
  CHECK(row.access_token.find("a2") == std::string::npos);
  CHECK(opened(row.access_token) == "a2");
  CHECK(opened(row.refresh_token) == "r2");
}

TEST_CASE_METHOD(fixture, "nobody gets a token that could not be stored",
                 "[tokens]") {
  add_tokens(t0);
  auto reply = ask_for();
  *no_writes = true;
  answer(second_grant());
  CHECK(code_of(reply.error()) == ec::unavailable);
  CHECK(retry_after_of(reply.error()));
  CHECK(stored().version == 1);
}

TEST_CASE_METHOD(fixture, "a grant is kept until the store is back",
                 "[tokens]") {
  add_tokens(t0);
  auto reply = ask_for();
  *no_writes = true;
  answer(second_grant());
  CHECK(code_of(reply.error()) == ec::unavailable);
  // The stored refresh token is dead: nobody may use it again.
  CHECK(code_of(ask_for().error()) == ec::unavailable);
  pass(1s);
  CHECK(code_of(ask_for().error()) == ec::unavailable);
  CHECK(oauth->calls.size() == 1);
  *no_writes = false;
  pass(1s);
  CHECK(stored().version == 2);
  CHECK(opened(stored().refresh_token) == "r2");
  CHECK(token_in(ask_for()) == "a2");
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture, "an asker between two tries to save is told to wait",
                 "[tokens]") {
  add_tokens(t0);
  auto first = ask_for();
  *no_writes = true;
  answer(second_grant());
  // The store comes back before the next try: its old token must not be used.
  *no_writes = false;
  CHECK(code_of(ask_for().error()) == ec::unavailable);
  CHECK(oauth->calls.size() == 1);
  pass(1s);
  CHECK(token_in(ask_for()) == "a2");
}

TEST_CASE_METHOD(fixture, "who asks while a kept grant is saved gets it",
                 "[tokens]") {
  add_tokens(t0);
  auto first = ask_for();
  *no_writes = true;
  answer(second_grant());
  CHECK(code_of(first.error()) == ec::unavailable);
  *no_writes = false;
  // Both are under way at once, and the store reads before it writes.
  self()->send(uut, retry_save{who});
  query::v1::LeaseToken x;
  x.set_athlete_id(who);
  auto got = ask<lease>(uut, x);
  REQUIRE(got);
  CHECK(got->access_token() == "a2");
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture, "another node's refresh wins over ours", "[tokens]") {
  add_tokens(t0);
  auto reply = ask_for();
  change([&](transaction& tx) {
    return tx.credentials().update(sealed("b2", "s2", t0 + hour_ms, 2));
  });
  answer(second_grant());
  CHECK(token_in(reply) == "b2");
  CHECK(stored().version == 2);
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture, "a refused refresh asks for a new consent",
                 "[tokens]") {
  add_tokens(t0);
  auto reply = ask_for();
  answer(make_failure(ec::needs_reauth, "no"));
  CHECK(code_of(reply.error()) == ec::needs_reauth);
  CHECK(stored().revoked);
  CHECK(stored().version == 2);
  CHECK(code_of(ask_for().error()) == ec::needs_reauth);
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a refusal that another node's grant overtook is void",
                 "[tokens]") {
  add_tokens(t0);
  auto reply = ask_for();
  change([&](transaction& tx) {
    return tx.credentials().update(sealed("b2", "s2", t0 + hour_ms, 2));
  });
  answer(make_failure(ec::needs_reauth, "r1 was used by the other node"));
  CHECK(token_in(reply) == "b2");
  CHECK_FALSE(stored().revoked);
}

TEST_CASE_METHOD(fixture, "without Strava nothing is stored", "[tokens]") {
  add_tokens(t0);
  auto before = stored();
  auto reply = ask_for();
  answer(make_failure(ec::unavailable, "no route"));
  CHECK(code_of(reply.error()) == ec::unavailable);
  CHECK(stored() == before);
}

TEST_CASE_METHOD(fixture, "a rejected token is not handed out again",
                 "[tokens]") {
  add_tokens(t0 + 6 * hour_ms);
  CHECK(token_in(ask_for()) == "a1");
  auto reply = ask_for("a1");
  CHECK(oauth->calls == std::vector<std::string>{"refresh r1"});
  answer(second_grant());
  CHECK(token_in(reply) == "a2");
  // A late word about the token before it changes nothing.
  CHECK(token_in(ask_for("a1")) == "a2");
  CHECK(oauth->calls.size() == 1);
}

TEST_CASE_METHOD(fixture, "a rejected token that Strava gives again is an end",
                 "[tokens]") {
  add_tokens(t0 + 6 * hour_ms);
  auto reply = ask_for("a1");
  answer(token_grant{"a1", "r1", t0 + 6 * hour_ms, {}});
  CHECK(code_of(reply.error()) == ec::needs_reauth);
}

TEST_CASE_METHOD(fixture, "a token is refreshed when its time comes",
                 "[tokens]") {
  add_tokens(t0 + hour_ms);
  CHECK(token_in(ask_for()) == "a1");
  pass(55min);
  auto reply = ask_for();
  CHECK(oauth->calls.size() == 1);
  answer(second_grant());
  CHECK(token_in(reply) == "a2");
}

TEST_CASE_METHOD(fixture, "a wrong key is told as what it is", "[tokens]") {
  add_tokens(t0 + hour_ms);
  uut = start(test::cipher_of(2));
  auto reply = ask_for();
  CHECK(code_of(reply.error()) == ec::internal);
  CHECK(detail_of(reply.error()).find("secrets.token_key")
        != std::string::npos);
  CHECK(oauth->calls.empty());
}

TEST_CASE_METHOD(fixture, "an unknown athlete has no token", "[tokens]") {
  CHECK(code_of(ask_for().error()) == ec::not_found);
}

TEST_CASE_METHOD(fixture, "an athlete who left during a refresh has no token",
                 "[tokens]") {
  add_tokens(t0);
  auto reply = ask_for();
  change([&](transaction& tx) -> caf::error {
    auto gone = tx.athletes().erase({who});
    return gone ? caf::error{} : gone.error();
  });
  answer(second_grant());
  CHECK(code_of(reply.error()) == ec::not_found);
  CHECK(code_of(ask_for().error()) == ec::not_found);
}
