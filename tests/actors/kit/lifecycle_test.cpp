#include "actors/kit/lifecycle.hpp"

#include "tests/actors/kit/fixture.hpp"

#include <algorithm>

using test::get_number;

namespace {

struct fixture : test::kit_fixture {
  test::subject_actor subject = system().spawn(test::subject, stage,
                                               std::string{"a"});
  std::vector<caf::message> answers;

  /// Sends `request` from an actor of its own.
  template <class Request>
  void request(Request what) {
    system().spawn<caf::hidden>([this,
                                 target = caf::actor_cast<caf::actor>(subject),
                                 what](caf::event_based_actor* self) {
      kit::detail::request_any(
        *self, target, caf::make_message(what),
        [this](caf::message answer) { answers.push_back(answer); });
    });
    run();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "an answer of any type is taken", "[lifecycle]") {
  request(get_number{4});
  request(test::note{});
  request(test::refuse{caf::make_error(caf::sec::invalid_argument)});
  request(test::crash{});
  request(get_number{5}); // To an actor that is gone.
  REQUIRE(answers.size() == 5);
  REQUIRE(answers[0].match_elements<int>());
  CHECK(answers[0].get_as<int>(0) == 4);
  CHECK(answers[1].empty());
  CHECK(kit::detail::error_in(answers[1]) == caf::error{});
  CHECK(kit::detail::error_in(answers[2])
        == caf::make_error(caf::sec::invalid_argument));
  CHECK(kit::is_lost(kit::detail::error_in(answers[3])));
  CHECK(kit::is_lost(kit::detail::error_in(answers[4])));
}

TEST_CASE_METHOD(fixture, "the name of an actor is told when it is initialized",
                 "[lifecycle]") {
  std::string told;
  system().spawn<caf::hidden>([&](caf::event_based_actor* self) {
    kit::detail::when_initialized(
      *self, caf::actor_cast<caf::actor>(subject),
      [&](const std::string& actor_class) { told = actor_class; });
  });
  run();
  CHECK(told == "subject");
}

TEST_CASE_METHOD(fixture, "an exit message overtakes what waits in a mailbox",
                 "[lifecycle]") {
  run();
  // Runs first, so that exit and notes lie in the mailbox together.
  system().spawn([&](caf::event_based_actor* self) {
    const auto target = caf::actor_cast<caf::actor>(subject);
    for (auto i = 0; i < 100; ++i)
      self->send(target, test::note{});
    kit::detail::tell_to_exit(*self, target, caf::exit_reason::user_shutdown);
  });
  run();
  // CAF takes at most a few of the others per round.
  CHECK(stage->scripts["a"].noted < 10);
  CHECK(stage->log.back() == "-a");
}

TEST_CASE("random numbers stay within [0, 1) and differ", "[lifecycle]") {
  auto random = kit::detail::make_random01();
  auto lowest = 1.0;
  auto highest = 0.0;
  for (auto i = 0; i < 1'000; ++i) {
    const auto x = random();
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
  }
  CHECK(lowest >= 0.0);
  CHECK(highest < 1.0);
  CHECK(highest - lowest > 0.5);
}
