#pragma once

#include "actors/ports/bus.hpp"
#include "messages/operations.pb.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stravasync {

/// More nodes than a cluster has; the bucket is input like any other.
inline constexpr auto nodes_max = std::size_t{500};

/// Who is there, from what PRESENCEs write. What no PRESENCE would write is
/// ignored, and of more than `nodes_max` those are kept that were heard of
/// last: who lives is heard of every few seconds. A node counts as lost when
/// nothing was heard of it for a while, by the listener's own steady clock: the
/// nodes' wall clocks may differ. Not thread-safe.
class node_registry {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param lost_after Silence that makes a node count as lost.
  /// @param forget_after Silence after which it is not shown any more.
  node_registry(std::chrono::milliseconds lost_after,
                std::chrono::milliseconds forget_after);

  /// A change in the nodes' bucket. What is no description is ignored.
  void note(const key_value_change& what, time_point now);

  /// @returns the nodes by id, "up" or "lost".
  [[nodiscard]] query::v1::NodeList list(time_point now) const;

  /// @returns whether it is one of those, up or lost.
  [[nodiscard]] bool knows(const std::string& id) const;

  /// @returns ids of nodes that are not shown any more, and forgets them: their
  /// entries can go. Some at a time.
  [[nodiscard]] std::vector<std::string> take_forgotten(time_point now);

  /// @returns whether there were more than are kept.
  [[nodiscard]] bool crowded() const {
    return crowded_;
  }

private:
  struct seen {
    query::v1::NodeList::Node node;
    time_point at;
  };

  void make_room();

  std::chrono::milliseconds lost_after_;
  std::chrono::milliseconds forget_after_;
  std::map<std::string, seen> nodes_;
  std::vector<std::string> forgotten_; // Not taken yet.
  bool crowded_ = false;
};

} // namespace stravasync
