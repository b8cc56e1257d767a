#include "adapters/jetstream/pull_ledger.hpp"

#include <algorithm>
#include <numeric>

namespace stravasync::jetstream {

std::size_t pull_ledger::outstanding() const {
  return std::accumulate(
    pulls_.begin(), pulls_.end(), std::size_t{0},
    [](std::size_t sum, const asked& each) { return sum + each.left; });
}

bool pull_ledger::take(time now) {
  last_heard_ = now;
  // The server may serve several pulls in turn; only their sum matters.
  if (!pulls_.empty() && --pulls_.front().left == 0)
    pulls_.erase(pulls_.begin());
  if (credit_ == 0)
    return false;
  --credit_;
  return true;
}

void pull_ledger::ended(std::uint64_t pull,
                        std::optional<std::size_t> missing) {
  auto which = std::ranges::find(pulls_, pull, &asked::pull);
  auto left = missing.value_or(0);
  if (which != pulls_.end()) {
    auto before = which->left;
    pulls_.erase(which);
    // What was counted for it but came by another pull, or the other way.
    left = missing ? *missing - std::min(*missing, before) : 0;
    if (missing && before > *missing && !pulls_.empty())
      pulls_.front().left += before - *missing;
  }
  while (left > 0 && !pulls_.empty()) {
    auto some = std::min(left, pulls_.front().left);
    left -= some;
    pulls_.front().left -= some;
    if (pulls_.front().left == 0)
      pulls_.erase(pulls_.begin());
  }
}

std::size_t pull_ledger::wanted() const {
  auto now = outstanding();
  return now * 2 <= credit_ ? credit_ - now : 0;
}

std::uint64_t pull_ledger::begin(std::size_t batch, time now) {
  if (pulls_.empty())
    last_heard_ = now;
  pulls_.push_back({++last_pull_, batch, now + limits_.expires});
  return last_pull_;
}

void pull_ledger::expire(time now) {
  std::erase_if(
    pulls_, [&](const asked& each) { return each.ends + limits_.grace < now; });
}

bool pull_ledger::silent(time now) const {
  return !pulls_.empty() && now - last_heard_ > 2 * limits_.heartbeat;
}

void pull_ledger::forget() {
  pulls_.clear();
}

} // namespace stravasync::jetstream
