#include "actors/kit/supervisor.hpp"

#include "actors/kit/guardian.hpp"
#include "tests/actors/kit/supervisor_fixture.hpp"

using namespace std::chrono_literals;
using kit::fault;
using kit::run_state;

namespace {

struct fixture : test::supervisor_fixture {
  kit::supervisor_config inner{
    .intensity = {.restarts_max = 1, .period = 60s},
    .backoff = {.min = 100ms, .max = 1s},
    .random01 = test::no_jitter,
  };
};

} // namespace

TEST_CASE_METHOD(fixture, "supervisors form a tree with paths from its root",
                 "[supervisor]") {
  config.path = "";
  specs.push_back(
    kit::nested("api", inner, {subject_child("a"), subject_child("b")}));
  add("c");
  start();
  // The supervisor is up as soon as it can be asked; its children follow.
  CHECK(states() == "api=up c=up");
  CHECK(children()[0].path == "/api");
  CHECK(children()[0].actor_class == "supervisor");
  CHECK(last_event("/api/a").to == run_state::up);
  CHECK(last_event("/api/b").to == run_state::up);
  stage->take_log();
  stop(uut);
  CHECK(stage->take_log() == "-c -b -a");
  REQUIRE(ended());
}

TEST_CASE_METHOD(fixture,
                 "a storm below is one failure above, and the subtree "
                 "starts afresh",
                 "[supervisor]") {
  specs.push_back(
    kit::nested("api", inner, {subject_child("a"), subject_child("b")}));
  add("c");
  start();
  crash_child("a");
  advance(100ms);
  crash_child("a");
  CHECK(states() == "api=down c=up");
  CHECK(children()[0].last_error
        == "/top/api/a failed too often: crashed as told");
  stage->take_log();
  advance(100ms);
  CHECK(stage->take_log() == "+a +b");
  CHECK(states() == "api=up c=up");
}

TEST_CASE_METHOD(fixture, "a storm that restarts cannot cure reaches the top",
                 "[supervisor]") {
  config.intensity = {.restarts_max = 1, .period = 1h};
  specs.push_back(kit::nested("api", inner, {subject_child("a")}));
  start();
  stage->scripts["a"].crash_on_start = "no disk";
  crash_child("a");
  for (auto i = 0; i < 20; ++i)
    advance(1s);
  const auto reason = ended();
  REQUIRE(reason);
  CHECK(*reason == caf::make_error(fault::gave_up));
  CHECK(kit::describe(*reason)
        == "/top/api failed too often: /top/api/a failed too often: no disk");
}

TEST_CASE_METHOD(fixture, "killing a supervisor ends the whole subtree",
                 "[supervisor]") {
  specs.push_back(kit::nested("api", inner, {subject_child("a")}));
  start();
  stage->scripts["a"].ignore_exit = true;
  stage->take_log();
  stop(uut, caf::exit_reason::kill);
  CHECK(stage->take_log() == "-a");
}

TEST_CASE_METHOD(fixture, "a nested supervisor has time to kill each child",
                 "[supervisor]") {
  auto spec = kit::nested("api", inner,
                          {subject_child("a"), subject_child("b")});
  CHECK(spec.stop_deadline == 5s);
}

TEST_CASE_METHOD(fixture, "a guardian that runs already is stopped in its turn",
                 "[supervisor]") {
  auto store = kit::spawn_guardian(system(), {.path = "/top/store/session"},
                                   subject_factory("session"));
  run();
  specs.push_back(kit::adopt("store", store));
  add("a");
  start();
  CHECK(states() == "store=up a=up");
  CHECK(children()[0].actor_class == "guardian");
  stage->take_log();
  stop(uut);
  CHECK(stage->take_log() == "-a -session");
  REQUIRE(ended());
}

TEST_CASE_METHOD(fixture,
                 "an adopted actor that is gone makes the supervisor "
                 "give up",
                 "[supervisor]") {
  auto gone = caf::actor_cast<caf::actor>(
    system().spawn(test::subject, stage, std::string{"gone"}));
  specs.push_back(kit::adopt("gone", gone));
  start();
  stop(gone);
  for (auto i = 0; i < 10; ++i)
    advance(1s);
  const auto reason = ended();
  REQUIRE(reason);
  CHECK(*reason == caf::make_error(fault::gave_up));
}
