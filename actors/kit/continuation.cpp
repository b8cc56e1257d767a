#include "actors/kit/continuation.hpp"

#include "actors/kit/continuation_runner.hpp"

#include <caf/mailbox_element.hpp>
#include <caf/sec.hpp>

namespace kit::detail {

namespace {

/// Lets us ask an actor which default handler it has: CAF has a setter only.
struct default_handler_access : caf::scheduled_actor {
  static const default_handler& of(caf::scheduled_actor& self) {
    return self.*(&default_handler_access::default_handler_);
  }
};

void run(continuation::work& todo, const continuation_runner& runner,
         caf::scheduled_actor& self) {
  if (!runner.numbers) {
    todo.run();
    return;
  }
  const auto timing = stopwatch{*runner.numbers, self};
  try {
    todo.run();
  } catch (...) {
    runner.numbers->count_failure();
    if (runner.policy == on_throw::crash)
      throw;
  }
}

} // namespace

caf::result<caf::message>
continuation_runner::operator()(caf::scheduled_actor* self,
                                caf::message_view& view) const {
  if (!view.content().match_elements<continuation>()) {
    if (numbers)
      numbers->count_failure();
    return caf::sec::unexpected_message;
  }
  // Moved out, so that what it holds goes away when it has run and not when
  // CAF recycles the message.
  auto todo = std::move(view.content().get_mutable_as<continuation>(0).todo);
  if (todo)
    run(*todo, *this, *self);
  return caf::delegated<caf::message>{};
}

bool default_handler_of(caf::scheduled_actor& self,
                        const continuation_runner*& runner) {
  const auto& handler = default_handler_access::of(self);
  runner = handler.target<continuation_runner>();
  return static_cast<bool>(handler);
}

void accept_continuations(caf::scheduled_actor& self) {
  const continuation_runner* runner = nullptr;
  if (default_handler_of(self, runner) && !runner)
    self.set_default_handler(
      caf::scheduled_actor::default_handler{continuation_runner{}});
}

void enqueue_continuation(const caf::strong_actor_ptr& receiver,
                          std::shared_ptr<continuation::work> todo) {
  receiver->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(),
                                              {},
                                              continuation{std::move(todo)}),
                    nullptr);
}

} // namespace kit::detail
