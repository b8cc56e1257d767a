#include "actors/consumer/upstream_time.hpp"

#include "actors/consumer/ledger_repair.hpp"
#include "messages/units.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

upstream_time::upstream_time(actor_context context, monotonic_clock steady,
                             milliseconds skew_max)
  : context_{std::move(context)},
    steady_{std::move(steady)},
    clock_{skew_max} {
}

unix_ms upstream_time::now() {
  return std::clamp(clock_.upstream(local(steady_())), ledger_time_min,
                    ledger_time_max);
}

unix_ms upstream_time::latest() {
  auto at = local(steady_());
  return clock_.upstream(at) + clock_.doubt(at).count();
}

milliseconds upstream_time::doubt() {
  return clock_.doubt(local(steady_()));
}

unix_ms upstream_time::believed(milliseconds sent, milliseconds received,
                                unix_ms date_ms) {
  auto ours = local(received);
  switch (clock_.observe(local(sent), ours, date_ms)) {
    case upstream_clock::verdict::none:
      return 0;
    case upstream_clock::verdict::agrees:
      break;
    case upstream_clock::verdict::outlier:
      if (!std::exchange(doubted_, true))
        context_.journal->warning("an answer of Strava has another time than "
                                  "this node; it counts once others agree",
                                  {{"ahead_s", (date_ms - ours) / ms_per_s}});
      return 0;
    case upstream_clock::verdict::corrected:
      context_.journal->warning("this node's clock is wrong: the budget goes "
                                "by the time that Strava's answers agree on",
                                {{"ahead_s", (ours - date_ms) / ms_per_s}});
      break;
  }
  return date_ms <= ledger_time_max ? date_ms : 0;
}

void upstream_time::learn(unix_ms upstream_ms) {
  clock_.learn(local(steady_()), upstream_ms);
}

/// @returns what the clock that `clock_` is told said at that time.
unix_ms upstream_time::local(milliseconds steady) {
  if (!clock_.told())
    offset_ms_ = context_.now() - steady_().count();
  return steady.count() + offset_ms_;
}

} // namespace stravasync
