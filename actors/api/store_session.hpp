#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/protocols/store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <unordered_map>
#include <vector>

namespace stravasync {

/// The state of a STORE SESSION. Spawn it with `store_session`.
class store_session_state {
public:
  static inline constexpr const char* name = "store-session";

  explicit store_session_state(
    store_session_actor::stateful_pointer<store_session_state> self);

  store_session_actor::behavior_type
  make_behavior(actor_context context, const store_opener& open);

private:
  template <class Work>
  struct waiting {
    Work work;
    kit::promise<void> reply;
  };

  void flush_soon();
  void flush();
  void flush_writes();
  [[nodiscard]] caf::error write_alone(const store_write& work);
  void flush_reads();
  void flush_point_reads();
  void see_to(const caf::error& why);

  store_session_actor::stateful_pointer<store_session_state> self_;
  actor_context context_;
  std::unique_ptr<class store_session> session_;
  bool flushing_ = false;
  std::vector<waiting<store_write>> writes_;
  std::vector<waiting<store_read>> reads_;
  std::unordered_map<std::int64_t, std::vector<kit::promise<activity_row>>>
    point_reads_;
};

/// One session of the database. Empties its mailbox before it works: writes
/// that wait share one transaction, point reads one query. A read is answered
/// when it is done, whatever waits behind it. A write that fails
/// by itself is undone alone. Ends when the database is lost.
/// Spawn it detached: the database blocks.
store_session_actor::behavior_type store_session_loop(
  store_session_actor::stateful_pointer<store_session_state> self,
  actor_context context, store_opener open);

} // namespace stravasync
