#include "adapters/telemetry/repetitions.hpp"

#include <algorithm>

namespace stravasync::telemetry {

namespace {

/// Texts are few by contract; a caller that breaks it must not fill memory.
constexpr auto windows_max = std::size_t{1'024};

/// @returns the entry that stands for the window's, `last` being the newest.
log_entry summary(log_entry last, std::uint64_t held_back, unix_ms began_ms,
                  unix_ms now_ms, std::chrono::milliseconds window) {
  last.repeated = held_back;
  // Cut short by a drain, or by a clock that was set back.
  auto passed
    = std::chrono::milliseconds{std::max<unix_ms>(now_ms - began_ms, 0)};
  last.within = std::min(passed, window);
  last.at_ms = now_ms;
  return last;
}

} // namespace

bool repetitions::is_over(const window& of, unix_ms now_ms) const {
  return now_ms < of.began_ms || now_ms - of.began_ms >= bounds_.window.count();
}

std::vector<log_entry> repetitions::add(log_entry entry) {
  auto result = due(entry.at_ms);
  auto name = std::pair{entry.level, entry.text};
  if (windows_.size() >= windows_max && !windows_.contains(name))
    for (auto& each : drain(entry.at_ms))
      result.push_back(std::move(each));
  auto [found, is_new] = windows_.try_emplace(std::move(name));
  auto& open = found->second;
  if (is_new)
    open.began_ms = entry.at_ms;
  auto burst = entry.level >= log_level::warning ? bounds_.burst_of_failures
                                                 : bounds_.burst_of_others;
  if (open.let_through < burst) {
    ++open.let_through;
    result.push_back(std::move(entry));
  } else {
    ++open.held_back;
    open.last = std::move(entry);
  }
  return result;
}

std::vector<log_entry> repetitions::due(unix_ms now_ms) {
  auto result = std::vector<log_entry>{};
  for (auto each = windows_.begin(); each != windows_.end();) {
    auto& open = each->second;
    if (!is_over(open, now_ms)) {
      ++each;
      continue;
    }
    if (open.held_back > 0)
      result.push_back(summary(std::move(open.last), open.held_back,
                               open.began_ms, now_ms, bounds_.window));
    each = windows_.erase(each);
  }
  return result;
}

std::vector<log_entry> repetitions::drain(unix_ms now_ms) {
  auto result = std::vector<log_entry>{};
  for (auto& [key, open] : windows_)
    if (open.held_back > 0)
      result.push_back(summary(std::move(open.last), open.held_back,
                               open.began_ms, now_ms, bounds_.window));
  windows_.clear();
  return result;
}

} // namespace stravasync::telemetry
