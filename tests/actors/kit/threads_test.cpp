// The kit on CAF's real scheduler, with detached children and foreign threads:
// what the deterministic tests cannot show. Bounded by deadlines.

#include "tests/actors/kit/threads_fixture.hpp"

using namespace std::chrono_literals;
using namespace test;

namespace {

using fixture = threads_fixture;

} // namespace

TEST_CASE_METHOD(fixture,
                 "shutdown with 10,000 queued requests ends in time "
                 "and answers each of them",
                 "[threads]") {
  std::atomic<int> handled{0};
  std::atomic<int> answered{0};
  caf::actor_system system{config};
  auto self = caf::scoped_actor{system, true};
  auto child = caf::actor{};
  auto root = kit::spawn_supervisor(
    system, {}, {kit::child("slow", [&](caf::actor_system& where) {
      child = where.spawn([&](caf::event_based_actor*) {
        return caf::behavior{[&](const get_number& x) {
          ++handled;
          std::this_thread::sleep_for(1ms);
          return x.value;
        }};
      });
      return child;
    })});
  self->monitor(root);
  REQUIRE(eventually([&] {
    auto up = false;
    self->request(root, caf::infinite, kit::get_children{})
      .receive(
        [&](const kit::child_list& list) {
          up = list.children.front().state == kit::run_state::up;
        },
        [](const caf::error&) {});
    return up;
  }));
  system.spawn([&](caf::event_based_actor* asker) {
    for (auto i = 0; i < 10'000; ++i)
      asker->request(child, caf::infinite, get_number{i})
        .then([&](int) { ++answered; }, [&](const caf::error&) { ++answered; });
  });
  REQUIRE(eventually([&] { return handled > 0; }));
  const auto begin = std::chrono::steady_clock::now();
  self->send_exit(root, caf::exit_reason::user_shutdown);
  auto stopped = false;
  self->receive([&](const caf::down_msg&) { stopped = true; });
  CHECK(stopped);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(eventually([&] { return answered == 10'000; }));
  CHECK(handled < 5'000);
  child = nullptr;
}

TEST_CASE_METHOD(fixture,
                 "thousands of crashes of attached and detached "
                 "children lose no answer",
                 "[threads]") {
  thread_port port;
  tally sums;
  kit::actor_statistics numbers;
  kit::actor_tree tree;
  {
    caf::actor_system system{config};
    auto self = caf::scoped_actor{system, true};
    auto specs = std::vector<kit::child_spec>{};
    auto targets = std::vector<victim_actor>{};
    for (auto i = 0; i < 4; ++i) {
      const auto called = "victim" + std::to_string(i);
      auto spec = victim_child(called, &port, numbers, i % 2 == 0);
      spec.address = kit::spawn_address(system, called);
      targets.push_back(kit::guardian_as<victim_actor>(spec.address));
      specs.push_back(std::move(spec));
    }
    for (auto i = 0; i < 2; ++i) {
      const auto called = "guarded" + std::to_string(i);
      auto guardian = kit::spawn_guardian(
        system,
        {.path = "/" + called + "/victim",
         .backoff = no_backoff,
         .probe = [] { return caf::make_message(get_number{0}); },
         .observer = [tree](const kit::actor_event& x) { tree.note(x); }},
        victim_child(called, &port, numbers, i % 2 == 0).start);
      targets.push_back(kit::guardian_as<victim_actor>(guardian));
      specs.push_back(kit::adopt(called, guardian));
    }
    auto root = kit::spawn_supervisor(
      system,
      {.intensity = any_storm,
       .backoff = no_backoff,
       .observer = [tree](const kit::actor_event& x) { tree.note(x); }},
      std::move(specs));
    self->monitor(root);
    for (const auto& target : targets)
      system.spawn(caller, target, &sums);
    // A slow machine may do fewer in that time, but not none.
    (void)eventually([&] { return sums.crashes >= 2'000; }, 5s);
    CHECK(sums.crashes > 20);
    sums.stop = true;
    CHECK(eventually([&] { return sums.all_answered(); }));
    self->send_exit(root, caf::exit_reason::user_shutdown);
    auto reason = caf::error{};
    self->receive([&](const caf::down_msg& down) { reason = down.reason; });
    CHECK(reason == caf::make_error(caf::exit_reason::user_shutdown));
  }
  CHECK(sums.values > 0);
  auto restarts = std::uint64_t{0};
  for (const auto& node : tree.snapshot()) {
    INFO(node.path);
    CHECK(node.state == kit::run_state::stopped);
    restarts += node.restarts;
  }
  // Each crash was followed by a restart, but for those just before the end.
  CHECK(restarts + 6 >= static_cast<std::uint64_t>(sums.crashes));
  const auto classes = numbers.snapshot();
  REQUIRE(classes.size() == 1);
  CHECK(classes.front().alive == 0);
}

TEST_CASE_METHOD(fixture,
                 "a detached child that blocks is reported and left "
                 "behind",
                 "[threads]") {
  std::atomic<bool> blocked{false};
  std::atomic<bool> release{false};
  caf::actor_system system{config};
  auto self = caf::scoped_actor{system, true};
  auto stuck = kit::child("stuck", [&](caf::actor_system& where) {
    return where.spawn<caf::detached>([&](caf::event_based_actor*) {
      return caf::behavior{[&](const get_number&) {
        blocked = true;
        while (!release)
          std::this_thread::sleep_for(1ms);
        return 0;
      }};
    });
  });
  stuck.stop_deadline = 20ms;
  stuck.address = kit::spawn_address(system, "stuck");
  auto uut = kit::spawn_supervisor(system, {.path = "/top"}, {stuck});
  self->monitor(uut);
  REQUIRE(eventually([&] {
    self->send(stuck.address, get_number{1});
    return blocked.load();
  }));
  self->send_exit(uut, caf::exit_reason::user_shutdown);
  auto reason = caf::error{};
  self->receive([&](const caf::down_msg& down) { reason = down.reason; });
  CHECK(reason == caf::make_error(kit::fault::did_not_stop));
  CHECK(kit::describe(reason) == "/top/stuck did not stop");
  release = true;
}
