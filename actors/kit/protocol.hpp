#pragma once

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/unit.hpp>

namespace kit {

namespace detail {

template <class Signature>
struct handler;

template <class Reply, class... Args>
struct handler<Reply(Args...)> {
  using type = typename caf::replies_to<Args...>::template with<Reply>;
};

template <class... Args>
struct handler<void(Args...)> {
  using type = caf::reacts_to<Args...>;
};

} // namespace detail

/// The interface of an actor as function signatures, `Reply(Request)`, the way
/// CAF 0.18 and later spell it. `void(Request)` acknowledges without a value.
/// Messages travel between actors by address: each type of them is listed once,
/// beside its protocol, with `CAF_ALLOW_UNSAFE_MESSAGE_TYPE`, so that CAF does
/// not try to serialize it, and is not numbered with `add_message_type`.
template <class... Signatures>
using protocol
  = caf::typed_actor<typename detail::handler<Signatures>::type...>;

} // namespace kit
