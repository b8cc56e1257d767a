#pragma once

#include <caf/expected.hpp>

#include <functional>

namespace stravasync {

/// Called exactly once with the result of an asynchronous call, on a thread of
/// the adapter's. It must not block and must not call back into the same
/// adapter synchronously expecting an answer: an actor's completion sends
/// itself a message and returns.
template <class T>
using completion = std::function<void(caf::expected<T>)>;

} // namespace stravasync
