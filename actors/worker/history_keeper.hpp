#pragma once

#include "actors/context.hpp"
#include "actors/kit/protocol.hpp"
#include "actors/ports/bus.hpp"
#include "actors/worker/leadership.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace stravasync {

/// HISTORY KEEPER to itself: looks how full the streams are.
struct history_look {};

using history_keeper_actor = kit::protocol<void(history_look)>;

struct history_keeper_config {
  /// How often it looks.
  milliseconds every{5'000};
  /// Of a stream's bytes, in percent: fuller, it loses history until it is
  /// fuller no more than that.
  std::uint32_t fuller_than = 80;
  std::uint32_t until = 75;
  /// Messages removed at once, and between two looks.
  std::uint32_t in_flight = 64;
  std::uint32_t removed_max = 20'000;
};

/// What of a stream may go.
struct history_cut {
  /// From the oldest on; 0: none.
  std::uint64_t messages = 0;
  /// The durable that has the oldest message still to be done, if that keeps
  /// the stream from being as empty as it should be.
  std::string held_by;
};

/// @returns what of a stream that refuses when it is full may go: what all of
/// its durables have settled, the oldest first, and no more than makes it as
/// empty as it should be. Of a stream without a durable nothing is done.
[[nodiscard]] history_cut
cut_of(const stream_state& of, const history_keeper_config& config);

/// The state of a HISTORY KEEPER. Spawn it with `history_keeper`.
class history_keeper_state {
public:
  static inline constexpr const char* name = "history-keeper";

  explicit history_keeper_state(
    history_keeper_actor::stateful_pointer<history_keeper_state> self);

  history_keeper_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<stream_catalog> bus,
                std::shared_ptr<const leadership> role,
                history_keeper_config config);

private:
  struct cut {
    std::string stream;
    std::uint64_t next = 0;
    std::uint64_t end = 0; // Not to be removed.
  };

  void look();
  void looked(const std::vector<stream_state>& found);
  void tell_held(const stream_state& of, const std::string& by);
  void remove_more();
  void rest(bool more);

  history_keeper_actor::stateful_pointer<history_keeper_state> self_;
  actor_context context_;
  std::shared_ptr<stream_catalog> bus_;
  std::shared_ptr<const leadership> role_;
  history_keeper_config config_;
  std::vector<cut> cuts_; // The last is being made.
  std::size_t in_flight_ = 0;
  bool failed_ = false;
  std::set<std::string> told_; // Streams that cannot be made emptier.
};

/// Keeps what is done from stopping what is to do: a stream that refuses when
/// it is full would fill up with messages that are kept to be replayed alone.
/// The node that leads removes the oldest of them in time; a message that any
/// durable has still to settle stays, and so does what is younger. When that
/// alone fills the stream, it says so, and the stream refuses.
history_keeper_actor::behavior_type history_keeper(
  history_keeper_actor::stateful_pointer<history_keeper_state> self,
  actor_context context, std::shared_ptr<stream_catalog> bus,
  std::shared_ptr<const leadership> role, history_keeper_config config);

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::history_look)
