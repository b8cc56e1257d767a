#pragma once

#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/token_cipher.hpp"
#include "actors/protocols/activities.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace stravasync {

/// The state of an ACTIVITIES. Spawn it with `activities`.
class activities_state {
public:
  static inline constexpr const char* name = "activities";

  explicit activities_state(
    activities_actor::stateful_pointer<activities_state> self);

  activities_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                std::shared_ptr<const token_cipher> cipher);

private:
  void list(const query::v1::ListActivities& x,
            const kit::promise<query::v1::ActivityList>& to);
  void get(const query::v1::GetActivity& x,
           const kit::promise<query::v1::Activity>& to);
  void get_whole(std::int64_t id, const kit::promise<query::v1::Activity>& to);
  void stats(std::int64_t athlete_id, const kit::promise<query::v1::Stats>& to);

  activities_actor::stateful_pointer<activities_state> self_;
  actor_context context_;
  store_access store_;
  std::shared_ptr<const token_cipher> cipher_;
};

/// Answers questions about stored activities.
activities_actor::behavior_type
activities(activities_actor::stateful_pointer<activities_state> self,
           actor_context context, store_access store,
           std::shared_ptr<const token_cipher> cipher);

} // namespace stravasync
