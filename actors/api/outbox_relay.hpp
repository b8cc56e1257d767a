#pragma once

#include "actors/api/refusing_streams.hpp"
#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stravasync {

struct outbox_relay_config {
  /// Rows read, and messages in flight, at once.
  std::uint32_t batch = 200;
  /// Looks for rows that nobody told it about (another node's, or those of a
  /// process that was killed).
  milliseconds poll{5'000};
  /// Whether other nodes may have a relay on the same database: then they take
  /// turns, else all of them would send the same rows.
  bool takes_turns = false;
  /// How long rows wait at most for a node that was killed in its turn.
  milliseconds turn{5'000};
  /// Looks again for its own rows in the turn of another, which may have begun
  /// before they were there.
  milliseconds turn_retry{50};
};

/// The state of an OUTBOX RELAY. Spawn it with `outbox_relay`.
class outbox_relay_state {
public:
  static inline constexpr const char* name = "outbox-relay";

  explicit outbox_relay_state(
    outbox_relay_actor::stateful_pointer<outbox_relay_state> self);

  outbox_relay_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                std::shared_ptr<publisher> bus, outbox_relay_config config);

private:
  void wake();
  void take_turn();
  void read_rows();
  void leave_turn(bool more);
  void bring_back();
  void look_at_fetched();
  void bring_fetched_back();
  void tell_brought_back(const caf::expected<std::int64_t>& rows);
  void publish(std::vector<outbox_message> rows);
  void acked(std::size_t at, const caf::expected<publish_ack>& ack);
  void refused(const outbox_message& row, const caf::error& why);
  void tell_set_aside();
  void take_up_again();
  void mark_sent();
  void rest(bool more);

  outbox_relay_actor::stateful_pointer<outbox_relay_state> self_;
  actor_context context_;
  store_access store_;
  std::shared_ptr<publisher> bus_;
  outbox_relay_config config_;
  bool busy_ = false;
  bool more_ = false;    // Told of rows while busy.
  bool retries_ = false; // Looks again soon: it is another's turn.
  /// Whether activities are being looked at for some of the future, and up to
  /// which id they were.
  bool looks_at_fetched_ = false;
  std::int64_t looked_to_ = 0;
  std::size_t in_flight_ = 0;
  std::vector<outbox_message> rows_; // Of this batch.
  std::vector<std::int64_t> sent_;
  /// Of `rows_`, the last that each stream acked, with its sequence.
  std::map<std::string, outbox_message*> last_;
  refusing_streams refusing_;
  /// Of this batch: rows that the bus refuses as such, and why the first.
  std::vector<std::int64_t> set_aside_;
  std::string why_set_aside_;
  std::uint64_t polls_ = 0;
};

/// Brings outbox rows to the bus. A row is published until the bus has acked
/// it; its message id makes repetitions harmless. Of several nodes one at a
/// time does so, in the order of the rows, whoever added them. Rows of a stream
/// that refuses are passed over for a while. A row that is refused as such, for
/// its size, is set aside and taken up again every hour. Now and then it brings
/// back what a clock that was ahead wrote into the store: rows that would not
/// become old, runs that no later one would be newer than, and activities that
/// no later answer would change.
outbox_relay_actor::behavior_type
outbox_relay(outbox_relay_actor::stateful_pointer<outbox_relay_state> self,
             actor_context context, store_access store,
             std::shared_ptr<publisher> bus, outbox_relay_config config);

} // namespace stravasync
