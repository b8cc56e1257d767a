#pragma once

#include "adapters/embedded_bus/engine.hpp"

#include <string>
#include <utility>

/// @file
/// How the bus's methods hand themselves to the engine.

namespace stravasync::embedded_bus {

template <class T>
void submit(engine& to, typename call<T>::work what, completion<T> done,
            std::size_t bytes = 0) {
  to.submit(
    std::make_shared<call<T>>(std::move(what), std::move(done), false, bytes));
}

/// For what changes which streams and durables there are.
template <class T>
void submit_alone(engine& to, typename call<T>::work what, completion<T> done) {
  to.submit(
    std::make_shared<call<T>>(std::move(what), std::move(done), true, 0));
}

/// Answers `done` with an error, in turn.
template <class T>
void refuse(engine& to, completion<T> done, std::string detail) {
  auto work = [detail = std::move(detail)](storage&) {
    return caf::expected<T>{make_failure(ec::invalid_argument, detail)};
  };
  submit<T>(to, std::move(work), std::move(done));
}

} // namespace stravasync::embedded_bus
