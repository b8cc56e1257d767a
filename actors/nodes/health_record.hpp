#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/log.hpp"
#include "actors/ports/readiness.hpp"
#include "messages/error.hpp"

#include <caf/error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stravasync {

/// What a node tried last of everything that it needs, and how that ended. Each
/// thing ("bucket LEADERS") belongs to a part ("buckets"), which works if all
/// of its things do. Tells the log when a part begins or ceases to fail. A
/// handle: copies see the same record. Thread-safe.
class health_record {
public:
  /// Records nothing that anybody sees: for what runs without a node.
  health_record();

  health_record(wall_clock now, std::shared_ptr<log> journal);

  /// Parts that this node can do its work without.
  void not_needed(const std::string& part) const;

  /// @param thing Names it in a sentence; empty: the part itself.
  void worked(const std::string& part, const std::string& thing) const;

  /// @param why Says what the library or the server said.
  void failed(const std::string& part, const std::string& thing,
              const caf::error& why) const;

  struct failure {
    ec code = ec::internal;
    unix_ms at_ms = 0; // Of the last trial.
  };

  /// @returns how the last trial of the thing failed; nothing if it worked, or
  /// there was none.
  [[nodiscard]] std::optional<failure>
  last_failure(const std::string& part, const std::string& thing) const;

  /// @returns the things of the part whose last trial failed, by name.
  [[nodiscard]] std::vector<std::string> failing(const std::string& part) const;

  /// @returns when it worked last, 0 if it never did.
  [[nodiscard]] unix_ms
  last_ok(const std::string& part, const std::string& thing) const;

  /// @returns every part that was tried, by name.
  [[nodiscard]] std::vector<readiness> parts() const;

private:
  struct data;
  std::shared_ptr<data> data_;
};

} // namespace stravasync
