#pragma once

#include "actors/ports/bus.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace stravasync {

/// One end of what is replayed; it belongs to it.
struct replay_bound {
  enum class kind : std::uint8_t { open, sequence, time };
  kind is = kind::open;
  std::uint64_t sequence = 0;
  unix_ms time_ms = 0; // When the bus stored the message.

  friend bool operator==(const replay_bound&, const replay_bound&) = default;
};

/// @param text Empty (open), a sequence number ("120"), a time in ISO 8601 with
/// its zone ("2026-11-21T10:00:00Z", "2026-11-21T11:00+01:00"), a day (its
/// first moment in UTC), or how long ago ("15m", "1h30m"; ms s m h d).
/// @returns `ec::invalid_argument` with the forms there are.
[[nodiscard]] caf::expected<replay_bound>
parse_bound(std::string_view text, unix_ms now);

/// From the one to the other, both included.
struct replay_range {
  replay_bound from;
  replay_bound to;
};

/// @returns `ec::invalid_argument` if nothing can be in it.
[[nodiscard]] caf::error check(const replay_range& range);

/// @returns whether the range begins after it.
[[nodiscard]] bool
is_before(const replay_range& range, const stored_message& what);

/// @returns whether the range ends before it, and so before all later ones.
[[nodiscard]] bool
is_after(const replay_range& range, const stored_message& what);

/// @returns "from 2026-11-21T10:00:00.000Z to sequence 7".
[[nodiscard]] std::string to_text(const replay_range& range);

} // namespace stravasync
