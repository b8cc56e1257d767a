#include "actors/nodes/health_check.hpp"

#include "actors/nodes/health_trials.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <deque>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

struct check_fixture : ::test::actor_fixture {
  health_record record{context().now, nullptr};
  std::deque<completion<bool>> asked;
  int trials = 0;

  check_fixture() {
    auto run_trial = [this](completion<bool> done) {
      ++trials;
      asked.push_back(std::move(done));
    };
    keep(system().spawn(health_check, context(), record,
                        std::vector{health_trial{"database", "", run_trial}},
                        health_check_config{}));
    run();
  }

  void answer(const caf::expected<bool>& with) {
    REQUIRE_FALSE(asked.empty());
    asked.front()(with);
    asked.pop_front();
    run();
  }

  std::string problem() {
    auto all = record.parts();
    return all.empty() ? "-" : all[0].problem;
  }
};

} // namespace

TEST_CASE_METHOD(check_fixture, "what nothing uses is tried again and again",
                 "[health]") {
  CHECK(trials == 0);
  pass(5'000ms);
  answer(true);
  CHECK(problem().empty());
  pass(5'000ms);
  answer(true);
  CHECK(trials == 2);
}

TEST_CASE_METHOD(check_fixture, "what was used just now is not tried",
                 "[health]") {
  pass(4'000ms);
  record.worked("database", "");
  pass(1'000ms);
  CHECK(trials == 0);
  pass(5'000ms);
  CHECK(trials == 1);
}

TEST_CASE_METHOD(check_fixture, "what does not work is tried more often",
                 "[health]") {
  pass(5'000ms);
  answer(make_failure(ec::unavailable, "gone"));
  CHECK(problem() == "gone");
  pass(5'000ms);
  answer(make_failure(ec::unavailable, "gone"));
  pass(1'000ms);
  answer(true);
  CHECK(problem().empty());
}

TEST_CASE_METHOD(check_fixture, "what fails in between is tried soon",
                 "[health]") {
  pass(5'000ms);
  answer(true);
  record.failed("database", "", make_failure(ec::unavailable, "gone"));
  pass(1'000ms);
  answer(true);
  CHECK(problem().empty());
}

TEST_CASE_METHOD(check_fixture,
                 "what does not answer does not work, and is asked no second "
                 "time",
                 "[health]") {
  pass(5'000ms);
  pass(5'000ms);
  CHECK(problem() == "-");
  pass(5'000ms);
  CHECK(problem() == "no answer within 10 s");
  CHECK(trials == 1);
  answer(true);
  CHECK(problem().empty());
}

TEST_CASE_METHOD(check_fixture, "an answer that tells nothing changes nothing",
                 "[health]") {
  record.failed("database", "", make_failure(ec::internal, "read-only"));
  pass(5'000ms);
  answer(false);
  CHECK(problem() == "read-only");
}

TEST_CASE_METHOD(check_fixture, "a clock that is set back puts nothing off",
                 "[health]") {
  record.worked("database", "");
  *now -= 3'600'000;
  pass(5'000ms);
  CHECK(trials == 1);
}

TEST_CASE("a disk with too little room says how little", "[health]") {
  scratch_folder folder;
  auto got = caf::expected<bool>{false};
  auto keep = [&](caf::expected<bool> x) { got = std::move(x); };
  try_disk(folder.path(), 0).run(keep);
  CHECK((got && *got));
  try_disk(folder.path(), std::uint64_t{1} << 60).run(keep);
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::full);
  CHECK(detail_of(got.error()).find("KiB are left") != std::string::npos);
  try_disk(folder.file("gone"), 0).run(keep);
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::unavailable);
}
