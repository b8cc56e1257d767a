#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/protocols/strava.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>

namespace stravasync {

/// @returns whether `why` says that Strava as such cannot be used now, rather
/// than that this request was refused.
[[nodiscard]] bool is_upstream_failure(const caf::error& why);

/// The state of a STRAVA CLIENT. Spawn it with `strava_client`.
class strava_client_state {
public:
  static inline constexpr const char* name = "strava-client";

  explicit strava_client_state(
    strava_client_actor::stateful_pointer<strava_client_state> self);

  strava_client_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<strava_api> api,
                budget_actor budget, std::uint32_t failures_max);

private:
  using reply = kit::promise<fetched_page>;

  void fetch(activities_request request, const std::string& permit_id,
             const reply& to);
  void tell_nonsense(const rate_usage& usage);
  void note(const caf::error& why);

  strava_client_actor::stateful_pointer<strava_client_state> self_;
  actor_context context_;
  std::shared_ptr<strava_api> api_;
  budget_actor budget_;
  std::uint32_t failures_max_ = 1;
  std::uint32_t failures_ = 0; // In a row.
  bool told_nonsense_ = false;
};

/// Sends requests to Strava, each with a permit of BUDGET. Ends after
/// `failures_max` failures in a row, so that its guardian closes the gate.
strava_client_actor::behavior_type
strava_client(strava_client_actor::stateful_pointer<strava_client_state> self,
              actor_context context, std::shared_ptr<strava_api> api,
              budget_actor budget, std::uint32_t failures_max);

} // namespace stravasync
