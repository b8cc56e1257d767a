#include "actors/consumer/strava_client.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <caf/send.hpp>

#include <utility>

namespace stravasync {

bool is_upstream_failure(const caf::error& why) {
  switch (code_of(why)) {
    case ec::unavailable:
    case ec::timed_out:
    case ec::upstream_failed:
    case ec::forbidden:
      return true;
    case ec::none:
    case ec::invalid_argument:
    case ec::not_found:
    case ec::already_exists:
    case ec::conflict:
    case ec::exhausted:
    case ec::malformed:
    case ec::needs_reauth:
    case ec::scope_missing:
    case ec::rate_limited:
    case ec::rejected:
    case ec::full:
    case ec::internal:
    case ec::denied:
      return false;
  }
  return false;
}

strava_client_state::strava_client_state(
  strava_client_actor::stateful_pointer<strava_client_state> self)
  : self_{self} {
}

strava_client_actor::behavior_type
strava_client_state::make_behavior(actor_context context,
                                   std::shared_ptr<strava_api> api,
                                   budget_actor budget,
                                   std::uint32_t failures_max) {
  context_ = std::move(context);
  api_ = std::move(api);
  budget_ = std::move(budget);
  failures_max_ = failures_max;
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](fetch_page& x) -> caf::result<fetched_page> {
      auto to = kit::make_promise<fetched_page>(self_);
      self_
        ->request(budget_, caf::infinite, lease_permit{x.lane, x.came_before})
        .then([this, to, request = std::move(x.request)](
                permit& granted) { fetch(request, granted.id, to); },
              [to](caf::error& why) { to.deliver(std::move(why)); });
      return to;
    });
}

void strava_client_state::fetch(activities_request request,
                                const std::string& permit_id, const reply& to) {
  using result = strava_result<activities_response>;
  auto answered = kit::in_actor(self_, [this, to](result got) {
    tell_nonsense(got.report.usage);
    note(got.value ? caf::error{} : got.value.error());
    if (got.value)
      to.deliver(
        std::make_shared<const activities_response>(std::move(*got.value)));
    else
      to.deliver(got.value.error());
  });
  // The permit is settled even if this actor has ended meanwhile.
  auto settle = [budget = budget_, permit_id](const call_report& report) {
    caf::anon_send(budget, settle_permit{permit_id, report});
  };
  api_->list_activities(std::move(request), [settle, answered](result got) {
    settle(got.report);
    answered(std::move(got));
  });
}

void strava_client_state::tell_nonsense(const rate_usage& usage) {
  if (usage.nonsense.empty() || std::exchange(told_nonsense_, true))
    return;
  context_.journal->warning("a rate header of Strava's is no count and ignored",
                            {{"header", usage.nonsense}});
}

void strava_client_state::note(const caf::error& why) {
  failures_ = is_upstream_failure(why) ? failures_ + 1 : 0;
  // An application that Strava has switched off will not be on for the next.
  if (failures_ >= failures_max_ || code_of(why) == ec::forbidden)
    self_->quit(why);
}

strava_client_actor::behavior_type
strava_client(strava_client_actor::stateful_pointer<strava_client_state> self,
              actor_context context, std::shared_ptr<strava_api> api,
              budget_actor budget, std::uint32_t failures_max) {
  return self->state.make_behavior(std::move(context), std::move(api),
                                   std::move(budget), failures_max);
}

} // namespace stravasync
