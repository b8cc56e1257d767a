#pragma once

#include "adapters/embedded_bus/database.hpp"
#include "adapters/embedded_bus/key_values.hpp"
#include "adapters/embedded_bus/message_log.hpp"
#include "adapters/embedded_bus/stream.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stravasync::embedded_bus {

/// @returns what says that there is no stream of that name.
[[nodiscard]] caf::error no_stream(const std::string& name);

/// One moment by both clocks.
struct moment {
  unix_ms wall_ms = 0;
  milliseconds steady{0};
};

/// The open database with every prepared statement.
struct tables {
  tables(std::unique_ptr<database> opened, std::uint64_t revision_min);

  std::unique_ptr<database> db;
  message_log messages;
  key_values values;
  SQLite::Statement add_stream;
  SQLite::Statement change_stream;
  SQLite::Statement write_stream;
  SQLite::Statement add_durable;
  SQLite::Statement write_durable;
  SQLite::Statement change_durable;
  SQLite::Statement put_unsettled;
  SQLite::Statement erase_unsettled;
};

/// Streams, durables and buckets: the database and its mirror in memory. The
/// engine's thread alone uses it. What changes belongs to the transaction that
/// the engine has open: after a failure `reload` makes the mirror true again.
/// A caf::error is the fault of one call, nothing was changed; whatever the
/// database fails with is thrown as SQLite::Exception.
class storage {
public:
  /// Whether deliveries found unsettled can still be at work.
  enum class holders { gone, alive };

  /// Takes a database just opened, and reads it.
  void attach(std::unique_ptr<database> db, moment now, holders who);

  /// Closes the database; streams and subscriptions stay known.
  /// @param damaged Leave the files as they are.
  void detach(bool damaged);

  [[nodiscard]] bool attached() const {
    return tables_ != nullptr;
  }

  [[nodiscard]] database& db() {
    return *tables_->db;
  }

  /// For reading; `put` and `erase` tell the watchers.
  [[nodiscard]] key_values& values() {
    return tables_->values;
  }

  /// The time of what follows.
  void set_now(moment now) {
    now_ = now;
  }

  void reload(holders who);

  /// Writes the counters that changed; before each commit.
  void flush();

  /// After a commit.
  void committed();

  // -- streams (streams.cpp)

  [[nodiscard]] caf::expected<bool> ensure(const stream_config& config);

  [[nodiscard]] caf::expected<bool> apply(const stream_config& config);

  /// @returns nothing while the stream's dedupe window is being read.
  [[nodiscard]] std::optional<caf::expected<publish_ack>>
  publish(const envelope& message);

  [[nodiscard]] caf::expected<bool>
  remove(const std::string& stream_name, std::uint64_t sequence);

  /// Goes on reading the ids that the dedupe windows had when the database was
  /// opened, some hundred of each; publishing to a stream waits for its own.
  /// @returns whether there are more.
  bool load_dedupe();

  /// @returns whether ids were stepped over since the last call, because their
  /// part of the file is damaged.
  [[nodiscard]] bool take_skipped_ids();

  /// Removes what is too old, at most some thousand messages.
  /// @returns whether there is more to remove.
  bool expire();

  [[nodiscard]] std::vector<stream_state> describe() const;

  [[nodiscard]] caf::expected<std::optional<stored_message>>
  last(const std::string& stream_name, const std::string& filter);

  /// Goes on with a read for some thousand messages.
  /// @param next Where to go on, 0 at first.
  /// @returns whether `found` is complete.
  [[nodiscard]] caf::expected<bool>
  read(const read_options& options, std::uint64_t& next,
       std::vector<stored_message>& found);

  // -- time (times.cpp)

  /// Follows a wall clock that was set, or that was ahead when the file was
  /// written; in each transaction, first. Messages are as old as they would be
  /// by a clock that was right, as far as that is known: none is of the future,
  /// and a leap forward makes what this process stored no older.
  /// @returns whether the times of messages changed.
  [[nodiscard]] bool follow_clock();

  /// After `attach`: whether what is too old is kept for an hour of the steady
  /// clock, because a bus that ran would have removed it more than a day ago.
  /// It was off for long, or the wall clock is ahead and may be set right yet.
  [[nodiscard]] bool holds_expiry() const {
    return now_.steady < expire_from_;
  }

