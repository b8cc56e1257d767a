#pragma once

#include "actors/ports/log.hpp"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stravasync::test {

/// A log that keeps level and text of its lines.
class log_lines final : public log {
public:
  void write(log_level level, std::string_view text,
             std::initializer_list<log_field>) override {
    auto lock = std::lock_guard{mutex_};
    lines_.emplace_back(level, text);
  }

  [[nodiscard]] std::ptrdiff_t count(log_level level) const {
    auto lock = std::lock_guard{mutex_};
    return std::ranges::count(lines_, level,
                              &std::pair<log_level, std::string>::first);
  }

  /// @returns whether a line begins so.
  [[nodiscard]] bool has(std::string_view begin) const {
    auto lock = std::lock_guard{mutex_};
    return std::ranges::any_of(lines_, [&](const auto& line) {
      return std::string_view{line.second}.starts_with(begin);
    });
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::pair<log_level, std::string>> lines_;
};

} // namespace stravasync::test
