#include "adapters/strava_sim/rate_windows.hpp"

#include "messages/units.hpp"

namespace stravasync::strava_sim {

namespace {

constexpr std::size_t history_max = 100;

std::string pair_text(std::uint32_t short_window, std::uint32_t day) {
  return std::to_string(short_window) + "," + std::to_string(day);
}

} // namespace

rate_windows::rate_windows(rate_limits limits, std::chrono::milliseconds window)
  : limits_{limits},
    window_ms_{window.count()} {
}

rate_verdict rate_windows::count(unix_ms now, bool read) {
  auto start = now - now % window_ms_;
  if (windows_.empty() || windows_.back().start_ms < start)
    restore_window({start, 0, 0});
  auto midnight = now - now % day_ms;
  if (day_.start_ms < midnight)
    day_ = {midnight, 0, 0};
  auto& window = windows_.back();
  ++window.all;
  ++day_.all;
  if (read) {
    ++window.read;
    ++day_.read;
  }
  if (window.all > limits_.short_all || day_.all > limits_.day_all)
    return rate_verdict::all_exceeded;
  if (read
      && (window.read > limits_.short_read || day_.read > limits_.day_read))
    return rate_verdict::read_exceeded;
  return rate_verdict::within;
}

std::vector<std::pair<std::string, std::string>>
rate_windows::headers(bool read) const {
  auto used = windows_.empty() ? window_usage{} : windows_.back();
  return {
    {"X-Ratelimit-Limit", pair_text(limits_.short_all, limits_.day_all)},
    {"X-Ratelimit-Usage", pair_text(used.all, day_.all)},
    {"X-Readratelimit-Limit", pair_text(limits_.short_read, limits_.day_read)},
    {"X-Readratelimit-Usage", read ? pair_text(used.read, day_.read) : ","}};
}

const std::deque<window_usage>& rate_windows::history() const {
  return windows_;
}

const window_usage& rate_windows::day() const {
  return day_;
}

const rate_limits& rate_windows::limits() const {
  return limits_;
}

void rate_windows::restore_window(window_usage usage) {
  windows_.push_back(usage);
  if (windows_.size() > history_max)
    windows_.pop_front();
}

void rate_windows::restore_day(window_usage usage) {
  day_ = usage;
}

} // namespace stravasync::strava_sim
