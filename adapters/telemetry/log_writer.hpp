#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/log.hpp"

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

namespace stravasync::telemetry {

enum class log_style : std::uint8_t {
  automatic, // Text on a terminal, JSON elsewhere.
  json,      // One object a line: ts, level, msg, node, the fields.
  text,      // For people, in local time.
};

struct log_options {
  log_level least = log_level::info;
  log_style style = log_style::automatic;
  /// Added to each JSON line; empty: not.
  std::string node;
  /// Where to write; must outlive the log. Null: standard error.
  std::ostream* to = nullptr;
  /// A text that comes again within it is counted instead of written.
  std::chrono::milliseconds fold_window{10'000};
  /// How often one text is written within the window: a failure once, what is
  /// no failure a few times, for its fields are worth reading.
  std::uint32_t burst_of_failures = 1;
  std::uint32_t burst_of_others = 10;
  wall_clock now = system_wall_clock();
};

/// The log of a process. What was held back is told by the first write after
/// its window, by `flush`, or at the end.
class log_writer : public log {
public:
  /// Tells what is held back, of whose window the end is passed; with `all`
  /// the rest too.
  virtual void flush(bool all) = 0;
};

[[nodiscard]] std::unique_ptr<log_writer> make_log(log_options options);

} // namespace stravasync::telemetry
