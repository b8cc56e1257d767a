#pragma once

#include "actors/consumer/ledger.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/protocols.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
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
  void refuse_all(const caf::error& why);
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
  bool started_ = false; // The first load has taken over.
  bool busy_ = false;    // A call to the bucket is out.
};

/// Keeps the ledger in a key-value bucket by compare-and-swap: a permit is on
/// record before it is given out. What waits is decided with one write, higher
/// lanes first. On a conflict (another node wrote) it reads and decides anew.
budget_actor::behavior_type
budget(budget_actor::stateful_pointer<budget_state> self, actor_context context,
       std::shared_ptr<key_value> kv, budget_config config);

} // namespace stravasync
