#include "actors/consumer/ledger_repair.hpp"

#include "actors/consumer/ledger_parts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace stravasync {

namespace {

using namespace ledger_parts;

// More than can be in flight.
constexpr auto leases_max = 10'000;
// More than are kept.
constexpr auto closed_max = 1'000;
constexpr auto openings_max = 1'000;
constexpr auto name_max = std::size_t{256};

bool is_time(unix_ms at) {
  return at >= ledger_time_min && at <= ledger_time_max;
}

/// @returns why it cannot be a ledger; empty: it is one.
std::string flaw_of(const ledger& book) {
  if (!is_time(book.window_start_ms()) || !is_time(book.day_start_ms())
      || (book.as_of_ms() != 0 && !is_time(book.as_of_ms())))
    return "it speaks of a time that cannot be";
  auto gauges = std::array{book.short_overall(), book.short_read(),
                           book.day_overall(), book.day_read()};
  for (const auto& one : gauges)
    if (one.limit() == 0 || one.limit() > limit_max
        || one.used() > 2 * limit_max)
      return "it has limits or counts that cannot be";
  auto named = [](const ledger::Lease& one) {
    return one.id().size() <= name_max && one.node().size() <= name_max
           && is_time(one.expires_at_ms())
           && (one.taken_at_ms() == 0 || is_time(one.taken_at_ms()));
  };
  auto was = [](const ledger::ClosedWindow& one) {
    return is_time(one.window_start_ms()) && one.used_read() <= 2 * limit_max
           && one.limit_read() <= limit_max;
  };
  if (book.closed_size() > closed_max
      || !std::ranges::all_of(book.closed(), was))
    return "it has windows that cannot be";
  if (book.leases_size() > leases_max
      || !std::ranges::all_of(book.leases(), named))
    return "it has permits that cannot be";
  return {};
}

bool asks_for_new(const ledger& book) {
  return !book.has_short_overall() && !book.has_short_read()
         && !book.has_day_overall() && !book.has_day_read()
         && book.window_start_ms() == 0;
}

/// Who waits for which opening is a help: without, more come than are served.
void bound_openings(ledger& book) {
  auto sane = [](const ledger::Opening& one) {
    return is_time(one.at_ms()) && one.waiting() <= limit_max;
  };
  if (book.openings_size() > openings_max
      || !std::ranges::all_of(book.openings(), sane))
    book.clear_openings();
}

/// No lease is older than now, or younger than it may become.
void bound_leases(ledger& book, unix_ms now, const budget_rules& rules) {
  for (auto& one : *book.mutable_leases()) {
    one.set_taken_at_ms(std::min(one.taken_at_ms(), now));
    one.set_expires_at_ms(
      std::min(one.expires_at_ms(), now + rules.lease_max.count()));
  }
}

} // namespace

found_ledger
read_ledger(const std::string& value, const budget_rules& rules, unix_ms now) {
  found_ledger result;
  auto& book = result.book;
  auto readable = book.ParseFromString(value);
  if (!readable)
    book.Clear();
  result.unusable = readable ? flaw_of(book) : "it cannot be read";
  if (result.unusable.empty()) {
    bound_openings(book);
    return result;
  }
  if (readable && asks_for_new(book))
    result.unusable.clear();
  auto fresh = new_ledger(rules, now);
  if (book.leases_size() <= leases_max)
    fresh.mutable_leases()->Swap(book.mutable_leases());
  drop_leases(fresh, [](const ledger::Lease& one) {
    return one.id().size() > name_max || one.node().size() > name_max;
  });
  bound_leases(fresh, now, rules);
  book = std::move(fresh);
  return result;
}

bool is_ahead(const ledger& book, unix_ms latest, const budget_rules& rules) {
  auto most = latest + std::max(rules.window, ledger_ahead_max).count();
  return book.window_start_ms() > most || book.day_start_ms() > most;
}

bool take_back(ledger& book, unix_ms now, unix_ms latest,
               const budget_rules& rules) {
  if (!is_ahead(book, latest, rules))
    return false;
  book.set_window_start_ms(
    std::min(book.window_start_ms(), floor_to(now, rules.window.count())));
  book.set_day_start_ms(std::min(book.day_start_ms(), floor_to(now, day_ms)));
  book.set_as_of_ms(std::min(book.as_of_ms(), now));
  book.set_confirmed(false);
  book.clear_openings();
  auto* closed = book.mutable_closed();
  closed->erase(std::remove_if(closed->begin(), closed->end(),
                               [&](const auto& one) {
                                 return one.window_start_ms() > latest;
                               }),
                closed->end());
  bound_leases(book, now, rules);
  return true;
}

} // namespace stravasync
