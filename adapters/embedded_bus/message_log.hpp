#pragma once

#include "actors/ports/bus.hpp"
#include "adapters/embedded_bus/statement.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stravasync::embedded_bus {

/// @returns payload and header bytes: what a stream's limit counts.
[[nodiscard]] std::uint64_t size_of(const envelope& message);

/// The messages of all streams in their table, and the newest of each subject.
/// Throws SQLite::Exception.
class message_log {
public:
  /// One message met by `scan`, read as far as it is asked for.
  class row {
  public:
    explicit row(execution& at) : at_(at) {
    }

    [[nodiscard]] std::uint64_t sequence() const;
    [[nodiscard]] unix_ms stored_at() const;
    [[nodiscard]] std::string_view subject() const;
    [[nodiscard]] std::string_view message_id() const;
    [[nodiscard]] stored_message message() const;

  private:
    execution& at_;
  };

  /// @returns whether to go on.
  using visitor = std::function<bool(const row&)>;

  struct removed_message {
    std::string subject;
    std::uint64_t size_bytes = 0;
  };

  explicit message_log(SQLite::Database& db);

  void append(std::int64_t stream, std::uint64_t sequence,
              const envelope& message, unix_ms at);

  [[nodiscard]] std::optional<stored_message>
  find(std::int64_t stream, std::uint64_t sequence);

  /// @returns 0 if there is no such message.
  [[nodiscard]] unix_ms stored_at(std::int64_t stream, std::uint64_t sequence);

  /// Visits what has a sequence of `first` to `last`, in order.
  void scan(std::int64_t stream, std::uint64_t first, std::uint64_t last,
            const visitor& visit);

  /// @returns the first sequence of `first` to `last`, all of which exist, that
  /// was stored at `time` or later; `last` + 1 if none was.
  [[nodiscard]] std::uint64_t
  first_since(std::int64_t stream, std::uint64_t first, std::uint64_t last,
              unix_ms time);

  /// @param sequence The stream's oldest.
  removed_message remove(std::int64_t stream, std::uint64_t sequence);

  /// @returns the newest sequence whose subject matches, 0 if none does.
  [[nodiscard]] std::uint64_t
  last_of(std::int64_t stream, const std::string& filter);

private:
  SQLite::Statement append_;
  SQLite::Statement note_subject_;
  SQLite::Statement find_;
  SQLite::Statement stored_at_;
  SQLite::Statement scan_;
  SQLite::Statement remove_;
  SQLite::Statement forget_subject_;
  SQLite::Statement subject_;
  SQLite::Statement subjects_;
};

} // namespace stravasync::embedded_bus
