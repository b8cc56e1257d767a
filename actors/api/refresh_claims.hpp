#pragma once

#include "actors/ports/bus.hpp"

#include <caf/error.hpp>
#include <caf/scheduled_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace stravasync {

/// Where claims are kept, by the athlete's id; empty: nobody's.
inline constexpr auto refresh_bucket = "REFRESHES";
/// A claim that did not change in so many looks is a dead node's. Counted and
/// not timed: the clocks of nodes differ, and one that was stopped has not
/// looked.
inline constexpr auto silent_looks_max = 10u;

/// Who of all nodes may refresh an athlete's tokens, by compare-and-swap. Part
/// of one actor, which must look (`take`) and renew at the same pace.
///
/// A claim can be lost while its holder still works: if it cannot reach the bus
/// or stands still. So it keeps refreshes apart, but what is stored is decided
/// by the credential's version.
class refresh_claims {
public:
  refresh_claims() = default;

  /// @param node Differs from that of every other process.
  refresh_claims(caf::scheduled_actor* self, std::shared_ptr<key_value> kv,
                 std::string node);

  /// Looks once. Then, in the actor: no error, it is held; `ec::conflict`,
  /// another node has it, look again later; others: the bus is away.
  void take(std::int64_t athlete_id, std::function<void(caf::error)> then);

  [[nodiscard]] bool holds(std::int64_t athlete_id) const;

  /// Shows other nodes that the holder lives.
  void renew(std::int64_t athlete_id);

  void release(std::int64_t athlete_id);

private:
  struct claim {
    std::string text; // What we wrote, or tried to.
    std::uint64_t revision = 0;
    bool held = false;
    bool renewing = false;
    bool over = false;       // To be released once it is renewed.
    std::uint64_t rival = 0; // The revision of another node's claim.
    unsigned looks = 0;      // In which that was the same.
  };

  void looked(std::int64_t athlete_id,
              const caf::expected<std::optional<key_value_entry>>& got,
              const std::function<void(caf::error)>& then);

  caf::scheduled_actor* self_ = nullptr;
  std::shared_ptr<key_value> kv_;
  std::string node_;
  std::unordered_map<std::int64_t, claim> claims_;
};

} // namespace stravasync
