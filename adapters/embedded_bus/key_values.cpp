#include "adapters/embedded_bus/key_values.hpp"

#include "adapters/embedded_bus/inspection.hpp"
#include "messages/error.hpp"

#include <algorithm>

namespace stravasync::embedded_bus {

key_values::key_values(SQLite::Database& db, std::uint64_t revision_min)
  : get_(db, "SELECT revision, value FROM key_value WHERE bucket=? AND key=?"),
    revision_(db, "SELECT revision FROM key_value WHERE bucket=? AND key=?"),
    put_(db, "INSERT INTO key_value VALUES(?,?,?,?) ON CONFLICT DO UPDATE "
             "SET revision=excluded.revision, value=excluded.value"),
    note_revision_(db, "UPDATE key_value_revision SET last=?"),
    erase_(db, "DELETE FROM key_value WHERE bucket=? AND key=?"),
    keys_(db, "SELECT key FROM key_value WHERE bucket=? ORDER BY key"),
    all_(db, "SELECT key, value, revision FROM key_value WHERE bucket=? "
             "ORDER BY revision"),
    last_revision_(revision_min) {
  auto stored = db.execAndGet("SELECT last FROM key_value_revision").getInt64();
  check_revision(stored);
  last_revision_ = std::max(last_revision_, static_cast<std::uint64_t>(stored));
}

std::optional<key_value_entry>
key_values::get(const std::string& bucket, const std::string& key) {
  execution at{get_, bucket, key};
  if (!at.next())
    return std::nullopt;
  return key_value_entry{std::string{at.bytes(1)}, at.number(0)};
}

caf::expected<std::uint64_t>
key_values::put(const std::string& bucket, const std::string& key,
                const std::string& value, std::uint64_t expected) {
  auto current = std::uint64_t{0};
  if (execution at{revision_, bucket, key}; at.next())
    current = at.number(0);
  if (current != expected)
    return make_failure(ec::conflict, bucket + "/" + key + " has revision "
                                        + std::to_string(current)
                                        + ", expected "
                                        + std::to_string(expected));
  auto revision = take_revision();
  execution{put_, bucket, key, revision, blob{value}}.run();
  return revision;
}

std::uint64_t
key_values::erase(const std::string& bucket, const std::string& key) {
  if (!execution{revision_, bucket, key}.next())
    return 0;
  execution{erase_, bucket, key}.run();
  return take_revision();
}

std::uint64_t key_values::take_revision() {
  ++last_revision_;
  execution{note_revision_, last_revision_}.run();
  return last_revision_;
}

std::vector<key_value_change> key_values::all(const std::string& bucket) {
  std::vector<key_value_change> result;
  execution at{all_, bucket};
  while (at.next())
    result.push_back(
      {std::string{at.bytes(0)}, std::string{at.bytes(1)}, at.number(2)});
  return result;
}

std::vector<std::string> key_values::keys(const std::string& bucket) {
  std::vector<std::string> result;
  execution at{keys_, bucket};
  while (at.next())
    result.emplace_back(at.bytes(0));
  return result;
}

} // namespace stravasync::embedded_bus
