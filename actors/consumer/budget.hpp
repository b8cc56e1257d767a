#pragma once

#include "actors/consumer/ledger.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/strava.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace stravasync {

/// Where the ledger is kept.
inline constexpr auto budget_bucket = "BUDGET";
inline constexpr auto budget_key = "strava";

struct budget_config {
  budget_rules rules;
  /// No other process can hold permits of this ledger (embedded bus): those
  /// found at start belong to the dead and end after `grace`.
  bool sole_owner = false;
  milliseconds grace{1'000};
  /// How far this node's clock may be off Strava's before a response tells.
  milliseconds clock_skew_max{0};
};

/// The state of a BUDGET. Spawn it with `budget`.
class budget_state {
public:
  static inline constexpr const char* name = "budget";

  explicit budget_state(budget_actor::stateful_pointer<budget_state> self);

  budget_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<key_value> kv,
                budget_config config);

private:
  struct waiting_lease {
    lease_permit what;
    kit::promise<permit> reply;
  };
  /// What one write of the ledger decided for one waiting lease.
  struct decision {
    kit::promise<permit> reply;
    std::string id;
    std::optional<unix_ms> until; // Refused until then, in Strava's time.
  };
  struct draft {
    ledger book;
    std::vector<decision> decisions;
    std::size_t settled = 0; // Of `settlements_`, from the front.
    std::size_t leased = 0;  // Of `leases_`, from the front.
  };

  void pump();
  void load();
  void loaded(caf::expected<std::optional<key_value_entry>> got);
  draft write_draft();
  void write(draft next);
  void written(const draft& next, caf::expected<std::uint64_t> revision);
  void conclude(const draft& next);
  void lost(const draft& next);
  void refuse_all(const caf::error& why);
  void pause();
  [[nodiscard]] unix_ms upstream_now() const;

  budget_actor::stateful_pointer<budget_state> self_;
  actor_context context_;
  std::shared_ptr<key_value> kv_;
  budget_config config_;
  upstream_clock clock_;
  std::vector<waiting_lease> leases_;
  std::vector<settle_permit> settlements_;
  std::optional<ledger> book_; // As of `revision_`.
  std::uint64_t revision_ = 0;
  bool started_ = false;   // The first load has taken over.
  bool busy_ = false;      // A call to the bucket is out.
  bool fresh_ = false;     // `book_` was read or written for what waits now.
  bool shared_ = false;    // Another node wrote since we did.
  bool pausing_ = false;   // Until the next tick.
  bool retrying_ = false;  // A tick will write settlements again.
  unsigned conflicts_ = 0; // In a row.
  std::minstd_rand random_;
};

/// Keeps the ledger in a key-value bucket by compare-and-swap: a permit is on
/// record before it is given out. What waits is decided with one write, higher
/// lanes first. On a conflict (another node wrote) it reads and decides anew,
/// from the second one in a row after a short random pause: nodes that write
/// at the same time then do not meet again.
///
/// Nobody is refused by what the ledger was a while ago, unless no other node
/// can have changed it. Settlements are kept until they are written.
budget_actor::behavior_type
budget(budget_actor::stateful_pointer<budget_state> self, actor_context context,
       std::shared_ptr<key_value> kv, budget_config config);

} // namespace stravasync
