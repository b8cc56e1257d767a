#include "adapters/embedded_bus/message_log.hpp"

#include "adapters/embedded_bus/subjects.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace stravasync::embedded_bus {

namespace {

std::uint64_t sequence_of(std::uint64_t key) {
  return key & ((std::uint64_t{1} << sequence_bits) - 1);
}

std::int64_t key_of(std::int64_t stream, std::uint64_t sequence) {
  return (stream << sequence_bits) + static_cast<std::int64_t>(sequence);
}

// Headers are stored as length and bytes of each name and value in turn: a
// value may hold anything, a line break in a reason included.
void put_text(std::string& out, const std::string& text) {
  auto size = static_cast<std::uint32_t>(text.size());
  auto raw = std::bit_cast<std::array<char, sizeof size>>(size);
  out.append(raw.data(), raw.size()).append(text);
}

std::string take_text(std::string_view& from) {
  std::uint32_t size = 0;
  if (from.size() < sizeof size)
    return {};
  std::memcpy(&size, from.data(), sizeof size);
  auto result = std::string{from.substr(sizeof size, size)};
  from.remove_prefix(std::min(from.size(), sizeof size + size));
  return result;
}

std::string encoded(const header_map& headers) {
  std::string result;
  for (const auto& [name, value] : headers) {
    put_text(result, name);
    put_text(result, value);
  }
  return result;
}

header_map decoded(std::string_view bytes) {
  header_map result;
  while (!bytes.empty()) {
    auto name = take_text(bytes);
    result.emplace_hint(result.end(), std::move(name), take_text(bytes));
  }
  return result;
}

constexpr auto columns = "SELECT key, stored_at_ms, subject, headers, payload "
                         "FROM message ";

} // namespace

std::uint64_t size_of(const envelope& message) {
  auto result = message.payload.size();
  for (const auto& [name, value] : message.headers)
    result += name.size() + value.size();
  return result;
}

std::uint64_t message_log::row::sequence() const {
  return sequence_of(at_.number(0));
}

unix_ms message_log::row::stored_at() const {
  return at_.integer(1);
}

std::string_view message_log::row::subject() const {
  return at_.bytes(2);
}

stored_message message_log::row::message() const {
  stored_message result;
  result.sequence = sequence();
  result.stored_at_ms = stored_at();
  result.message.subject = subject();
  result.message.headers = decoded(at_.bytes(3));
  result.message.payload = at_.bytes(4);
  return result;
}

message_log::message_log(SQLite::Database& db)
  : append_(db, "INSERT INTO message VALUES(?,?,?,?,?,?,?)"),
    note_subject_(db, "INSERT INTO subject VALUES(?,?,?) ON CONFLICT DO UPDATE "
                      "SET last_sequence=excluded.last_sequence"),
    find_(db, columns + std::string{"WHERE key=?"}),
    stored_at_(db, "SELECT stored_at_ms FROM message WHERE key=?"),
    oldest_(db, "SELECT key, stored_at_ms FROM message "
                "WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1"),
    newest_(db, "SELECT key, stored_at_ms FROM message "
                "WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1"),
    newest_of_subject_(db, "SELECT key FROM message WHERE key BETWEEN ? AND ? "
                           "AND subject=? ORDER BY key DESC LIMIT 1"),
    scan_(db, columns + std::string{"WHERE key BETWEEN ? AND ? ORDER BY key"}),
    scan_ids_(db, "SELECT key, message_id, stored_at_ms FROM message "
                  "WHERE key BETWEEN ? AND ? ORDER BY key"),
    move_times_(db, "UPDATE message SET stored_at_ms=min(stored_at_ms+?, ?) "
                    "WHERE key BETWEEN ? AND ?"),
    remove_(db, "DELETE FROM message WHERE key=? "
                "RETURNING subject, size_bytes"),
    forget_subject_(db, "DELETE FROM subject WHERE stream=? AND name=? "
                        "AND last_sequence=? RETURNING name"),
    subject_(db, "SELECT last_sequence FROM subject WHERE stream=? AND name=?"),
    subjects_(db, "SELECT last_sequence, name FROM subject "
                  "WHERE stream=? AND name>=? ORDER BY name") {
}

