#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/readiness.hpp"

#include <mutex>
#include <string>
#include <utility>

namespace stravasync {

/// Whether the bus over the network answers, for `/readyz`. Thread-safe.
class bus_state {
public:
  explicit bus_state(wall_clock now) : now_{std::move(now)}, since_ms_{now_()} {
  }

  /// @param problem Empty: it answers.
  void set(std::string problem) {
    auto lock = std::lock_guard{mutex_};
    if (problem.empty() != problem_.empty())
      since_ms_ = now_();
    problem_ = std::move(problem);
  }

  [[nodiscard]] std::string problem() const {
    auto lock = std::lock_guard{mutex_};
    return problem_;
  }

  [[nodiscard]] readiness part() const {
    auto lock = std::lock_guard{mutex_};
    auto result = readiness{"bus", problem_};
    result.since_ms = since_ms_;
    result.last_ok_at_ms = problem_.empty() ? now_() : since_ms_;
    return result;
  }

private:
  wall_clock now_;
  mutable std::mutex mutex_;
  unix_ms since_ms_;
  std::string problem_;
};

} // namespace stravasync
