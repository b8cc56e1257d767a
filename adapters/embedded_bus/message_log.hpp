#pragma once

#include "actors/ports/bus.hpp"
#include "adapters/embedded_bus/statement.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stravasync::embedded_bus {

/// A message's key is its stream's number, shifted by so many bits, plus its
/// sequence.
inline constexpr auto sequence_bits = 40;

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
    [[nodiscard]] stored_message message() const;

  private:
    execution& at_;
  };

  /// @returns whether to go on.
  using visitor = std::function<bool(const row&)>;

  /// Takes a message's sequence, id and time; the same.
  using id_visitor
    = std::function<bool(std::uint64_t, std::string_view, unix_ms)>;

  /// Where a message is, and since when.
  struct place {
    std::uint64_t sequence = 0;
    unix_ms stored_at_ms = 0;
  };

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

  /// @returns the oldest with a sequence of `first` to `last`.
  [[nodiscard]] std::optional<place>
  oldest(std::int64_t stream, std::uint64_t first, std::uint64_t last);

  /// @returns the newest with a sequence of `first` to `last`.
  [[nodiscard]] std::optional<place>
  newest(std::int64_t stream, std::uint64_t first, std::uint64_t last);

  /// @returns whether there are messages above `last`.
  [[nodiscard]] bool goes_on(std::int64_t stream, std::uint64_t last);

  /// Visits what has a sequence of `first` to `last`, in order.
  void scan(std::int64_t stream, std::uint64_t first, std::uint64_t last,
            const visitor& visit);

  /// The same without payloads, which need not even be readable.
  void scan_ids(std::int64_t stream, std::uint64_t first, std::uint64_t last,
                const id_visitor& visit);

  /// @returns a sequence of `first` to `last` + 1: messages before it were
  /// stored before `time`, the rest at `time` or later.
  [[nodiscard]] std::uint64_t
  first_since(std::int64_t stream, std::uint64_t first, std::uint64_t last,
              unix_ms time);

  /// Makes what has a sequence of `first` to `last` younger by `step_ms`, but
  /// not younger than `most_ms`.
  void move_times(std::int64_t stream, std::uint64_t first, std::uint64_t last,
                  unix_ms step_ms, unix_ms most_ms);

  /// Nothing if there is none. Costs a search through the stream if `sequence`
  /// is its subject's newest but not the stream's oldest.
  /// @param first The stream's oldest.
  removed_message
  remove(std::int64_t stream, std::uint64_t first, std::uint64_t sequence);

  /// @returns the newest sequence whose subject matches, 0 if none does.
  [[nodiscard]] std::uint64_t
  last_of(std::int64_t stream, const std::string& filter);

private:
  void note_newest(std::int64_t stream, std::uint64_t first, std::uint64_t last,
                   const std::string& subject);

  SQLite::Statement append_;
  SQLite::Statement note_subject_;
  SQLite::Statement find_;
  SQLite::Statement stored_at_;
  SQLite::Statement oldest_;
  SQLite::Statement newest_;
  SQLite::Statement newest_of_subject_;
  SQLite::Statement scan_;
  SQLite::Statement scan_ids_;
  SQLite::Statement move_times_;
  SQLite::Statement remove_;
  SQLite::Statement forget_subject_;
  SQLite::Statement subject_;
  SQLite::Statement subjects_;
};

} // namespace stravasync::embedded_bus
