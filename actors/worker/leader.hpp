#pragma once

#include "actors/context.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/schedule.hpp"
#include "actors/worker/leadership.hpp"
#include "messages/state.pb.h"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace stravasync {

struct leader_config {
  /// Until another node takes over from one that died; renewed three times in
  /// that time.
  milliseconds lease{6'000};
};

/// The state of a LEADER. Spawn it with `leader`.
class leader_state {
public:
  static inline constexpr const char* name = "leader";

  explicit leader_state(leader_actor::stateful_pointer<leader_state> self);

  leader_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<key_value> kv,
                std::shared_ptr<leadership> role, leader_config config);

private:
  /// What others hold, as first seen.
  struct observation {
    std::uint64_t revision = 0;
    milliseconds since{0}; // On the monotonic clock.
  };

  void look();
  void looked(milliseconds asked_at,
              const caf::expected<std::optional<key_value_entry>>& got);
  [[nodiscard]] bool is_mine(const state::v1::LeaderLease& found) const;
  [[nodiscard]] bool is_free(const state::v1::LeaderLease& found,
                             std::uint64_t revision, milliseconds asked_at);
  void take(const state::v1::LeaderLease& found, std::uint64_t revision);
  void renew();
  void
  written(milliseconds asked_at, const caf::expected<std::uint64_t>& revision);
  void granted(std::uint64_t token, milliseconds asked_at);
  void lose(const std::string& why);
  void release();
  void again(milliseconds after);

  leader_actor::stateful_pointer<leader_state> self_;
  actor_context context_;
  std::shared_ptr<key_value> kv_;
  std::shared_ptr<leadership> role_;
  leader_config config_;
  std::string session_;
  std::optional<state::v1::LeaderLease> lease_; // While it is ours.
  std::uint64_t revision_ = 0;                  // Of `lease_` in the bucket.
  std::optional<observation> seen_;
  bool writing_ = false; // A write of the lease is out.
  bool leads_ = false;   // As last told in the log.
  bool stopping_ = false;
  caf::error exit_reason_;
};

/// Makes one node of all the leader, by a lease in a key-value bucket. The
/// holder renews it by compare-and-swap; the others take it once it did not
/// change for its length. Both sides measure on their own monotonic clock, so
/// wall clocks may differ as they like. The holder takes its lease for over
/// before anybody else can (a tenth earlier), and gives it back when it stops.
///
/// A lease cannot keep a paused process from what it was just about to do, so
/// each comes with a token that grows: what is written under an old one has to
/// be refused where it is kept.
leader_actor::behavior_type
leader(leader_actor::stateful_pointer<leader_state> self, actor_context context,
       std::shared_ptr<key_value> kv, std::shared_ptr<leadership> role,
       leader_config config);

} // namespace stravasync
