#pragma once

#include "actors/context.hpp"
#include "actors/ports/bus.hpp"
#include "messages/operations.pb.h"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace stravasync {

/// Where nodes write that they are alive, each under its id.
inline constexpr auto nodes_bucket = "NODES";

/// How often they do.
inline constexpr auto presence_every = std::chrono::milliseconds{3'000};

/// This node as others shall see it, as of now.
using node_description = std::function<query::v1::NodeList::Node()>;

/// The state of a PRESENCE. Spawn it with `presence`.
class presence_state {
public:
  static inline constexpr const char* name = "presence";

  explicit presence_state(caf::event_based_actor* self);

  caf::behavior
  make_behavior(actor_context context, std::shared_ptr<key_value> kv,
                node_description describe);

private:
  void tell();
  void write(std::uint64_t expected, bool again);
  void found(const std::optional<key_value_entry>& other);
  void leave(const caf::error& reason);

  caf::event_based_actor* self_;
  actor_context context_;
  std::shared_ptr<key_value> kv_;
  node_description describe_;
  std::uint64_t revision_ = 0;
  bool leaving_ = false;
  bool warned_ = false;
  caf::error exit_reason_;
};

/// Tells the other nodes that this one is alive, every few seconds, and that it
/// leaves when it is told to stop. A bus that is away is no reason to end.
caf::behavior
presence(caf::stateful_actor<presence_state>* self, actor_context context,
         std::shared_ptr<key_value> kv, node_description describe);

} // namespace stravasync
