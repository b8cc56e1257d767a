#include "adapters/embedded_bus/salvage.hpp"

#include "adapters/embedded_bus/database.hpp"
#include "adapters/embedded_bus/inspection.hpp"
#include "adapters/embedded_bus/message_log.hpp"
#include "adapters/embedded_bus/statement.hpp"

#include <algorithm>
#include <vector>

namespace stravasync::embedded_bus {

namespace {

/// @returns the streams whose rows make sense, empty. Throws if there is none
/// to be read.
std::vector<stream> readable_streams(SQLite::Database& from) {
  std::vector<stream> result;
  auto rows = SQLite::Statement{from, "SELECT id, name, subjects FROM stream"};
  execution at{rows};
  while (at.next()) {
    stream found;
    found.id = at.integer(0);
    found.config.name = at.bytes(1);
    found.config.subjects = at.bytes(2);
    try {
      check(found);
    } catch (const SQLite::Exception&) {
      continue;
    }
    result.push_back(std::move(found));
  }
  return result;
}

/// Copies messages one by one, stepping over what cannot be read.
class message_copier {
public:
  message_copier(SQLite::Database& from, SQLite::Database& to)
    : next_(from, "SELECT key, stored_at_ms, subject, message_id, headers, "
                  "payload FROM message WHERE key>? AND key<? "
                  "ORDER BY key LIMIT 1"),
      add_(to, "INSERT OR IGNORE INTO message VALUES(?,?,?,?,?,?,?)"),
      note_(to, "INSERT INTO subject VALUES(?,?,?) ON CONFLICT DO UPDATE "
                "SET last_sequence=excluded.last_sequence") {
  }

  /// Sets the stream's counters, too. @returns how many were copied.
  std::uint64_t copy(stream& of) {
    auto first = of.id << sequence_bits;
    auto end = (of.id + 1) << sequence_bits;
    auto copied = std::uint64_t{0};
    auto step = std::int64_t{1};
    for (auto at = first; at < end;) {
      try {
        auto key = copy_next(of, at, end);
        if (key == 0)
          break;
        note(of, static_cast<std::uint64_t>(key - first));
        ++copied;
        at = key;
        step = 1;
      } catch (const SQLite::Exception&) {
        at += step;
        step *= 2;
      }
    }
    of.removed = of.last_sequence + 1 - of.first_sequence - copied;
    return copied;
  }

private:
  /// @returns the key of the message copied, 0 if there is none left.
  std::int64_t copy_next(stream& of, std::int64_t after, std::int64_t end) {
    execution at{next_, after, end};
    if (!at.next())
      return 0;
    auto key = at.integer(0);
    auto subject = std::string{at.bytes(2)};
    auto id = std::string{at.bytes(3)};
    auto headers = std::string{at.bytes(4)};
    auto payload = std::string{at.bytes(5)};
    auto size = std::uint64_t{headers.size() + payload.size()};
    auto stored_at = std::max(at.integer(1), of.last_stored_at_ms);
    execution{add_,    key, stored_at,     size,
              subject, id,  blob{headers}, blob{payload}}
      .run();
    execution{note_, of.id, subject, key & ((std::int64_t{1} << 40) - 1)}.run();
    of.size_bytes += size;
    of.last_stored_at_ms = stored_at;
    return key;
  }

  static void note(stream& of, std::uint64_t sequence) {
    if (of.last_sequence == 0)
      of.first_sequence = sequence;
    of.last_sequence = sequence;
  }

  SQLite::Statement next_;
  SQLite::Statement add_;
  SQLite::Statement note_;
};

std::uint64_t copy_readable(SQLite::Database& from, SQLite::Database& to) {
  auto copier = message_copier{from, to};
  auto add = SQLite::Statement{to, "INSERT INTO stream(id, name, subjects, "
                                   "refuse_when_full, max_age_ms, max_bytes, "
                                   "dedupe_window_ms, first_sequence, "
                                   "last_sequence, size_bytes, removed) "
                                   "VALUES(?,?,?,0,0,0,0,?,?,?,?)"};
  auto result = std::uint64_t{0};
  for (auto& one : readable_streams(from)) {
    result += copier.copy(one);
    execution{add,
              one.id,
              one.config.name,
              one.config.subjects,
              one.first_sequence,
              one.last_sequence,
              one.size_bytes,
              one.removed}
      .run();
  }
  return result;
}

} // namespace

caf::expected<std::uint64_t>
salvage(const std::string& from, const std::string& to) {
  auto made = database::open(to, database::inspection::none);
  if (!made)
    return made.error();
  auto& db = **made;
  try {
    SQLite::Database damaged{from, SQLite::OPEN_READWRITE};
    damaged.exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON");
    db.begin();
    auto copied = copy_readable(damaged, db.connection());
    db.commit();
    db.trust();
    return copied;
  } catch (const SQLite::Exception& e) {
    return start_failure(e, from);
  }
}

} // namespace stravasync::embedded_bus
