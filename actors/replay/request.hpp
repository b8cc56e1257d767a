#pragma once

#include "actors/replay/pacer.hpp"
#include "actors/replay/recording.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <string>

namespace stravasync {

/// A replay as it was asked for.
struct replay_words {
  std::string stream;
  std::string subject;
  std::string from;
  std::string to;
  std::int64_t athlete_id = 0;
  std::string speed;
  std::string into;
  bool pretty = false;
  bool step = false;
  bool force = false;
};

enum class replay_into : std::uint8_t { print, subject, store, actors };

/// A replay that makes sense so far as words tell.
struct replay_request {
  selection what;
  replay_speed speed = 0;
  replay_into into = replay_into::print;
  std::string where; // The subject, or the store's URL.
  bool pretty = false;
  bool step = false;
  bool force = false;
};

/// @returns `ec::invalid_argument` with the flag and its rule.
[[nodiscard]] caf::expected<replay_request>
parse_request(const replay_words& words, unix_ms now);

} // namespace stravasync