void message_log::append(std::int64_t stream, std::uint64_t sequence,
                         const envelope& message, unix_ms at) {
  static const auto no_id = std::string{};
  auto id = message.headers.find(header::message_id);
  auto headers = encoded(message.headers);
  execution{append_,
            key_of(stream, sequence),
            at,
            size_of(message),
            message.subject,
            id == message.headers.end() ? no_id : id->second,
            blob{headers},
            blob{message.payload}}
    .run();
  execution{note_subject_, stream, message.subject, sequence}.run();
}

std::optional<stored_message>
message_log::find(std::int64_t stream, std::uint64_t sequence) {
  execution at{find_, key_of(stream, sequence)};
  if (!at.next())
    return std::nullopt;
  return row{at}.message();
}

unix_ms message_log::stored_at(std::int64_t stream, std::uint64_t sequence) {
  execution at{stored_at_, key_of(stream, sequence)};
  return at.next() ? at.integer(0) : 0;
}

std::optional<message_log::place>
message_log::oldest(std::int64_t stream, std::uint64_t first,
                    std::uint64_t last) {
  execution at{oldest_, key_of(stream, first), key_of(stream, last)};
  if (!at.next())
    return std::nullopt;
  return place{sequence_of(at.number(0)), at.integer(1)};
}

std::optional<message_log::place>
message_log::newest(std::int64_t stream, std::uint64_t first,
                    std::uint64_t last) {
  execution at{newest_, key_of(stream, first), key_of(stream, last)};
  if (!at.next())
    return std::nullopt;
  return place{sequence_of(at.number(0)), at.integer(1)};
}

bool message_log::goes_on(std::int64_t stream, std::uint64_t last) {
  constexpr auto end = (std::uint64_t{1} << sequence_bits) - 1;
  return last < end && oldest(stream, last + 1, end);
}

void message_log::scan(std::int64_t stream, std::uint64_t first,
                       std::uint64_t last, const visitor& visit) {
  if (first > last)
    return;
  execution at{scan_, key_of(stream, first), key_of(stream, last)};
  while (at.next())
    if (!visit(row{at}))
      return;
}

void message_log::scan_ids(std::int64_t stream, std::uint64_t first,
                           std::uint64_t last, const id_visitor& visit) {
  execution at{scan_ids_, key_of(stream, first), key_of(stream, last)};
  while (at.next())
    if (!visit(sequence_of(at.number(0)), at.bytes(1), at.integer(2)))
      return;
}

std::uint64_t message_log::first_since(std::int64_t stream, std::uint64_t first,
                                       std::uint64_t last, unix_ms time) {
  auto end = last + 1;
  while (first < end) {
    auto middle = first + (end - first) / 2;
    auto found = oldest(stream, middle, end - 1);
    if (found && found->stored_at_ms < time)
      first = found->sequence + 1;
    else
      end = middle;
  }
  return first;
}

void message_log::move_times(std::int64_t stream, std::uint64_t first,
                             std::uint64_t last, unix_ms step_ms,
                             unix_ms most_ms) {
  if (first <= last)
    execution{move_times_, std::int64_t{step_ms}, std::int64_t{most_ms},
              key_of(stream, first), key_of(stream, last)}
      .run();
}

message_log::removed_message
message_log::remove(std::int64_t stream, std::uint64_t first,
                    std::uint64_t sequence) {
  removed_message result;
  execution at{remove_, key_of(stream, sequence)};
  while (at.next())
    result = {std::string{at.bytes(0)}, at.number(1)};
  if (execution{forget_subject_, stream, result.subject, sequence}.next()
      && sequence > first)
    note_newest(stream, first, sequence - 1, result.subject);
  return result;
}

void message_log::note_newest(std::int64_t stream, std::uint64_t first,
                              std::uint64_t last, const std::string& subject) {
  auto sequence = std::uint64_t{0};
  if (execution at{newest_of_subject_, key_of(stream, first),
                   key_of(stream, last), subject};
      at.next())
    sequence = sequence_of(at.number(0));
  if (sequence != 0)
    execution{note_subject_, stream, subject, sequence}.run();
}

std::uint64_t
message_log::last_of(std::int64_t stream, const std::string& filter) {
  if (is_literal(filter)) {
    execution at{subject_, stream, filter};
    return at.next() ? at.number(0) : 0;
  }
  auto prefix = literal_prefix(filter);
  auto result = std::uint64_t{0};
  execution at{subjects_, stream, prefix};
  while (at.next() && at.bytes(1).starts_with(prefix))
    if (subject_matches(filter, at.bytes(1)))
      result = std::max(result, at.number(0));
  return result;
}

} // namespace stravasync::embedded_bus
