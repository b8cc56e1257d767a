#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/entities.hpp"
#include "actors/ports/strava_api.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace stravasync {

/// Who connected and who left, as the streams recorded it: the rows that
/// recorded activities refer to.
class athlete_book {
public:
  /// Reads the profiles in INGEST, and the comings and goings in EVENTS if that
  /// stream is there. Blocks.
  [[nodiscard]] static caf::expected<athlete_book>
  read(const std::shared_ptr<stream_catalog>& from,
       const strava_decoder& decoder);

  /// @returns the athlete's row; if there is no profile, with what is known:
  /// scope and time of the consent, or the number alone.
  [[nodiscard]] athlete find(std::int64_t id) const;

  /// @returns whether the athlete's profile was recorded.
  [[nodiscard]] bool has_profile(std::int64_t id) const;

  /// @returns the scope that the athlete's consent had at that time; empty if
  /// no consent was recorded.
  [[nodiscard]] std::string scope_at(std::int64_t id, unix_ms at) const;

  /// @returns whether the athlete has left since `stored_at_ms`: whatever was
  /// stored then was purged.
  [[nodiscard]] bool has_left(std::int64_t id, unix_ms stored_at_ms) const;

private:
  struct entry {
    athlete row;
    bool profile = false;
    unix_ms left_at_ms = 0;                // 0: never.
    std::map<unix_ms, std::string> scopes; // By the time of each consent.
  };

  void note_connected(std::int64_t id, const std::string& scope, unix_ms at);

  std::map<std::int64_t, entry> entries_;
};

} // namespace stravasync
