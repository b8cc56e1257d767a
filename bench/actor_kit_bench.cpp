// What the actor kit costs on top of bare CAF: a request and its answer between
// two event-based actors with 64 requests under way, and the life of an actor.

#include "actors/kit/address.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/guardian.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/kit/protocol.hpp"
#include "actors/kit/supervisor.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>

namespace {

struct add_one {
  int value = 0;
};

using adder_actor = kit::protocol<int(add_one)>;

constexpr auto window = 64;

struct sharing_config : caf::actor_system_config {
  sharing_config() {
    set("scheduler.policy", caf::atom("sharing"));
  }
};

class adder_state {
public:
  static inline constexpr const char* name = "adder";

  explicit adder_state(adder_actor::stateful_pointer<adder_state>) {
  }
};

using adder_pointer = adder_actor::stateful_pointer<adder_state>;

adder_actor::behavior_type bare_adder(adder_pointer) {
  return {[](const add_one& x) { return x.value + 1; }};
}

adder_actor::behavior_type
kit_adder(adder_pointer self, kit::actor_statistics numbers) {
  return kit::handlers(self, numbers, kit::on_throw::crash,
                       [](const add_one& x) { return x.value + 1; });
}

adder_actor::behavior_type
promise_adder(adder_pointer self, kit::actor_statistics numbers) {
  return kit::handlers(self, numbers, kit::on_throw::crash,
                       [self](const add_one& x) {
                         auto promise = kit::make_promise<int>(self);
                         promise.deliver(x.value + 1);
                         return promise;
                       });
}

adder_actor::behavior_type
continuation_adder(adder_pointer self, kit::actor_statistics numbers) {
  return kit::handlers(
    self, numbers, kit::on_throw::crash, [self](const add_one& x) {
      auto promise = kit::make_promise<int>(self);
      kit::in_actor(self,
                    [promise](int sum) { promise.deliver(sum); })(x.value + 1);
      return promise;
    });
}

class asker_state {
public:
  static inline constexpr const char* name = "asker";

  explicit asker_state(caf::stateful_actor<asker_state>* self) : self_{self} {
  }

  void begin(adder_actor target, int count) {
    target_ = std::move(target);
    left_ = count;
    for (auto i = 0; i < window; ++i)
      ask();
  }

private:
  void ask() {
    if (left_ == 0)
      return;
    --left_;
    self_->request(target_, caf::infinite, add_one{left_})
      .then(
        [this](int sum) {
          benchmark::DoNotOptimize(sum);
          ask();
        },
        [this](const caf::error& why) { self_->quit(why); });
  }

  caf::stateful_actor<asker_state>* self_;
  adder_actor target_;
  int left_ = 0;
};

/// Asks `target` `count` times and waits for the last answer.
/// @returns whether every answer was a value.
bool ask_many(caf::scoped_actor& self, const adder_actor& target, int count) {
  auto asker
    = self->spawn<caf::monitored>([=](caf::stateful_actor<asker_state>* me) {
        me->state.begin(target, count);
      });
  auto good = false;
  self->receive([&](const caf::down_msg& down) { good = !down.reason; });
  return good;
}

constexpr auto batch = 100'000;

void measure_requests(benchmark::State& state, caf::actor_system& system,
                      const adder_actor& target) {
  auto self = caf::scoped_actor{system};
  if (!ask_many(self, target, batch)) // Also lets a guardian open its gate.
    state.SkipWithError("an answer was an error");
  for (auto _ : state)
    if (!ask_many(self, target, batch)) {
      state.SkipWithError("an answer was an error");
      break;
    }
  state.SetItemsProcessed(state.iterations() * batch);
  self->send_exit(target, caf::exit_reason::user_shutdown);
}

void request_bare(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  measure_requests(state, system, system.spawn(bare_adder));
}

void request_with_handlers(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  measure_requests(state, system,
                   system.spawn(kit_adder, kit::actor_statistics{}));
}

void request_with_promise(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  measure_requests(state, system,
                   system.spawn(promise_adder, kit::actor_statistics{}));
}

void request_with_continuation(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  measure_requests(state, system,
                   system.spawn(continuation_adder, kit::actor_statistics{}));
}

void request_through_guardian(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  auto guardian = kit::spawn_guardian(
    system, {.path = "/adder"}, kit::make_factory([](caf::actor_system& where) {
      return where.spawn(kit_adder, kit::actor_statistics{});
    }));
  measure_requests(state, system, kit::guardian_as<adder_actor>(guardian));
}

void request_through_address(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  auto self = caf::scoped_actor{system};
  auto spec = kit::child("adder", [](caf::actor_system& where) {
    return where.spawn(kit_adder, kit::actor_statistics{});
  });
  spec.address = kit::spawn_address(system, "the adder");
  const auto target = kit::guardian_as<adder_actor>(spec.address);
  auto root = kit::spawn_supervisor(system, {}, {spec});
  while (!ask_many(self, target, 1)) {
    // Until the supervisor has started it.
  }
  measure_requests(state, system, target);
  self->send_exit(root, caf::exit_reason::user_shutdown);
}

/// Starts an actor, asks it once, stops it and waits for its end.
template <class Spawn>
void measure_life(benchmark::State& state, caf::actor_system& system,
                  Spawn spawn) {
  auto self = caf::scoped_actor{system};
  for (auto _ : state) {
    for (auto i = 0; i < window; ++i) {
      auto actor = spawn();
      self->monitor(actor);
      self->send_exit(actor, caf::exit_reason::user_shutdown);
    }
    for (auto i = 0; i < window; ++i)
      self->receive([](const caf::down_msg&) {});
  }
  state.SetItemsProcessed(state.iterations() * window);
}

void spawn_and_stop_bare(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  measure_life(state, system, [&] { return system.spawn(bare_adder); });
}

void spawn_and_stop_with_handlers(benchmark::State& state) {
  sharing_config config;
  caf::actor_system system{config};
  const auto numbers = kit::actor_statistics{};
  measure_life(state, system, [&] { return system.spawn(kit_adder, numbers); });
}

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(add_one)

// The time of all threads too: it holds on a machine that does other things.
BENCHMARK(request_bare)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(request_with_handlers)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(request_with_promise)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(request_with_continuation)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(request_through_guardian)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(request_through_address)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(spawn_and_stop_bare)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(spawn_and_stop_with_handlers)->UseRealTime()->MeasureProcessCPUTime();

BENCHMARK_MAIN();
