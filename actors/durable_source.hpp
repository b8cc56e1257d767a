#pragma once

#include "actors/context.hpp"
#include "actors/kit/backoff.hpp"
#include "actors/protocols/deliveries.hpp"
#include "messages/state.pb.h"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace stravasync {

/// Holds what is known of deliveries that failed: an AttemptState for each, by
/// durable and sequence.
inline constexpr auto attempts_bucket = "ATTEMPTS";

struct durable_source_config {
  /// Stream, durable, filter, ack wait; `max_deliver` stays 0: this actor
  /// decides when a message is given up.
  consumer_options options;
  /// Change a durable that exists to `options` before joining it: the bus is
  /// this node's own. Otherwise one that differs is not joined.
  bool apply_options = false;
  /// Deliveries handled at once.
  std::uint32_t in_flight_max = 8;
  /// Failed attempts until a message becomes a dead letter. Snoozes and
  /// redeliveries after a crash of the node are no attempts.
  std::uint32_t attempts_max = 10;
  /// Delay of the delivery after a failed attempt.
  kit::backoff_config backoff;
};

/// The state of a DURABLE SOURCE. Spawn it with `durable_source`.
class durable_source_state {
public:
  static inline constexpr const char* name = "durable-source";

  explicit durable_source_state(caf::event_based_actor* self);

  caf::behavior
  make_behavior(actor_context context, std::shared_ptr<class bus> bus,
                delivery_handler_actor handler, durable_source_config config);

private:
  using delivery_ptr = std::shared_ptr<const delivery>;

  void apply_options();
  void join();
  void joined(caf::expected<std::shared_ptr<subscription>> got);
  void take(delivery what);
  void decided(const delivery_ptr& what, const outcome& result);
  void failed(const delivery_ptr& what, const caf::error& why);
  void count_attempt(const delivery_ptr& what, std::string reason);
  void record_attempt(const delivery_ptr& what, const std::string& reason,
                      state::v1::AttemptState now, std::uint64_t revision);
  void give_up(const delivery_ptr& what, const std::string& reason);
  void bury(const delivery_ptr& what, const std::string& reason,
            std::uint32_t attempts, const std::string& refused = {});
  void settle(const delivery_ptr& what, settlement how);
  void settled(const delivery_ptr& what);
  void keep_alive();
  void drain(const caf::error& reason);

  [[nodiscard]] std::string attempts_key(const delivery& what) const;

  caf::event_based_actor* self_;
  actor_context context_;
  std::shared_ptr<class bus> bus_;
  delivery_handler_actor handler_;
  durable_source_config config_;
  std::shared_ptr<subscription> subscription_;
  std::unordered_map<std::string, delivery_ptr> in_flight_; // By token.
  bool draining_ = false;
  caf::error exit_reason_;
};

/// Joins a durable, hands each delivery to `handler` with a bounded number in
/// flight, and tells the bus what became of it, again if the bus loses that
/// word. Keeps deliveries that take long alive; counts failed attempts in
/// bucket ATTEMPTS and moves what failed too often to the dead-letter stream,
/// before it is settled. On an exit message it takes no more, waits for what is
/// in flight, then ends. Ends with an error if the bus is lost.
caf::behavior
durable_source(caf::stateful_actor<durable_source_state>* self,
               actor_context context, std::shared_ptr<bus> bus,
               delivery_handler_actor handler, durable_source_config config);

} // namespace stravasync
