#pragma once

#include "actors/ports/completion.hpp"
#include "adapters/embedded_bus/storage.hpp"
#include "messages/error.hpp"

#include <caf/expected.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

namespace stravasync::embedded_bus {

/// One call on its way through the engine: run in a transaction, then answered
/// by the callback thread.
class command {
public:
  /// @param alone Run in a transaction of its own.
  /// @param bytes How much it adds to a transaction.
  command(bool alone, std::size_t bytes) : alone_(alone), bytes_(bytes) {
  }

  virtual ~command() = default;

  command(const command&) = delete;
  command& operator=(const command&) = delete;

  [[nodiscard]] bool alone() const {
    return alone_;
  }

  [[nodiscard]] std::size_t bytes() const {
    return bytes_;
  }

  /// @returns whether it is complete; if not it is run again in a later turn.
  virtual bool run(storage& in) = 0;

  /// Replaces the answer: the transaction came to nothing.
  virtual void fail(const caf::error& reason) = 0;

  /// Calls the completion.
  virtual void answer() = 0;

private:
  bool alone_;
  std::size_t bytes_;
};

template <class T>
class call final : public command {
public:
  /// Nothing: not complete yet.
  using work = std::function<std::optional<caf::expected<T>>(storage&)>;

  call(work what, completion<T> done, bool alone, std::size_t bytes)
    : command(alone, bytes),
      work_(std::move(what)),
      done_(std::move(done)) {
  }

  bool run(storage& in) override {
    result_ = work_(in);
    return result_.has_value();
  }

  void fail(const caf::error& reason) override {
    result_.emplace(reason);
  }

  void answer() override {
    if (done_)
      done_(std::move(*result_));
  }

private:
  work work_;
  completion<T> done_;
  std::optional<caf::expected<T>> result_;
};

} // namespace stravasync::embedded_bus
