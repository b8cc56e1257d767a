#pragma once

#include "actors/ports/bus.hpp"
#include "actors/replay/bound.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace stravasync {

/// Which recorded messages to replay.
struct selection {
  std::string stream;
  std::string subject; // With NATS wildcards; empty: everything.
  replay_range range;
  std::int64_t athlete_id = 0; // 0: everybody.
};

/// @returns whose a message is by its subject, a dead letter by the one it had;
/// 0: nobody's.
[[nodiscard]] std::int64_t athlete_of(const envelope& message);

/// The selected messages of a stream in order, up to the newest that there was
/// when it was opened. Only looks: no durable is joined, nothing is settled.
/// Blocks; one thread at a time.
class recording {
public:
  /// @returns `ec::not_found` if there is no such stream, with those that there
  /// are.
  [[nodiscard]] static caf::expected<recording>
  open(std::shared_ptr<stream_catalog> from, selection what);

  /// @returns the next message, or nothing at the end.
  [[nodiscard]] caf::expected<std::optional<stored_message>> next();

  /// @returns "JOBS reaches back to sequence 3 of 2026-11-21T10:00:00.000Z;
  /// ...", in a line, if the selection begins before that; else nothing.
  [[nodiscard]] caf::expected<std::string> reach() const;

  /// @returns "in JOBS from sequence 3 to its end, subject jobs.>".
  [[nodiscard]] std::string text() const;

private:
  recording(std::shared_ptr<stream_catalog> from, selection what,
            const stream_state& of);

  caf::error fetch();
  [[nodiscard]] caf::error no_such_subject() const;

  std::shared_ptr<stream_catalog> from_;
  selection what_;
  std::string subjects_;
  std::uint64_t first_ = 1;
  std::uint64_t last_ = 0;
  std::uint64_t next_ = 1;
  std::deque<stored_message> read_;
  bool ended_ = false;
};

} // namespace stravasync
