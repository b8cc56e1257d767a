#pragma once

#include "actors/context.hpp"
#include "actors/dead_letter.hpp"
#include "actors/kit/backoff.hpp"
#include "actors/protocols/deliveries.hpp"
#include "messages/state.pb.h"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

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
  /// What `options.ack_wait` was in an earlier version, 0: the same. A durable
  /// that differs in nothing else was made by that version and is changed.
  milliseconds former_ack_wait{0};
  /// Deliveries handled at once.
  std::uint32_t in_flight_max = 8;
  /// Failed attempts until a message becomes a dead letter. Snoozes are none;
  /// deliveries in a row that were begun and of which nothing was heard again
  /// are, from the second delivery on: such a message may end the process.
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

  /// A delivery that is here.
  struct task {
    delivery_ptr what;
    /// What ATTEMPTS says of it; none: not asked.
    std::optional<state::v1::AttemptState> known;
    std::uint64_t revision = 0;
    /// What its handler wants kept with a dead letter.
    header_map keepsakes;
  };

  using task_ptr = std::shared_ptr<task>;

  void apply_options();
  void join();
  void joined(caf::expected<std::shared_ptr<subscription>> got);
  void migrate(const caf::error& why);
  void take(delivery what);
  void look_up(const task_ptr& t, std::function<void()> then);
  void consider(const task_ptr& t);
  void next_suspect();
  void begin(const task_ptr& t);
  void recall(task& t);
  void remember(const task& t);
  void hand_over(const task_ptr& t);
  void decided(const task_ptr& t, const outcome& result);
  void failed(const task_ptr& t, const caf::error& why);
  void snooze(const task_ptr& t, milliseconds delay);
  void count_attempt(const task_ptr& t, const std::string& reason);
  void record_attempt(const task_ptr& t, const std::string& reason);
  void give_up(const task_ptr& t, const std::string& reason);
  void bury(const task_ptr& t, const std::string& reason,
            const std::string& refused = {});
  void keep(const task_ptr& t, const burial& why, const std::string& reason,
            bool whole);
  void kept(const task_ptr& t, const std::string& reason);
  void write(const task_ptr& t, std::function<void(bool)> then);
  void give_back(const task_ptr& t, milliseconds delay);
  void
  settle(const task_ptr& t, settlement how, std::function<void()> then = {});
  void settled(const task_ptr& t);
  void keep_alive();
  void drain(const caf::error& reason);

  [[nodiscard]] std::string attempts_key(const delivery& what) const;

  caf::event_based_actor* self_;
  actor_context context_;
  std::shared_ptr<class bus> bus_;
  delivery_handler_actor handler_;
  durable_source_config config_;
  std::shared_ptr<subscription> subscription_;
  std::unordered_map<std::string, task_ptr> in_flight_; // By token.
  /// What may have ended a process is handled one at a time, so that nothing
  /// else of its kind is begun when it does so again: then it alone counts.
  std::vector<task_ptr> suspects_;
  task_ptr suspect_; // Being handled.
  /// Deliveries that this node gave back, by sequence: how often they were
  /// delivered. When one comes next, nobody has begun it in between.
  std::unordered_map<std::uint64_t, std::uint32_t> given_back_;
  /// Attempts of messages, by sequence, that could not be written down.
  std::unordered_map<std::uint64_t, state::v1::AttemptState> unwritten_;
  bool draining_ = false;
  caf::error exit_reason_;
};

/// Joins a durable, hands each delivery to `handler` with a bounded number in
/// flight, and tells the bus what became of it, again if the bus loses that
/// word. Keeps deliveries that take long alive; counts failed attempts in
/// bucket ATTEMPTS, those that no process outlives included, and moves what
/// failed too often to the dead-letter stream, before it is settled. On an exit
/// message it takes no more, waits for what is in flight, then ends. Ends with
/// an error if the bus is lost.
caf::behavior
durable_source(caf::stateful_actor<durable_source_state>* self,
               actor_context context, std::shared_ptr<bus> bus,
               delivery_handler_actor handler, durable_source_config config);

} // namespace stravasync
