#include "actors/kit/fault.hpp"
#include "actors/remote/remote_actors.hpp"
#include "actors/remote/responder.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/local_requests.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

/// What the actors of an api node say.
struct script {
  int leases = 0;
  caf::error refusal;
  bool silent = false;
  std::string token = "token-of-";
  std::vector<kit::promise<query::v1::AccessToken>> held;
};

tokens_actor::behavior_type
scripted_tokens(tokens_actor::pointer self, std::shared_ptr<script> how) {
  return {
    [=](const query::v1::LeaseToken& x) -> caf::result<query::v1::AccessToken> {
      ++how->leases;
      if (how->silent) {
        how->held.push_back(kit::make_promise<query::v1::AccessToken>(self));
        return how->held.back();
      }
      if (how->refusal)
        return how->refusal;
      query::v1::AccessToken token;
      token.set_access_token(how->token + std::to_string(x.athlete_id()));
      token.set_expires_at_ms(42);
      return token;
    },
    [](const retry_save&) {},
  };
}

athletes_actor::behavior_type scripted_athletes(athletes_actor::pointer) {
  return {
    [](const query::v1::ListAthletes& x) -> query::v1::AthleteList {
      query::v1::AthleteList list;
      list.add_items()->set_id(7);
      list.set_next_cursor(x.cursor() + "+");
      return list;
    },
    [](const query::v1::GetAthlete& x) -> query::v1::Athlete {
      query::v1::Athlete one;
      one.set_id(x.id());
      return one;
    },
    [](const query::v1::DisconnectAthlete&) -> query::v1::Disconnected {
      return {};
    },
    [](const query::v1::StartSync& x) -> events::v1::SyncStatus {
      events::v1::SyncStatus status;
      status.set_athlete_id(x.athlete_id());
      return status;
    },
    [](const query::v1::ConfirmDeletions&) -> events::v1::SyncStatus {
      return {};
    },
    [](const query::v1::GetSync& x) -> events::v1::SyncStatus {
      events::v1::SyncStatus status;
      status.set_athlete_id(x.athlete_id());
      return status;
    },
  };
}

struct fixture : test::actor_fixture {
  std::shared_ptr<script> how = std::make_shared<script>();
  std::shared_ptr<test::local_requests> network
    = std::make_shared<test::local_requests>();
  question_statistics numbers;
  caf::actor answers = keep(system().spawn(
    responder, context("api-1"), std::shared_ptr<requests>{network},
    answering_actors{keep(system().spawn(scripted_tokens, how)),
                     keep(system().spawn(scripted_athletes))},
    std::string{"api"}, numbers));
  remote_link link{network, {.deadline = 5s, .tries_max = 3}};
  tokens_actor tokens
    = keep(system().spawn(remote_tokens, context("consumer-1"), link));
  athletes_actor athletes
    = keep(system().spawn(remote_athletes, context("worker-1"), link));

  fixture() {
    run();
  }

