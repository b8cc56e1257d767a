#include "adapters/embedded_bus/dedupe_window.hpp"

#include <algorithm>

namespace stravasync::embedded_bus {

std::optional<std::uint64_t> dedupe_window::find(std::string_view id) const {
  auto i = sequences_.find(id);
  if (i == sequences_.end())
    return std::nullopt;
  return i->second;
}

void dedupe_window::add(std::string_view id, std::uint64_t sequence,
                        unix_ms at) {
  auto [i, added] = sequences_.emplace(id, sequence);
  if (!added)
    return;
  ages_.push_back({at, &i->first});
  ++uncommitted_;
}

void dedupe_window::expire(unix_ms limit) {
  while (ages_.size() > uncommitted_ && ages_.front().at < limit) {
    sequences_.erase(sequences_.find(*ages_.front().id));
    ages_.pop_front();
  }
}

void dedupe_window::follow(unix_ms step, unix_ms now) {
  for (auto& one : ages_)
    one.at = std::min(one.at + step, now);
}

void dedupe_window::commit() {
  uncommitted_ = 0;
}

void dedupe_window::rollback() {
  for (; uncommitted_ > 0; --uncommitted_) {
    sequences_.erase(sequences_.find(*ages_.back().id));
    ages_.pop_back();
  }
}

void dedupe_window::clear() {
  sequences_.clear();
  ages_.clear();
  uncommitted_ = 0;
}

} // namespace stravasync::embedded_bus
