#include "actors/kit/child.hpp"

#include "tests/actors/kit/fixture.hpp"

using kit::restart_kind;

namespace {

struct fixture : test::kit_fixture {
  kit::actor_observer nobody;
  kit::child_context context{system(), "/a", nobody};

  test::subject_actor spawn() {
    return system().spawn(test::subject, stage, std::string{"a"});
  }

  /// Starts by `factory` and asks the actor something.
  bool works(const kit::child_factory& factory) {
    auto started = factory(context);
    return started
           && ask<int>(caf::actor_cast<test::subject_actor>(*started),
                       test::get_number{1})
                == 1;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a factory may return any kind of handle",
                 "[child]") {
  CHECK(works(
    kit::make_factory([this](const kit::child_context&) { return spawn(); })));
  CHECK(
    works(kit::make_factory([this](caf::actor_system&) { return spawn(); })));
  CHECK(works(kit::make_factory([this](caf::actor_system&) {
    return caf::actor_cast<caf::actor>(spawn());
  })));
  CHECK(works(kit::make_factory(
    [this](caf::actor_system&) -> caf::expected<test::subject_actor> {
      return spawn();
    })));
}

TEST_CASE_METHOD(fixture, "a factory's error is handed on", "[child]") {
  const auto factory = kit::make_factory(
    [](caf::actor_system&) -> caf::expected<test::subject_actor> {
      return caf::make_error(caf::sec::invalid_argument);
    });
  const auto started = factory(context);
  REQUIRE(!started);
  CHECK(started.error() == caf::make_error(caf::sec::invalid_argument));
}

TEST_CASE("a restart depends on the kind and the reason", "[child]") {
  const auto normal = caf::error{};
  const auto shutdown = caf::make_error(caf::exit_reason::user_shutdown);
  const auto killed = caf::make_error(caf::exit_reason::kill);
  CHECK(kit::wants_restart(restart_kind::permanent, normal));
  CHECK(kit::wants_restart(restart_kind::permanent, shutdown));
  CHECK_FALSE(kit::wants_restart(restart_kind::transient, normal));
  CHECK_FALSE(kit::wants_restart(restart_kind::transient, shutdown));
  CHECK(kit::wants_restart(restart_kind::transient, killed));
  CHECK_FALSE(kit::wants_restart(restart_kind::temporary, killed));
}
