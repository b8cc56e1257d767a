#pragma once

#include "actors/kit/promise.hpp"
#include "actors/kit/statistics.hpp"

#include <caf/result.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

namespace kit {

/// What happens to an actor when one of its handlers or continuations throws.
/// In both cases the requester is answered and the failure is counted.
enum class on_throw : std::uint8_t {
  /// The actor ends with `fault::crashed`; its supervisor decides. The right
  /// choice whenever the exception may have left the state half changed.
  crash,
  /// The requester gets `fault::crashed`, the actor lives on with its state.
  /// Only for actors whose handlers change nothing, or nothing that matters.
  resume,
};

namespace detail {

/// `caf::result<T>` for what a handler may return to mean a T: T itself,
/// expected, error, a promise of CAF's or ours.
template <class R>
struct reply_of {
  using type = caf::result<R>;
};
template <>
struct reply_of<caf::error> {
  using type = caf::result<void>;
};
template <class... T>
struct reply_of<caf::result<T...>> {
  using type = caf::result<T...>;
};
template <class T>
struct reply_of<caf::expected<T>> {
  using type = caf::result<T>;
};
template <class T>
struct reply_of<promise<T>> {
  using type = caf::result<T>;
};
template <class... T>
struct reply_of<caf::typed_response_promise<T...>> {
  using type = caf::result<T...>;
};
template <class... T>
struct reply_of<caf::delegated<T...>> {
  using type = caf::result<T...>;
};

[[nodiscard]] caf::error crash_of(const std::exception_ptr& thrown);

/// Makes `self` count and guard its continuations, and end with
/// `fault::crashed` when something throws.
meter_ptr prepare(caf::scheduled_actor& self, const actor_statistics& numbers,
                  on_throw policy);

/// Adds the time since its construction to the meter, and tells it what waits
/// then for `self`, whose thread this is.
class stopwatch {
public:
  stopwatch(meter& m, caf::scheduled_actor& self)
    : meter_{m},
      self_{self},
      start_{std::chrono::steady_clock::now()} {
  }

  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

  ~stopwatch() {
    // Not the mailbox's `size`: that fetches what has just come, which is
    // work for every message. CAF does so once in a round, which is enough.
    meter_.count(std::chrono::steady_clock::now() - start_,
                 self_.mailbox().queue().total_task_size());
  }

private:
  meter& meter_;
  caf::scheduled_actor& self_;
  std::chrono::steady_clock::time_point start_;
};

template <class Fn, class Signature>
class metered;

template <class Fn, class R, class... Args>
class metered<Fn, R(Args...)> {
public:
  using reply = typename reply_of<R>::type;

  metered(Fn fn, caf::scheduled_actor& self, meter_ptr m, on_throw policy)
    : fn_{std::move(fn)},
      self_{&self},
      meter_{std::move(m)},
      policy_{policy} {
  }

  reply operator()(Args... args) {
    auto timing = stopwatch{*meter_, *self_};
    try {
      auto result = call(std::forward<Args>(args)...);
      if (result.flag == caf::rt_error)
        meter_->count_failure();
      return result;
    } catch (...) {
      meter_->count_failure();
      if (policy_ == on_throw::crash)
        throw;
      return crash_of(std::current_exception());
    }
  }

private:
  reply call(Args... args) {
    if constexpr (std::is_void_v<R>) {
      fn_(std::forward<Args>(args)...);
      return caf::unit;
    } else if constexpr (std::is_same_v<R, caf::error>) {
      if (auto why = fn_(std::forward<Args>(args)...))
        return why;
      return caf::unit;
    } else {
      return fn_(std::forward<Args>(args)...);
    }
  }

  Fn fn_;
  caf::scheduled_actor* self_;
  meter_ptr meter_;
  on_throw policy_;
};

template <class Fn>
struct signature_of : signature_of<decltype(&Fn::operator())> {};
template <class C, class R, class... Args>
struct signature_of<R (C::*)(Args...) const> {
  using type = R(Args...);
};
template <class C, class R, class... Args>
struct signature_of<R (C::*)(Args...)> {
  using type = R(Args...);
};

} // namespace detail

/// Wraps the handlers of an actor so that each message is counted and timed
/// under the actor's class (its runtime name) and an exception is dealt with by
/// `policy`. A handler may return a value, `caf::result`, `caf::expected`,
/// `caf::error` (for `void(...)`), or a `kit::promise`. Costs less than 0.1 us.
/// Handlers of responses (`.then`) are not wrapped: an exception there always
/// ends the actor, with `fault::crashed`.
///
///     return kit::handlers(self_, statistics, kit::on_throw::crash,
///                          [this](const get_page& x) { return page(x); });
///
/// @param self The actor whose behavior is being made.
/// @returns the behavior of the actor's type.
template <class Self, class... Fns>
[[nodiscard]] typename Self::behavior_type
handlers(Self* self, const actor_statistics& numbers, on_throw policy,
         Fns... fns) {
  auto meter = detail::prepare(*self, numbers, policy);
  return {
    detail::metered<Fns, typename detail::signature_of<Fns>::type>{
      std::move(fns), *self, meter, policy}...,
  };
}

} // namespace kit
