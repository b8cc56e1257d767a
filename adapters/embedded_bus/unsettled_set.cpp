#include "adapters/embedded_bus/unsettled_set.hpp"

namespace stravasync::embedded_bus {

const unsettled* unsettled_set::find(std::uint64_t sequence) const {
  auto i = by_sequence_.find(sequence);
  return i == by_sequence_.end() ? nullptr : &i->second;
}

void unsettled_set::put(std::uint64_t sequence, unsettled value) {
  erase(sequence);
  by_sequence_.emplace(sequence, value);
  by_due_.emplace(value.due, sequence);
  if (value.deliveries > 1)
    ++redelivered_;
}

void unsettled_set::erase(std::uint64_t sequence) {
  auto i = by_sequence_.find(sequence);
  if (i == by_sequence_.end())
    return;
  if (i->second.deliveries > 1)
    --redelivered_;
  by_due_.erase({i->second.due, sequence});
  by_sequence_.erase(i);
}

void unsettled_set::clear() {
  by_sequence_.clear();
  by_due_.clear();
  redelivered_ = 0;
}

} // namespace stravasync::embedded_bus
