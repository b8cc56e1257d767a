#include "adapters/embedded_bus/storage.hpp"

#include <algorithm>
#include <cstdlib>

namespace stravasync::embedded_bus {

namespace {

/// Clocks are slewed by less, and a message that is so much too young or too
/// old harms nobody.
constexpr auto step_min = unix_ms{1'000};
constexpr auto ahead_max = unix_ms{600'000};
/// Nobody asks for a longer delay: Strava's limits reset every day.
constexpr auto delay_max = unix_ms{90'000'000};
/// How much too old the oldest message of a bus that ran just now may be.
constexpr auto overdue_max = unix_ms{86'400'000};
/// Long enough for a wrong clock to be seen and set.
constexpr auto hold = milliseconds{3'600'000};

} // namespace

bool storage::follow_clock() {
  auto now = now_.wall_ms;
  auto step = now - now_.steady.count() - offset_ms_.value_or(0);
  auto changed = false;
  for (auto& [name, s] : streams_) {
    auto ahead = s.last_stored_at_ms > now + ahead_max;
    // Its ids are to follow, all of them.
    while (!s.knows_ids() && (ahead || std::abs(step) >= step_min))
      load_dedupe(s, s.messages());
    if (std::abs(step) >= step_min)
      s.dedupe.follow(step, now);
    // A smaller step makes nothing too old, and each costs writing it anew.
    auto age = s.config.max_age.count();
    if (age != 0 && step >= age / 2 && s.last_sequence > s.found_to) {
      move_times(s, s.found_to + 1, step);
      changed = true;
    }
    if (s.last_stored_at_ms > now + ahead_max) {
      auto first = tables_->messages.first_since(s.id, s.first_sequence,
                                                 s.last_sequence, now + 1);
      move_times(s, first, 0);
      s.dedupe.follow(0, now);
      changed = true;
    }
  }
  return changed;
}

/// Not the time since the newest message: what is stored while the clock is
/// ahead is young, and the process may be started again meanwhile.
void storage::hold_expiry() {
  for (const auto& [name, s] : streams_) {
    auto age = s.config.max_age.count();
    if (age != 0 && s.messages() > 0
        && s.first_stored_at_ms < now_.wall_ms - age - overdue_max)
      expire_from_ = now_.steady + hold;
  }
}

void storage::move_times(stream& s, std::uint64_t first, unix_ms step) {
  auto& messages = tables_->messages;
  messages.move_times(s.id, std::max(first, s.first_sequence), s.last_sequence,
                      step, now_.wall_ms);
  s.first_stored_at_ms = messages.stored_at(s.id, s.first_sequence);
  auto newest = messages.newest(s.id, s.first_sequence, s.last_sequence);
  s.last_stored_at_ms = newest ? newest->stored_at_ms : 0;
}

/// @returns what is left of a delay that ends at `due_at_ms` by the clock that
/// was right when the file was last written.
milliseconds storage::rest_of_delay(unix_ms due_at_ms) const {
  auto written = now_.wall_ms;
  for (const auto& [name, s] : streams_)
    if (s.last_stored_at_ms > written + ahead_max)
      written = s.last_stored_at_ms;
  auto rest = due_at_ms - written;
  return milliseconds{rest > delay_max ? 0 : std::max<unix_ms>(rest, 0)};
}

} // namespace stravasync::embedded_bus
