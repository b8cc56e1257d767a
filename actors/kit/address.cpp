#include "actors/kit/address.hpp"

#include "actors/kit/address_messages.hpp"
#include "actors/kit/fault.hpp"
#include "actors/kit/lifecycle.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace kit {

namespace {

class address_state {
public:
  static inline constexpr const char* name = "address";

  explicit address_state(caf::stateful_actor<address_state>* self)
    : self_{self} {
  }

  caf::behavior make_behavior(std::string what) {
    what_ = std::move(what);
    why_ = "not started";
    self_->set_default_handler(caf::scheduled_actor::default_handler{
      [this](caf::scheduled_actor*, caf::message_view& view) {
        return pass(view);
      }});
    return {
      [this](detail::child_runs& news) { child_ = std::move(news.child); },
      [this](detail::child_is_down& news) {
        child_ = nullptr;
        why_ = std::move(news.why);
        retry_at_ = news.retry_at;
      },
    };
  }

private:
  caf::result<caf::message> pass(caf::message_view& view) {
    if (child_)
      return detail::forward(*self_, child_, view);
    if (self_->current_message_id().is_async())
      return caf::delegated<caf::message>{};
    return unavailable(what_ + ": " + why_,
                       std::chrono::ceil<std::chrono::milliseconds>(
                         retry_at_ - self_->clock().now()));
  }

  caf::stateful_actor<address_state>* self_;
  std::string what_;
  caf::actor child_;
  std::string why_;
  caf::actor_clock::time_point retry_at_;
};

} // namespace

caf::actor spawn_address(caf::actor_system& system, std::string what) {
  auto address = [](caf::stateful_actor<address_state>* self,
                    std::string text) {
    return self->state.make_behavior(std::move(text));
  };
  return system.spawn<caf::hidden>(address, std::move(what));
}

} // namespace kit
