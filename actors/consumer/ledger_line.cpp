#include "actors/consumer/ledger.hpp"
#include "actors/consumer/ledger_parts.hpp"

#include <algorithm>
#include <array>
#include <map>

// Who waits for which opening.

namespace stravasync {

namespace {

using namespace ledger_parts;

/// The openings of one lane.
class line {
public:
  line(const ledger& book, jobs::v1::Lane lane, const budget_rules& rules)
    : book_{book},
      lane_{lane},
      rules_{rules} {
  }

  /// @returns how many jobs an opening has permits for.
  [[nodiscard]] std::uint32_t room(unix_ms at) const {
    auto length = rules_.window.count();
    auto start = floor_to(at, length);
    auto elapsed = share(at - start, length);
    auto result = limit_max;
    for (const auto* one : {&book_.short_read(), &book_.short_overall()}) {
      auto kept = reserve_for(lane_, one->limit(), 0, rules_);
      auto of_this = start == book_.window_start_ms()
                       ? left(*one, 0)
                       : std::min(kept, one->limit());
      auto of_next = one->limit() > kept ? one->limit() - kept : 0;
      auto released = elapsed >= rules_.live_release
                      || start == book_.window_start_ms();
      result = std::min(result, released ? of_this : of_next);
    }
    return std::max(result, 1U);
  }

  /// @returns whether the day of `at` has permits for `waiting` jobs by then.
  [[nodiscard]] bool day_has(unix_ms at, std::uint32_t waiting) const {
    auto start = floor_to(at, day_ms);
    auto elapsed = share(at - start, day_ms);
    return std::ranges::all_of(
      std::array{&book_.day_read(), &book_.day_overall()},
      [&](const gauge* one) {
        auto kept = reserve_for(lane_, one->limit(), elapsed, rules_);
        auto used = start == book_.day_start_ms() ? one->used() : 0;
        return used + kept + waiting < one->limit();
      });
  }

  /// @returns the opening after the one at `at`.
  [[nodiscard]] unix_ms after(unix_ms at) const {
    auto length = rules_.window.count();
    auto start = floor_to(at, length);
    auto release = open_to_all(start, length, rules_);
    auto keeps = reserve_for(lane_, limit_max, 0, rules_) > 0;
    return keeps && at < release ? std::min(release, start + length)
                                 : start + length;
  }

private:
  static double share(unix_ms part, unix_ms whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  }

  const ledger& book_;
  jobs::v1::Lane lane_;
  const budget_rules& rules_;
};

/// Longer than a day of Strava's windows, and as far as it is looked ahead with
/// shorter ones.
constexpr auto openings_ahead_max = 300;

using line_map = std::map<unix_ms, std::uint32_t>;

/// @returns how many of the lane come when.
line_map coming_of(const ledger& book, jobs::v1::Lane lane) {
  line_map result;
  for (const auto& one : book.openings())
    if (one.lane() == lane)
      result[one.at_ms()] += one.waiting();
  return result;
}

/// @returns how many come from `begin` on and before `end`.
std::uint32_t
coming_between(const line_map& coming, unix_ms begin, unix_ms end) {
  auto sum = std::uint32_t{0};
  for (auto one = coming.lower_bound(begin);
       one != coming.end() && one->first < end; ++one)
    sum += one->second;
  return sum;
}

void add_waiting(ledger& book, jobs::v1::Lane lane, unix_ms at) {
  auto* all = book.mutable_openings();
  auto found = std::ranges::find_if(*all, [&](const ledger::Opening& one) {
    return one.lane() == lane && one.at_ms() == at;
  });
  auto* one = found == all->end() ? all->Add() : &*found;
  one->set_at_ms(at);
  one->set_lane(lane);
  one->set_waiting(one->waiting() + 1);
}

} // namespace

unix_ms take_place(ledger& book, unix_ms now, jobs::v1::Lane lane,
                   unix_ms first, bool came_before, const budget_rules& rules) {
  // The first answer tells what there is to wait for.
  if (!book.confirmed())
    return first;
  // A few more than there is room for, should one have nothing to do by then.
  constexpr auto spare_share = 20;
  auto openings = line{book, lane, rules};
  auto coming = coming_of(book, lane);
  auto latest = std::max(first, now + day_ms);
  auto at = first;
  auto that_day = coming_between(coming, floor_to(at, day_ms), at);
  for (auto steps = 0; steps < openings_ahead_max; ++steps) {
    auto waiting = coming[at];
    that_day += waiting;
    auto room = openings.room(at);
    room += came_before ? room : room / spare_share + 1;
    auto next = openings.after(at);
    if ((waiting < room && openings.day_has(at, that_day)) || next > latest)
      break;
    if (floor_to(next, day_ms) > floor_to(at, day_ms))
      that_day = 0;
    at = next;
  }
  add_waiting(book, lane, at);
  return at;
}

} // namespace stravasync
