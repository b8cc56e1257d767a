#pragma once

#include "actors/kit/address.hpp"
#include "actors/kit/child.hpp"
#include "actors/kit/guardian.hpp"
#include "actors/kit/supervisor.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace stravasync {

/// The children of one group while it is put together. Each child gets a stable
/// address at once, so that the next ones can be given a handle before any of
/// them runs. Children start in order and stop in reverse.
class group {
public:
  /// @param stop_deadline Of each child.
  group(caf::actor_system& system, std::chrono::milliseconds stop_deadline)
    : system_{system},
      stop_deadline_{stop_deadline} {
  }

  /// @param start As for `kit::make_factory`.
  /// @returns a handle that stays valid over restarts.
  template <class Handle, class Factory>
  Handle add(const std::string& name, Factory start) {
    auto spec = kit::child(name, std::move(start));
    spec.address = kit::spawn_address(system_, name);
    spec.stop_deadline = stop_deadline_;
    auto handle = kit::guardian_as<Handle>(spec.address);
    specs_.push_back(std::move(spec));
    return handle;
  }

  /// The same behind a guardian: for actors that talk to what can fail. The
  /// guardian's path is "<group>/<name>", the actor's "<group>/<name>/actor".
  /// @param what Names it in `unavailable` answers, "the store".
  template <class Handle, class Factory>
  Handle add_guarded(const std::string& name, const std::string& what,
                     kit::guardian_config config, Factory start) {
    config.what = what;
    config.stop_deadline = stop_deadline_;
    auto guarded = [config, start = kit::make_factory(std::move(start))](
                     const kit::child_context& context) {
      auto own = config;
      own.path = context.path + "/actor";
      own.observer = context.observer;
      return kit::spawn_guardian(context.system, std::move(own), start);
    };
    return add<Handle>(name, std::move(guarded));
  }

  [[nodiscard]] std::vector<kit::child_spec> take() {
    return std::move(specs_);
  }

private:
  caf::actor_system& system_;
  std::chrono::milliseconds stop_deadline_;
  std::vector<kit::child_spec> specs_;
};

} // namespace stravasync
