#pragma once

#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/token_cipher.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/protocols/store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace stravasync {

struct athletes_config {
  /// See `first_position`.
  std::int64_t incremental_overlap_s = 0;
};

/// The state of an ATHLETES. Spawn it with `athletes`.
class athletes_state {
public:
  static inline constexpr const char* name = "athletes";

  explicit athletes_state(
    athletes_actor::stateful_pointer<athletes_state> self);

  athletes_actor::behavior_type
  make_behavior(actor_context context, store_access store, tokens_actor tokens,
                oauth_client_actor oauth,
                std::shared_ptr<const token_cipher> cipher,
                outbox_relay_actor relay, reconciler_actor reconciler,
                athletes_config config);

private:
  void list(const query::v1::ListAthletes& x,
            const kit::promise<query::v1::AthleteList>& to);
  void get(std::int64_t id, const kit::promise<query::v1::Athlete>& to);
  void
  disconnect(std::int64_t id, const kit::promise<query::v1::Disconnected>& to);
  void purge(std::int64_t id, const kit::promise<query::v1::Disconnected>& to);
  /// @param again A run that goes on was looked after already.
  void start(const query::v1::StartSync& x,
             const kit::promise<events::v1::SyncStatus>& to, bool again);
  /// Starts it once a run that only seems to go on does or has ended.
  void revive(const query::v1::StartSync& x,
              const kit::promise<events::v1::SyncStatus>& to);
  void confirm(const query::v1::ConfirmDeletions& x,
               const kit::promise<events::v1::SyncStatus>& to);
  void status(std::int64_t id, const kit::promise<events::v1::SyncStatus>& to);

  athletes_actor::stateful_pointer<athletes_state> self_;
  actor_context context_;
  store_access store_;
  tokens_actor tokens_;
  oauth_client_actor oauth_;
  std::shared_ptr<const token_cipher> cipher_;
  outbox_relay_actor relay_;
  reconciler_actor reconciler_;
  athletes_config config_;
};

/// Lists, starts and disconnects athletes.
athletes_actor::behavior_type
athletes(athletes_actor::stateful_pointer<athletes_state> self,
         actor_context context, store_access store, tokens_actor tokens,
         oauth_client_actor oauth, std::shared_ptr<const token_cipher> cipher,
         outbox_relay_actor relay, reconciler_actor reconciler,
         athletes_config config);

} // namespace stravasync
