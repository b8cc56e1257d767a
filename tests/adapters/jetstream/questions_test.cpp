#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <atomic>
#include <thread>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

struct questions_fixture : jetstream_fixture {
  caf::expected<std::string>
  ask_one(const std::string& question, milliseconds deadline = 5s) {
    return ask(*asker.questions, "ask.one", question, deadline);
  }

  jetstream::connection asker = connect();
};

/// Counts what it is asked, and says it back.
question_callback echo(std::shared_ptr<std::atomic<int>> count) {
  return [count](std::string question, const completion<std::string>& answer) {
    ++*count;
    answer(std::move(question));
  };
}

} // namespace

TEST_CASE_METHOD(questions_fixture, "a question is answered", "[jetstream]") {
  auto count = std::make_shared<std::atomic<int>>(0);
  auto other = connect();
  auto place = serve(*other.questions, "ask.one", "g", echo(count));
  auto bytes = std::string{"a\0\r\n\xff", 5};
  REQUIRE(eventually([&] { return ask_one("").engaged(); }));
  auto got = ask_one(bytes);
  REQUIRE(got);
  CHECK(*got == bytes);
}

TEST_CASE_METHOD(questions_fixture, "nobody there is known at once",
                 "[jetstream]") {
  auto begin = std::chrono::steady_clock::now();
  CHECK(failure_code(ask_one("?", 20s)) == ec::unavailable);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  for (const auto* subject : {"", "ask.*", "ask.>", "ask..a", "ask a"})
    CHECK(failure_code(ask(*asker.questions, subject, "?", 1s))
          == ec::invalid_argument);
}

TEST_CASE_METHOD(questions_fixture, "an error comes as it was", "[jetstream]") {
  auto place = serve(
    *asker.questions, "ask.one", "g",
    [](const std::string& question, const completion<std::string>& answer) {
      if (question == "wait")
        return answer(make_failure(ec::exhausted, "later\nplease", 1'500ms));
      answer(make_failure(ec::needs_reauth, "athlete 7"));
    });
  auto got = ask_one("wait");
  REQUIRE(failure_code(got) == ec::exhausted);
  CHECK(detail_of(got.error()) == "later\nplease");
  CHECK(retry_after_of(got.error()) == 1'500ms);
  got = ask_one("");
  REQUIRE(failure_code(got) == ec::needs_reauth);
  CHECK(detail_of(got.error()) == "athlete 7");
  CHECK_FALSE(retry_after_of(got.error()));
}

TEST_CASE_METHOD(questions_fixture, "a deadline ends the waiting",
                 "[jetstream]") {
  auto kept = std::make_shared<std::vector<completion<std::string>>>();
  auto place = serve(*asker.questions, "ask.one", "g",
                     [kept](const std::string&, completion<std::string> x) {
                       kept->push_back(std::move(x));
                     });
  auto begin = std::chrono::steady_clock::now();
  CHECK(failure_code(ask_one("?", 300ms)) == ec::timed_out);
  auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took >= 300ms);
  CHECK(took < 5s);
  // Late, twice, and for nobody.
  REQUIRE(kept->size() == 1);
  kept->front()("late");
  kept->front()("again");
}

TEST_CASE_METHOD(questions_fixture, "members of a group share the questions",
                 "[jetstream]") {
  auto one = connect();
  auto two = connect();
  auto count_one = std::make_shared<std::atomic<int>>(0);
  auto count_two = std::make_shared<std::atomic<int>>(0);
  auto place_one = serve(*one.questions, "ask.one", "g", echo(count_one));
  auto place_two = serve(*two.questions, "ask.one", "g", echo(count_two));
  REQUIRE(eventually([&] {
    return ask_one("?").engaged() && *count_one > 0 && *count_two > 0;
  }));
  auto before = *count_one + *count_two;
  for (auto i = 0; i < 50; ++i)
    REQUIRE(ask_one("?"));
  CHECK(*count_one + *count_two == before + 50);
  // The other one takes over.
  place_one.reset();
  one = {};
  REQUIRE(eventually([&] { return ask_one("?").engaged(); }));
  auto left = count_one->load();
  for (auto i = 0; i < 20; ++i)
    REQUIRE(ask_one("?"));
  CHECK(*count_one == left);
}

TEST_CASE_METHOD(questions_fixture, "a place is served again after a restart",
                 "[jetstream]") {
  auto count = std::make_shared<std::atomic<int>>(0);
  auto other = connect();
  auto place = serve(*other.questions, "ask.one", "g", echo(count));
  server->kill_hard();
  server->start();
  CHECK(eventually([&] { return ask_one("?").engaged(); }));
}

TEST_CASE_METHOD(questions_fixture, "no question comes after the place is gone",
                 "[jetstream]") {
  auto ended = std::make_shared<std::atomic<bool>>(false);
  auto late = std::make_shared<std::atomic<int>>(0);
  for (auto round = 0; round < 10; ++round) {
    *ended = false;
    auto count = std::make_shared<std::atomic<int>>(0);
    auto place
      = serve(*asker.questions, "ask.one", "g",
              [=](const std::string&, const completion<std::string>& answer) {
                ++*count;
                std::this_thread::yield();
                if (*ended)
                  ++*late;
                answer("");
              });
    for (auto i = 0; i < 100; ++i)
      asker.questions->ask("ask.one", "?", 1s, [](const auto&) {});
    REQUIRE(eventually([&] { return *count > round; }));
    place.reset();
    *ended = true;
  }
  CHECK(*late == 0);
}
