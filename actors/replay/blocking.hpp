#pragma once

#include "actors/ports/completion.hpp"

#include <future>
#include <memory>
#include <utility>

namespace stravasync {

/// Makes the asynchronous call and waits for its answer. For commands, which
/// have a thread of their own; an actor must not.
/// @param call Takes a `completion<T>`.
template <class T, class Call>
caf::expected<T> answer_of(Call call) {
  auto answer = std::make_shared<std::promise<caf::expected<T>>>();
  auto result = answer->get_future();
  call(completion<T>{
    [answer](caf::expected<T> x) { answer->set_value(std::move(x)); }});
  return result.get();
}

} // namespace stravasync
