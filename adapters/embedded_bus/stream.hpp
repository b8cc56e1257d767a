#pragma once

#include "actors/ports/bus.hpp"
#include "adapters/callbacks/gate.hpp"
#include "adapters/embedded_bus/dedupe_window.hpp"
#include "adapters/embedded_bus/unsettled_set.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// @file
/// What the engine keeps in memory beside the database: as much as makes a
/// publish or a delivery a few inserts. Touched by the engine's thread only.

namespace stravasync::embedded_bus {

/// One subscription.
struct member {
  std::shared_ptr<callbacks::gate<delivery>> out;
  std::size_t credit = 0;
};

/// A durable, or an ephemeral reader.
struct durable {
  /// Its row; 0 if it has none: a reader, or a durable lost with its file.
  std::int64_t id = 0;
  std::string name; // Empty: a reader.
  std::string filter;
  /// Everything up to here was delivered or does not match.
  std::uint64_t delivered_to = 0;
  /// Matching messages above `delivered_to`.
  std::uint64_t pending = 0;
  /// The row differs from the two above.
  bool changed = false;
  /// A reader has no row: what the two were after the last commit.
  std::uint64_t committed_delivered_to = 0;
  std::uint64_t committed_pending = 0;
  milliseconds ack_wait{0};
  std::uint32_t max_ack_pending = 0;
  std::uint32_t max_deliver = 0;
  unsettled_set unsettled;
  std::vector<std::shared_ptr<member>> members;
  std::size_t next_member = 0;

  [[nodiscard]] bool matches(std::string_view subject) const {
    return filter.empty() || subject_matches(filter, subject);
  }

  /// @returns what it was asked for, as far as it is kept.
  [[nodiscard]] consumer_options options(const std::string& stream) const;

  /// @returns the next member in turn that has credit, or null.
  [[nodiscard]] std::shared_ptr<member> member_with_credit();
};

struct stream {
  std::int64_t id = 0; // Its row; 0 if the file was lost.
  stream_config config;
  /// The oldest message; last_sequence + 1 when it is empty.
  std::uint64_t first_sequence = 1;
  std::uint64_t last_sequence = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t removed = 0; // Between the two.
  unix_ms first_stored_at_ms = 0;
  unix_ms last_stored_at_ms = 0;
  /// What is above it was stored by this process.
  std::uint64_t found_to = 0;
  /// The row differs from the numbers above.
  bool changed = false;
  dedupe_window dedupe;
  /// What the window had when the file was opened, and is still to be read:
  /// from the one to the other.
  std::uint64_t dedupe_from = 1;
  std::uint64_t dedupe_to = 0;
  std::map<std::string, std::shared_ptr<durable>, std::less<>> durables;
  std::vector<std::shared_ptr<durable>> readers;

  [[nodiscard]] std::uint64_t messages() const {
    return last_sequence + 1 - first_sequence - removed;
  }

  [[nodiscard]] bool knows_ids() const {
    return dedupe_from > dedupe_to;
  }

  /// The bus's own: no call by name or subject reaches it.
  [[nodiscard]] bool hidden() const {
    return config.name.starts_with('$');
  }

  /// Calls `visit` with every durable and reader.
  template <class Visit>
  void each_durable(Visit&& visit) {
    for (auto& [name, entry] : durables)
      visit(*entry);
    for (auto& reader : readers)
      visit(*reader);
  }
};

/// One watch of a bucket.
struct watcher {
  std::string bucket;
  std::shared_ptr<callbacks::gate<key_value_change>> out;
  /// The keys that it was told to have a value, with their revisions.
  std::map<std::string, std::uint64_t, std::less<>> told;
  /// What to tell it once the transaction is committed.
  std::vector<key_value_change> changes;
};

/// One delivery on its way to a subscription once the transaction is committed.
struct outgoing {
  std::shared_ptr<member> to;
  delivery what;
};

/// The same for a change of a bucket.
struct outgoing_change {
  std::shared_ptr<callbacks::gate<key_value_change>> to;
  key_value_change what;
};

} // namespace stravasync::embedded_bus