  caf::expected<query::v1::AccessToken> lease(std::int64_t athlete) {
    query::v1::LeaseToken question;
    question.set_athlete_id(athlete);
    return ask<query::v1::AccessToken>(tokens, question);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a proxy's answer is the actor's own", "[remote]") {
  auto token = lease(7);
  REQUIRE(token);
  CHECK(token->access_token() == "token-of-7");
  CHECK(token->expires_at_ms() == 42);

  query::v1::ListAthletes question;
  question.set_cursor("abc");
  auto list = ask<query::v1::AthleteList>(athletes, question);
  REQUIRE(list);
  CHECK(list->items(0).id() == 7);
  CHECK(list->next_cursor() == "abc+");
}

TEST_CASE_METHOD(fixture, "errors keep code, sentence and delay", "[remote]") {
  how->refusal = make_failure(ec::needs_reauth, "connect again");
  CHECK(code_of(lease(7).error()) == ec::needs_reauth);
  CHECK(detail_of(lease(7).error()) == "connect again");
  how->refusal = kit::unavailable("the store", 3s);
  auto why = lease(7).error();
  CHECK(code_of(why) == ec::unavailable);
  CHECK(retry_after_of(why) == 3s);
}

TEST_CASE_METHOD(fixture, "questions are counted by their subject",
                 "[remote]") {
  CHECK(lease(7));
  how->refusal = make_failure(ec::needs_reauth, "connect again");
  CHECK_FALSE(lease(7));
  auto counts = numbers.snapshot().at("ask.lease_token");
  CHECK(counts.answered == 2);
  CHECK(counts.failed == 1);
  CHECK(counts.last_error == "connect again");
  CHECK(network->places() == answered_subjects().size());
}

TEST_CASE_METHOD(fixture, "a lost answer is asked for again", "[remote]") {
  network->lose(2);
  CHECK(lease(7));
  CHECK(how->leases == 1);
  network->lose(3);
  CHECK(code_of(lease(7).error()) == ec::timed_out);
}

TEST_CASE_METHOD(fixture, "what changes something is asked once", "[remote]") {
  network->lose(1);
  query::v1::StartSync question;
  question.set_athlete_id(7);
  auto got = ask<events::v1::SyncStatus>(athletes, question);
  CHECK(code_of(got.error()) == ec::timed_out);
  CHECK(network->asked().size() == 1);
}

TEST_CASE_METHOD(fixture, "without an api node it is unavailable at once",
                 "[remote]") {
  stop(answers);
  CHECK(network->places() == 0);
  CHECK(code_of(lease(7).error()) == ec::unavailable);
}

TEST_CASE_METHOD(fixture, "a responder that stops answers what it has",
                 "[remote]") {
  how->silent = true;
  query::v1::LeaseToken question;
  question.set_athlete_id(7);
  auto later = ask_later<query::v1::AccessToken>(tokens, question);
  run();
  REQUIRE(how->held.size() == 1);
  auto end = end_of(answers);
  stop(answers);
  CHECK(network->places() == 0);
  CHECK_FALSE(end->has_value());
  query::v1::AccessToken token;
  token.set_access_token("late");
  how->held[0].deliver(token);
  run();
  CHECK(later.came());
  CHECK(end->has_value());
}

TEST_CASE_METHOD(fixture, "what is no question is refused", "[remote]") {
  auto refused = ec::none;
  network->ask(request_subject(query::v1::LeaseToken{}), "\xff\xff", 1s,
               [&](const caf::expected<std::string>& got) {
                 refused = code_of(got.error());
               });
  run();
  CHECK(refused == ec::malformed);
  CHECK(how->leases == 0);
}

TEST_CASE_METHOD(fixture, "an answer that breaks a rule is none", "[remote]") {
  how->token = "x\r\nX-More: ";
  auto why = lease(7).error();
  CHECK(code_of(why) == ec::internal);
  CHECK(detail_of(why)
        == "ask.lease_token was answered with something wrong: access_token "
           "must be 1 to 4096 visible letters of ASCII");
}

TEST_CASE_METHOD(fixture, "an answer of too many parts is not read",
                 "[remote]") {
  auto name = request_subject(query::v1::ListAthletes{});
  std::shared_ptr<responder_place> place;
  network->serve(
    name, "api",
    [](const std::string&, const completion<std::string>& done) {
      std::string empties;
      for (auto i = 0; i < 2'000'000; ++i)
        empties.append("\x0a\0", 2);
      done(std::move(empties));
    },
    [&](caf::expected<std::shared_ptr<responder_place>> got) {
      place = std::move(*got);
    });
  auto got = ask<query::v1::AthleteList>(athletes, query::v1::ListAthletes{});
  CHECK(code_of(got.error()) == ec::internal);
  CHECK(detail_of(got.error()) == name + " was answered with something else");
}

TEST_CASE_METHOD(fixture, "a question that breaks a rule reaches nobody",
                 "[remote]") {
  auto why = lease(-1).error();
  CHECK(code_of(why) == ec::invalid_argument);
  CHECK(detail_of(why) == "athlete_id must be above 0");
  auto refused = ec::none;
  network->ask(request_subject(query::v1::LeaseToken{}),
               "\x12" + std::string("\x80\x80\x80\x04") // 8 MiB of text.
                 + std::string(std::size_t{8} << 20, 'x'),
               1s, [&](const caf::expected<std::string>& got) {
                 refused = code_of(got.error());
               });
  run();
  CHECK(refused == ec::malformed);
  CHECK(how->leases == 0);
}
