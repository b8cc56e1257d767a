#pragma once

#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/ports/bus.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stravasync {

struct outbox_keeper_config {
  /// How often it looks.
  milliseconds every{30'000};
  /// How long sent rows are kept: a broker may lose what it acked with its disk
  /// cache.
  milliseconds keep_sent{600'000};
  /// The same while the bus does not tell what it holds.
  milliseconds keep_unseen{86'400'000};
};

/// The state of an OUTBOX KEEPER. Spawn it with `outbox_keeper`.
class outbox_keeper_state {
public:
  static inline constexpr const char* name = "outbox-keeper";

  explicit outbox_keeper_state(
    outbox_keeper_actor::stateful_pointer<outbox_keeper_state> self);

  outbox_keeper_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                std::shared_ptr<stream_catalog> bus, outbox_relay_actor relay,
                outbox_keeper_config config);

private:
  /// By stream, the row that was stored there last.
  using last_rows = std::map<std::string, outbox_message>;

  void look();
  void compare(const last_rows& sent);
  void settle(const last_rows& lost, milliseconds keep);
  void rest();

  outbox_keeper_actor::stateful_pointer<outbox_keeper_state> self_;
  actor_context context_;
  store_access store_;
  std::shared_ptr<stream_catalog> bus_;
  outbox_relay_actor relay_;
  outbox_keeper_config config_;
};

/// Removes sent rows once they are old, and has those of a stream sent again
/// that went back behind what it acked: its volume was lost or made from a
/// backup. Their ids make it harmless where it has them still. What came since
/// must not have made the stream as long as it was. Jobs are left to the
/// RECONCILER: a run's row tells better which is due.
outbox_keeper_actor::behavior_type
outbox_keeper(outbox_keeper_actor::stateful_pointer<outbox_keeper_state> self,
              actor_context context, store_access store,
              std::shared_ptr<stream_catalog> bus, outbox_relay_actor relay,
              outbox_keeper_config config);

} // namespace stravasync
