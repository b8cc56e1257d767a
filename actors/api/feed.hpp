#pragma once

#include "actors/context.hpp"
#include "actors/ports/api_service.hpp"
#include "actors/ports/bus.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace stravasync {

/// Hands events to whoever watches.
class feed_hub final : public event_feed {
public:
  std::uint64_t watch(std::function<void(const feed_event&)> sink) override;
  void unwatch(std::uint64_t id) override;

  /// Calls every sink, one event at a time.
  void emit(const feed_event& event);

private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::function<void(const feed_event&)>> sinks_;
  std::uint64_t last_id_ = 0;
};

/// @returns what a page should hear of this message, if anything.
[[nodiscard]] std::optional<feed_event> to_feed_event(const envelope& message);

/// The state of a FEED. Spawn it with `feed`.
class feed_state {
public:
  static inline constexpr const char* name = "feed";

  explicit feed_state(caf::event_based_actor* self);

  caf::behavior
  make_behavior(actor_context context, std::shared_ptr<consumer> bus,
                std::shared_ptr<feed_hub> hub);

private:
  void joined(caf::expected<std::shared_ptr<subscription>> got);

  caf::event_based_actor* self_;
  std::shared_ptr<subscription> subscription_;
  std::shared_ptr<feed_hub> hub_;
};

/// Reads EVENTS from now on, as a reader of its own: every api node tells its
/// watchers of what happened on any node. Ends with an error if it cannot.
caf::behavior
feed(caf::stateful_actor<feed_state>* self, actor_context context,
     std::shared_ptr<consumer> bus, std::shared_ptr<feed_hub> hub);

} // namespace stravasync
