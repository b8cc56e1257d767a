#pragma once

#include "actors/kit/lifecycle.hpp"
#include "actors/kit/supervisor.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kit::detail {

/// What a SUPERVISOR tells itself later. `number` is the start of the child, or
/// of the group, that it was meant for.
struct supervisor_tick {
  enum class kind : std::uint8_t { restart, restart_group, stop_deadline };
  kind what;
  std::size_t child;
  std::uint64_t number;
};

/// The state of a SUPERVISOR. Spawn it with `spawn_supervisor`.
class supervisor_state {
public:
  static inline constexpr const char* name = "supervisor";

  explicit supervisor_state(caf::stateful_actor<supervisor_state>* self);

  caf::behavior
  make_behavior(supervisor_config config, std::vector<child_spec> specs);

private:
  struct slot {
    child_spec spec;
    actor_node node; // What `get_children` tells, but for the delay.
    std::uint64_t starts = 0;
    std::uint32_t attempt = 0; // Failures in a row.
    bool killed = false;       // After it ignored its exit message.
    caf::actor_clock::time_point started_at;
    caf::actor_clock::time_point retry_at;
  };

  /// What is going on beside single children's restarts.
  enum class phase : std::uint8_t {
    running,
    restarting_group, // Stopping children from `group_from_` on, then waiting.
    stopping,         // Stopping all, then the end.
  };

  [[nodiscard]] caf::actor& running(std::size_t i) {
    return (*kept_)[i];
  }

  // Starting.
  void start_from(std::size_t first);
  void start_next();
  void start(std::size_t i);
  void on_initialized(std::size_t i, std::uint64_t number,
                      const std::string& actor_class);

  // Failing.
  void on_down(const caf::down_msg& message);
  void on_failed(std::size_t i, const caf::error& reason);
  void restart_one(std::size_t i, const caf::error& reason,
                   std::chrono::milliseconds delay);
  void restart_group(std::size_t i, const caf::error& reason,
                     std::chrono::milliseconds delay);
  void give_up(std::size_t i, const caf::error& reason);
  [[nodiscard]] std::chrono::milliseconds next_delay(slot& of);

  // Stopping.
  void stop_all(caf::error reason);
  void stop_next();
  void on_all_stopped();
  void on_stop_deadline(const supervisor_tick& tick);
  void finish();

  void on_tick(const supervisor_tick& tick);
  void change(std::size_t i, run_state to, const caf::error& reason = {},
              std::chrono::milliseconds retry_after = {});
  void later(std::chrono::milliseconds delay, supervisor_tick tick);
  void point_address(std::size_t i);
  [[nodiscard]] child_list list();

  caf::stateful_actor<supervisor_state>* self_;
  supervisor_config config_;
  std::vector<slot> slots_;
  kept_actors kept_ = std::make_shared<std::vector<caf::actor>>();

  phase phase_ = phase::running;
  // The child whose initialization the start sequence waits for; none at the
  // end of the list.
  std::size_t next_ = 0;
  std::size_t group_from_ = 0;
  std::uint64_t group_number_ = 0; // Tells a group restart from earlier ones.
  bool group_due_ = false;         // Its back-off is over.
  std::optional<restart_window> window_;
  caf::error exit_reason_;
  std::string stuck_; // Names of children that did not stop.
};

} // namespace kit::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(kit::detail::supervisor_tick)
