#pragma once

#include "actors/ports/completion.hpp"

#include <caf/expected.hpp>

#include <future>
#include <memory>
#include <utility>

namespace stravasync {

/// Makes an asynchronous call of a port and blocks until it is answered: for
/// commands and the start of a node, which have nothing else to do. Not for
/// actors.
/// @param call Takes the completion.
template <class T, class Fn>
[[nodiscard]] caf::expected<T> answer_of(Fn call) {
  // Shared: the waiting may be over before the call that ends it has returned.
  auto done = std::make_shared<std::promise<caf::expected<T>>>();
  auto result = done->get_future();
  call(completion<T>{
    [done](caf::expected<T> got) { done->set_value(std::move(got)); }});
  return result.get();
}

} // namespace stravasync
