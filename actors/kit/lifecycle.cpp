#include "actors/kit/lifecycle.hpp"

#include "actors/kit/fault.hpp"
#include "actors/kit/handlers.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_counted.hpp>
#include <caf/system_messages.hpp>

#include <random>
#include <utility>

namespace kit::detail {

namespace {

/// Accepts an answer of any type. CAF's handlers name the type they expect.
class any_answer final : public caf::detail::behavior_impl {
public:
  explicit any_answer(std::function<void(caf::message)> done)
    : done_{std::move(done)} {
  }

  caf::match_case::result
  invoke_empty(caf::detail::invoke_result_visitor& visitor) override {
    return take(visitor, {});
  }

  caf::match_case::result invoke(caf::detail::invoke_result_visitor& visitor,
                                 caf::type_erased_tuple& answer) override {
    return take(visitor, caf::message::copy(answer));
  }

private:
  caf::match_case::result
  take(caf::detail::invoke_result_visitor& visitor, caf::message answer) {
    done_(std::move(answer));
    auto nothing = caf::message{};
    visitor(nothing);
    return caf::match_case::match;
  }

  std::function<void(caf::message)> done_;
};

} // namespace

caf::expected<caf::actor>
start_child(const child_factory& factory, const child_context& context) {
  try {
    auto started = factory(context);
    if (started && !*started)
      return make_fault(fault::crashed, "the factory returned no actor");
    return started;
  } catch (...) {
    return crash_of(std::current_exception());
  }
}

void tell_to_exit(caf::event_based_actor& self, const caf::actor& child,
                  caf::error reason) {
  self.send<caf::message_priority::high>(
    child, caf::exit_msg{self.address(), std::move(reason)});
}

void kill_when_gone(caf::event_based_actor& self, kept_actors kept) {
  self.attach_functor([kept = std::move(kept), keeper = self.address()] {
    for (const auto& child : *kept)
      if (child)
        child->enqueue(caf::make_mailbox_element(
                         nullptr,
                         caf::make_message_id(caf::message_priority::high), {},
                         caf::exit_msg{keeper, caf::exit_reason::kill}),
                       nullptr);
    kept->clear();
  });
}

caf::result<caf::message>
forward(caf::event_based_actor& self, const caf::actor& target,
        caf::message_view& view) {
  self.delegate(target, view.move_content_to_message());
  return caf::delegated<caf::message>{};
}

void request_any(caf::event_based_actor& self, const caf::actor& target,
                 caf::message request, std::function<void(caf::message)> done) {
  const auto id = self.request(target, caf::infinite, std::move(request)).id();
  self.add_multiplexed_response_handler(
    id, caf::behavior{caf::detail::behavior_impl::pointer{
          caf::make_counted<any_answer>(std::move(done))}});
}

void when_initialized(caf::event_based_actor& self, const caf::actor& target,
                      std::function<void(std::string)> done) {
  // Every event-based actor answers this, whatever its protocol, and does so
  // after its initialization, because it comes through the mailbox.
  self
    .request(target, caf::infinite, caf::sys_atom::value, caf::get_atom::value,
             std::string{"info"})
    .then([done = std::move(done)](caf::ok_atom, const std::string&,
                                   const caf::strong_actor_ptr&,
                                   const std::string& name) { done(name); },
          [](const caf::error&) {
            // The message that it is down says so too.
          });
}

caf::error error_in(const caf::message& answer) {
  if (answer.match_elements<caf::error>())
    return answer.get_as<caf::error>(0);
  return {};
}

std::function<double()> make_random01() {
  return [engine = std::minstd_rand{std::random_device{}()}]() mutable {
    return std::generate_canonical<double, 32>(engine);
  };
}

} // namespace kit::detail
