#pragma once

#include "actors/kit/statistics.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/scheduled_actor.hpp>

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kit {

/// Work that an actor sends to itself from outside: a callback and what it was
/// called with. Made by `in_actor`, run by the actor, never listed in a
/// protocol.
struct continuation {
  struct work {
    virtual ~work() = default;
    virtual void run() = 0;
  };
  std::shared_ptr<work> todo;
};

namespace detail {

template <class Fn, class... Args>
struct bound_call final : continuation::work {
  std::shared_ptr<Fn> fn;
  std::tuple<Args...> args;

  bound_call(std::shared_ptr<Fn> f, Args... xs)
    : fn{std::move(f)},
      args{std::move(xs)...} {
  }

  void run() override {
    std::apply(*fn, std::move(args));
  }
};

/// Makes `self` run continuations unless it does already.
void accept_continuations(caf::scheduled_actor& self);

void enqueue_continuation(const caf::strong_actor_ptr& receiver,
                          std::shared_ptr<continuation::work> todo);

/// What `in_actor` returns.
template <class Fn>
class actor_callback {
public:
  actor_callback(caf::strong_actor_ptr receiver, Fn fn)
    : receiver_{std::move(receiver)},
      fn_{std::make_shared<Fn>(std::move(fn))} {
  }

  template <class... Args>
  requires std::is_invocable_v<Fn&, std::decay_t<Args> &&...> void
  operator()(Args&&... args) const {
    enqueue_continuation(
      receiver_, std::make_shared<bound_call<Fn, std::decay_t<Args>...>>(
                   fn_, std::forward<Args>(args)...));
  }

private:
  caf::strong_actor_ptr receiver_;
  std::shared_ptr<Fn> fn_;
};

} // namespace detail

/// Brings a callback back into the actor: the returned function object may be
/// called on any thread, never blocks, and makes `self` run `fn` with the
/// arguments (moved) in between its messages, in the order of the calls that
/// one thread makes. It converts to any `std::function` whose arguments `fn`
/// takes, and may be called many times.
///
/// If the actor has ended, `fn` is not run. A call that is dropped, and a
/// callback that is destroyed without a call, let go of what `fn` captured:
/// a `kit::promise` in there then answers its requester. So capture promises by
/// value. What `fn` captures may be destroyed on any thread.
///
/// An exception out of `fn` is treated as one out of a message handler (see
/// `kit::handlers`).
///
/// Uses the actor's default handler, so an actor with one of its own cannot
/// use it. Unexpected messages get `sec::unexpected_message`.
/// @param self An event-based actor, detached or not; call from inside it.
template <class Fn>
[[nodiscard]] auto in_actor(caf::scheduled_actor* self, Fn&& fn) {
  detail::accept_continuations(*self);
  return detail::actor_callback<std::decay_t<Fn>>{
    caf::strong_actor_ptr{self->ctrl()}, std::forward<Fn>(fn)};
}

} // namespace kit

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(kit::continuation)
