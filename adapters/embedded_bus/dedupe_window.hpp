#pragma once

#include "actors/ports/clock.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace stravasync::embedded_bus {

/// The message ids that one stream saw lately. Additions belong to the current
/// transaction until `commit` or `rollback`.
class dedupe_window {
public:
  /// @returns the sequence under which `id` was stored, if it is remembered.
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view id) const;

  /// @param at Not before the `at` of any earlier addition.
  void add(std::string_view id, std::uint64_t sequence, unix_ms at);

  /// Forgets what was added before `limit`, unless uncommitted.
  void expire(unix_ms limit);

  /// Follows a clock that was set by `step`: none is of a time after `now`.
  void follow(unix_ms step, unix_ms now);

  void commit();
  void rollback();
  void clear();

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  struct age {
    unix_ms at;
    const std::string* id; // A key of `sequences_`, where keys do not move.
  };

  std::unordered_map<std::string, std::uint64_t, text_hash, std::equal_to<>>
    sequences_;
  std::deque<age> ages_;
  std::size_t uncommitted_ = 0;
};

} // namespace stravasync::embedded_bus
