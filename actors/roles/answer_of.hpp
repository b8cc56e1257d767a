#pragma once

#include "actors/ports/completion.hpp"

#include <caf/expected.hpp>

#include <future>
#include <utility>

namespace stravasync {

/// Makes an asynchronous call of a port and blocks until it is answered: for
/// commands and the start of a node, which have nothing else to do.
/// @param call Takes the completion.
template <class T, class Fn>
[[nodiscard]] caf::expected<T> answer_of(Fn call) {
  std::promise<caf::expected<T>> done;
  auto result = done.get_future();
  call(completion<T>{
    [&done](caf::expected<T> got) { done.set_value(std::move(got)); }});
  return result.get();
}

} // namespace stravasync
