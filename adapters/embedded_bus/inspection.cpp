#include "adapters/embedded_bus/inspection.hpp"

#include "adapters/embedded_bus/subjects.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

namespace stravasync::embedded_bus {

namespace {

// A start waits for it: about 1 ms a MiB.
constexpr auto whole_bytes_max = std::int64_t{16} * 1024 * 1024;

// The message table's key has room for these.
constexpr auto stream_id_max = std::int64_t{1} << 22;
constexpr auto sequence_max = std::uint64_t{1} << 40;

constexpr auto size_max = std::uint64_t{1} << 53;
constexpr auto duration_max = milliseconds{std::int64_t{1} << 50};
constexpr auto time_max = std::int64_t{1} << 53;
constexpr auto revision_max = std::int64_t{1} << 62;

[[noreturn]] void damaged(const std::string& what) {
  throw SQLite::Exception{what, SQLITE_CORRUPT};
}

void require(bool good, const std::string& whose, std::string_view what) {
  if (!good)
    damaged(whose + " has " + std::string{what});
}

bool is_duration(milliseconds value) {
  return value.count() >= 0 && value <= duration_max;
}

/// Runs one of SQLite's own checks and expects "ok".
void run_check(SQLite::Database& file, const std::string& pragma) {
  auto answer = file.execAndGet(pragma).getString();
  // What follows the first line is the same again for other pages.
  if (answer != "ok")
    damaged(answer.substr(0, answer.find('\n')));
}

/// For a message: a name may hold anything.
std::string shown(const std::string& name) {
  constexpr auto most = std::size_t{40};
  auto result = std::string{};
  for (auto c : name.substr(0, most))
    result += c > ' ' && c <= '~' ? c : '?';
  return result;
}

std::string name_of(const stream& loaded) {
  return "stream " + shown(loaded.config.name);
}

std::string name_of(const durable& loaded) {
  return "durable " + shown(loaded.name);
}

} // namespace

void inspect(SQLite::Database& file) {
  auto pages = file.execAndGet("PRAGMA page_count").getInt64();
  auto bytes = file.execAndGet("PRAGMA page_size").getInt64();
  if (pages <= whole_bytes_max / bytes)
    return run_check(file, "PRAGMA quick_check(1)");
  for (const auto* table :
       {"stream", "durable", "unsettled", "key_value", "key_value_revision"})
    run_check(file, "PRAGMA quick_check(" + std::string{table} + ")");
}

void check(const stream& loaded) {
  const auto& c = loaded.config;
  auto whose = name_of(loaded);
  require(publishable(c.name) && c.name.find('.') == std::string::npos, whose,
          "an impossible name");
  require(well_formed_filter(c.subjects), whose, "subjects that are no filter");
  require(loaded.id > 0 && loaded.id <= stream_id_max, whose,
          "an impossible number");
  require(is_duration(c.max_age) && is_duration(c.dedupe_window)
            && c.max_bytes <= size_max,
          whose, "impossible limits");
  auto counted
    = loaded.first_sequence > 0 && loaded.last_sequence < sequence_max
      && loaded.first_sequence <= loaded.last_sequence + 1
      && loaded.removed <= loaded.last_sequence + 1 - loaded.first_sequence
      && loaded.size_bytes <= size_max;
  require(counted, whose, "counters that contradict each other");
}

void check(const stream& loaded, std::uint64_t oldest, bool goes_on) {
  auto expected = loaded.messages() > 0 ? loaded.first_sequence : 0;
  require(oldest == expected, name_of(loaded),
          "a first message that is not where its row says");
  require(!goes_on, name_of(loaded), "messages above what its row says");
}

void check(const durable& loaded, const stream& of) {
  auto whose = name_of(loaded);
  require(!loaded.name.empty(), "a durable", "no name");
  require(loaded.filter.empty() || well_formed_filter(loaded.filter), whose,
          "a filter that is none");
  require(loaded.id > 0, whose, "an impossible number");
  require(is_duration(loaded.ack_wait), whose, "an impossible ack wait");
  // What is stored next is above the last; a durable beyond would skip it.
  require(loaded.delivered_to <= of.last_sequence, whose,
          "been delivered more than its stream has stored");
  auto before = std::max(loaded.delivered_to, of.first_sequence - 1);
  require(loaded.pending <= of.messages()
            && loaded.pending <= of.last_sequence - before,
          whose, "counters that contradict its stream's");
}

void check_unsettled(const durable& of, std::int64_t sequence,
                     std::int64_t deliveries, std::int64_t due_at_ms) {
  auto good = sequence > 0
              && static_cast<std::uint64_t>(sequence) <= of.delivered_to
              && deliveries >= 0
              && deliveries <= std::numeric_limits<std::uint32_t>::max()
              && due_at_ms >= 0 && due_at_ms <= time_max;
  require(good, name_of(of), "an impossible delivery");
}

void check_revision(std::int64_t last) {
  if (last < 0 || last > revision_max)
    damaged("the buckets have an impossible revision");
}

} // namespace stravasync::embedded_bus
