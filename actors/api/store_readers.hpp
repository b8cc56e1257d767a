#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/protocols/store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <deque>
#include <vector>

namespace stravasync {

/// The state of STORE READERS. Spawn it with `store_readers`.
class store_readers_state {
public:
  static inline constexpr const char* name = "store-readers";

  explicit store_readers_state(
    store_readers_actor::stateful_pointer<store_readers_state> self);

  store_readers_actor::behavior_type
  make_behavior(actor_context context,
                std::vector<store_session_actor> sessions);

private:
  struct waiting {
    store_read work;
    kit::promise<void> reply;
  };

  void hand_out();
  void done_by(std::size_t session, const caf::error& why);

  store_readers_actor::stateful_pointer<store_readers_state> self_;
  actor_context context_;
  std::vector<store_session_actor> sessions_;
  /// Sessions without work, by number; the next one to get some last.
  std::vector<std::size_t> idle_;
  std::deque<waiting> waiting_;
};

/// Hands long reads, in their order, to sessions that have nothing to do: one
/// at a time to each, so that none waits behind another while a session is
/// free. Whoever was last done is asked first: sessions that are not needed
/// never connect. A session that was away is asked last.
store_readers_actor::behavior_type
store_readers(store_readers_actor::stateful_pointer<store_readers_state> self,
              actor_context context, std::vector<store_session_actor> sessions);

} // namespace stravasync
