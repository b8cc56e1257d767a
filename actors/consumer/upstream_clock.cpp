#include "actors/consumer/upstream_clock.hpp"

#include <algorithm>

namespace stravasync {

namespace {

/// Strava is many servers, whose clocks differ a little.
constexpr auto servers_apart_max = unix_ms{2'000};
/// Responses in a row that have to say the same before ours is wrong.
constexpr auto answers_to_correct = 3;

/// How far two clocks go apart at most in `passed_ms`: twice what a clock is
/// slewed by (adjtimex: 500 ppm).
unix_ms drift_in(unix_ms passed_ms) {
  constexpr auto ms_per_drift_ms = unix_ms{1'000};
  return std::max<unix_ms>(0, passed_ms) / ms_per_drift_ms;
}

} // namespace

upstream_clock::upstream_clock(milliseconds skew_max)
  : known_{-skew_max.count(), skew_max.count()} {
}

upstream_clock::verdict
upstream_clock::observe(unix_ms sent_ms, unix_ms received_ms, unix_ms date_ms) {
  constexpr auto resolution_ms = unix_ms{1'000};
  if (date_ms <= 0)
    return verdict::none;
  auto says = bounds{date_ms - received_ms, date_ms + resolution_ms - sent_ms};
  auto drift = drift_until(received_ms);
  if (says.low_ms <= known_.high_ms + drift
      && says.high_ms >= known_.low_ms - drift) {
    known_ = {std::max(known_.low_ms - drift, says.low_ms),
              std::min(known_.high_ms + drift, says.high_ms)};
    observed_ms_ = received_ms;
    dissent_.reset();
    return verdict::agrees;
  }
  auto gap = std::max(says.low_ms - known_.high_ms - drift,
                      known_.low_ms - drift - says.high_ms);
  if (told() && gap <= servers_apart_max) {
    known_ = {std::min(known_.low_ms - drift, says.low_ms),
              std::max(known_.high_ms + drift, says.high_ms)};
    observed_ms_ = received_ms;
    dissent_.reset();
    return verdict::agrees;
  }
  if (!join(says, received_ms))
    return verdict::outlier;
  known_ = dissent_->what;
  observed_ms_ = received_ms;
  dissent_.reset();
  return verdict::corrected;
}

/// @returns whether enough of them say the same now.
bool upstream_clock::join(const bounds& told, unix_ms at_ms) {
  if (!dissent_) {
    dissent_ = dissent{told, at_ms, 1};
    return false;
  }
  auto& [what, since_ms, answers] = *dissent_;
  auto drift = drift_in(at_ms - since_ms);
  auto low = std::max(what.low_ms - drift, told.low_ms);
  auto high = std::min(what.high_ms + drift, told.high_ms);
  answers = low <= high ? answers + 1 : 1;
  what = low <= high ? bounds{low, high} : told;
  since_ms = at_ms;
  return answers >= answers_to_correct;
}

void upstream_clock::learn(unix_ms local_ms, unix_ms upstream_ms) {
  if (auto low = upstream_ms - local_ms; low <= known_.high_ms)
    known_.low_ms = std::max(known_.low_ms, low);
}

unix_ms upstream_clock::upstream(unix_ms local_ms) const {
  return local_ms + low_at(local_ms);
}

milliseconds upstream_clock::doubt(unix_ms local_ms) const {
  return milliseconds{known_.high_ms + drift_until(local_ms)
                      - low_at(local_ms)};
}

unix_ms upstream_clock::low_at(unix_ms local_ms) const {
  auto low = known_.low_ms - drift_until(local_ms);
  return !told() && dissent_ ? std::min(low, dissent_->what.low_ms) : low;
}

unix_ms upstream_clock::drift_until(unix_ms local_ms) const {
  return observed_ms_ ? drift_in(local_ms - *observed_ms_) : 0;
}

} // namespace stravasync
