#pragma once

#include <mutex>
#include <string>

namespace stravasync {

/// Whether the bus over the network answers, for `/readyz`. Thread-safe.
class bus_state {
public:
  /// @param problem Empty: it answers.
  void set(std::string problem) {
    auto lock = std::lock_guard{mutex_};
    problem_ = std::move(problem);
  }

  [[nodiscard]] std::string problem() const {
    auto lock = std::lock_guard{mutex_};
    return problem_;
  }

private:
  mutable std::mutex mutex_;
  std::string problem_;
};

} // namespace stravasync