  // -- buckets (watches.cpp)

  [[nodiscard]] caf::expected<std::uint64_t>
  put(const std::string& bucket, const std::string& key,
      const std::string& value, std::uint64_t expected);

  bool erase(const std::string& bucket, const std::string& key);

  /// Adds a watcher, to which every value is a change.
  void watch(std::shared_ptr<watcher> who);

  void unwatch(const watcher& who);

  /// At the start of a transaction: what watchers did not see while the
  /// database was lost becomes a change.
  void resume_watchers();

  /// After a commit. @returns the changes that it carried.
  [[nodiscard]] std::vector<outgoing_change> take_changes();

  /// After a failed transaction.
  void drop_changes();

  // -- durables (durables.cpp)

  [[nodiscard]] caf::expected<bool> apply(const consumer_options& options);

  /// Adds a member to the durable, or to a reader of its own.
  [[nodiscard]] caf::expected<std::shared_ptr<durable>>
  join(const consumer_options& options, std::shared_ptr<member> who);

  /// Adds a member to the durable `name` of the notices that the bus gave up
  /// on a message.
  [[nodiscard]] caf::expected<std::shared_ptr<durable>>
  join_exhausted(const std::string& name, std::shared_ptr<member> who);

  void leave(durable& from, const member& who);

  // -- deliveries (deliveries.cpp)

  [[nodiscard]] caf::expected<bool>
  settle(durable& from, const std::string& token, const settlement& what);

  /// Marks as delivered what is due and has a member with credit, as much as
  /// fits one turn.
  /// @returns whether there is more.
  bool deliver(std::vector<outgoing>& out);

  /// @returns when the next redelivery is due by the steady clock.
  [[nodiscard]] std::optional<milliseconds> next_due() const;

private:
  struct turn_budget {
    std::size_t messages;
    std::size_t bytes;
    std::size_t scanned;
  };

  void load_streams();
  void begin_dedupe(stream& s);
  bool load_dedupe(stream& s, std::size_t limit);
  void scan_ids(stream& s, std::size_t& limit);
  void load_durables();
  void load_unsettled(holders who);
  [[nodiscard]] milliseconds rest_of_delay(unix_ms due_at_ms) const;
  void move_times(stream& s, std::uint64_t first, unix_ms step);
  void hold_expiry();
  void recreate();
  void insert_stream(stream& s);
  void insert_durable(const stream& s, durable& d);
  caf::error check_subjects(const stream_config& config) const;
  publish_ack store(stream& s, const envelope& message);
  caf::expected<bool> make_room(stream& s, std::uint64_t size);
  void remove(stream& s, std::uint64_t sequence);
  bool expire(stream& s, std::size_t limit);
  stream* find_stream(std::string_view name);
  stream* taking(std::string_view subject);
  caf::expected<std::shared_ptr<durable>>
  find_or_add(stream& s, const consumer_options& options);
  void add(stream& s, const std::shared_ptr<durable>& d,
           const consumer_options& options);
  void tell_exhausted(const stream& s, const durable& d, std::uint64_t sequence,
                      std::uint32_t delivered);
  void tell(const std::string& bucket, const key_value_change& change);
  void resume(watcher& who);
  std::uint64_t start_of(const stream& s, const start_position& start);
  std::uint64_t
  count_from(const stream& s, std::uint64_t first, const durable& d);
  void
  put(durable& d, std::uint64_t sequence, unsettled value, unix_ms due_at_ms);
  void erase(durable& d, std::uint64_t sequence);
  bool deliver_due(stream& s, durable& d, turn_budget& budget,
                   std::vector<outgoing>& out);
  bool deliver_new(stream& s, durable& d, turn_budget& budget,
                   std::vector<outgoing>& out);

  std::map<std::string, stream, std::less<>> streams_;
  std::vector<std::shared_ptr<watcher>> watchers_;
  bool watchers_unsure_ = false;
  std::unique_ptr<tables> tables_;
  std::uint64_t last_revision_ = 0;
  moment now_;
  /// The wall clock less the steady one, as of the last commit.
  std::optional<unix_ms> offset_ms_;
  milliseconds expire_from_{0}; // By the steady clock.
  bool skips_ids_ = false;
};

} // namespace stravasync::embedded_bus
