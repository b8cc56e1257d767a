#pragma once

#include "actors/context.hpp"
#include "actors/nodes/health_record.hpp"
#include "actors/ports/completion.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stravasync {

/// Something that a node needs, and a cheap way to find out whether it works.
struct health_trial {
  std::string part;
  std::string thing; // Both as in `health_record`.
  /// Tries it. Answers true if it works; false if that is not known, or was
  /// written down already; else with why it does not. On any thread.
  std::function<void(completion<bool>)> run;
};

struct health_check_config {
  /// What was not tried for so long is tried.
  std::chrono::milliseconds every{5'000};
  /// The same while something does not work: it may be back. So often it is
  /// looked whether something does not.
  std::chrono::milliseconds every_in_trouble{1'000};
  /// What does not answer for so long does not work.
  std::chrono::milliseconds answer_within{10'000};
};

/// The state of a HEALTH CHECK. Spawn it with `health_check`.
class health_check_state {
public:
  static inline constexpr const char* name = "health-check";

  explicit health_check_state(caf::event_based_actor* self);

  caf::behavior
  make_behavior(actor_context context, health_record record,
                std::vector<health_trial> trials, health_check_config config);

private:
  /// A trial, and whether its answer is awaited.
  struct entry {
    health_trial what;
    /// When it was tried last, or the check began.
    caf::actor_clock::time_point begun_at;
    bool is_out = false;
  };

  void look();
  void begin(std::size_t which);
  void ended(std::size_t which, const caf::expected<bool>& got);
  void say_if_silent(const entry& of) const;
  [[nodiscard]] bool
  is_due(const entry& of, std::chrono::milliseconds pace) const;
  [[nodiscard]] bool was_tried(const health_trial& what) const;

  caf::event_based_actor* self_;
  actor_context context_;
  health_record record_;
  std::vector<entry> trials_;
  health_check_config config_;
};

/// Keeps a node's health record true while the node is idle: tries what nothing
/// else has tried for a while. One trial of a kind is out at a time. Trials may
/// block for as long as a file system does: spawn it detached.
caf::behavior
health_check(caf::stateful_actor<health_check_state>* self,
             actor_context context, health_record record,
             std::vector<health_trial> trials, health_check_config config);

} // namespace stravasync
