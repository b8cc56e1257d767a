#include "actors/kit/supervisor.hpp"

#include "actors/kit/supervisor_state.hpp"

#include <utility>

namespace kit {

supervisor_actor
spawn_supervisor(caf::actor_system& system, supervisor_config config,
                 std::vector<child_spec> specs) {
  auto supervisor = [](caf::stateful_actor<detail::supervisor_state>* self,
                       supervisor_config settings,
                       std::vector<child_spec> children) {
    return self->state.make_behavior(std::move(settings), std::move(children));
  };
  return caf::actor_cast<supervisor_actor>(
    system.spawn(supervisor, std::move(config), std::move(specs)));
}

child_spec nested(std::string name, supervisor_config config,
                  std::vector<child_spec> specs) {
  // Long enough for every child to be killed first, one after another.
  auto deadline = std::chrono::milliseconds{1'000};
  for (const auto& spec : specs)
    deadline += 2 * spec.stop_deadline;
  auto result = child(
    std::move(name), [config = std::move(config),
                      specs = std::move(specs)](const child_context& context) {
      auto settings = config;
      settings.path = context.path;
      if (!settings.observer)
        settings.observer = context.observer;
      return spawn_supervisor(context.system, std::move(settings), specs);
    });
  result.stop_deadline = deadline;
  return result;
}

child_spec adopt(std::string name, caf::actor running,
                 std::chrono::milliseconds stop_deadline) {
  auto result = child(
    std::move(name),
    [running = std::move(running)](caf::actor_system&) { return running; });
  result.stop_deadline = stop_deadline;
  return result;
}

} // namespace kit
