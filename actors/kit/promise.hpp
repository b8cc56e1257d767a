#pragma once

#include "actors/kit/statistics.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>
#include <caf/result.hpp>
#include <caf/scheduled_actor.hpp>

#include <atomic>
#include <concepts>
#include <memory>
#include <utility>

namespace kit {

namespace detail {

/// The one answer that a request is owed. Sends straight to the requester and
/// never touches the actor that made it, which may be gone by then.
class owed_answer {
public:
  /// Takes the request over from `element`: CAF will not answer it any more.
  owed_answer(caf::mailbox_element& element, meter_ptr meter);

  owed_answer(const owed_answer&) = delete;
  owed_answer& operator=(const owed_answer&) = delete;

  /// Answers `fault::broken_promise` if nothing was delivered.
  ~owed_answer();

  void deliver(caf::message answer);
  void fail(caf::error why);

  [[nodiscard]] bool pending() const {
    return !delivered_.load(std::memory_order_acquire);
  }

private:
  bool claim();
  void send(caf::message answer);

  std::atomic<bool> delivered_;
  caf::strong_actor_ptr requester_;
  caf::mailbox_element::forwarding_stack stages_;
  caf::message_id id_;
  meter_ptr meter_;
};

std::shared_ptr<owed_answer> take_request(caf::scheduled_actor& self);

} // namespace detail

/// An answer that will be given later, and that is given in any case: once the
/// last copy is gone without a delivery (a branch forgot it, the actor crashed,
/// a callback that held it was dropped) the requester gets
/// `fault::broken_promise` at once instead of waiting for ever.
///
/// Copies share the one answer: the first delivery counts, later ones do
/// nothing. Every member may be called, and the last copy may die, on any
/// thread and after the actor ended. A request that was sent without expecting
/// an answer gets none, neither value nor error.
///
/// A handler declared `-> caf::result<T>` (or wrapped by `kit::handlers`)
/// returns it as it is.
template <class T>
class promise {
public:
  /// Answers nobody; `pending` is false.
  promise() = default;

  explicit promise(std::shared_ptr<detail::owed_answer> answer)
    : answer_{std::move(answer)} {
  }

  void deliver(T value) const {
    if (pending())
      answer_->deliver(caf::make_message(std::move(value)));
  }

  void deliver(caf::error why) const {
    if (pending())
      answer_->fail(std::move(why));
  }

  void deliver(std::same_as<caf::expected<T>> auto value) const {
    if (value)
      deliver(std::move(*value));
    else
      deliver(std::move(value.error()));
  }

  /// Whether somebody still waits for this answer.
  [[nodiscard]] bool pending() const {
    return answer_ && answer_->pending();
  }

  /// Tells CAF that the answer comes later.
  operator caf::result<T>() const {
    return caf::delegated<T>{};
  }

private:
  std::shared_ptr<detail::owed_answer> answer_;
};

/// The same for requests that are acknowledged without a value.
template <>
class promise<void> {
public:
  promise() = default;

  explicit promise(std::shared_ptr<detail::owed_answer> answer)
    : answer_{std::move(answer)} {
  }

  void deliver() const {
    if (answer_)
      answer_->deliver(caf::message{});
  }

  /// No error acknowledges.
  void deliver(caf::error why) const {
    if (!why)
      deliver();
    else if (answer_)
      answer_->fail(std::move(why));
  }

  [[nodiscard]] bool pending() const {
    return answer_ && answer_->pending();
  }

  operator caf::result<void>() const {
    return caf::delegated<void>{};
  }

private:
  std::shared_ptr<detail::owed_answer> answer_;
};

/// Takes over the answer to the message that `self` is handling. Call it in the
/// handler, before anything that could fail, and at most once per message (the
/// second one answers nobody).
template <class T>
[[nodiscard]] promise<T> make_promise(caf::scheduled_actor* self) {
  return promise<T>{detail::take_request(*self)};
}

} // namespace kit
