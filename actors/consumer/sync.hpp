#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/paging.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/protocols/deliveries.hpp"
#include "actors/protocols/strava.hpp"
#include "messages/ingest.pb.h"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stravasync {

struct sync_config {
  /// Activities asked for at once, 1 to 200.
  std::uint32_t page_size = 200;
  /// Snooze while something that has no time of its own is down.
  milliseconds snooze_default{5'000};
  /// The same where it is back within a second as a rule: the bus, which hears
  /// of the snooze only when it is, and, at first, who leases tokens.
  milliseconds snooze_soon{500};
  /// Snooze while Strava has the application switched off.
  milliseconds snooze_forbidden{900'000};
  /// When a run that does not end is ended.
  run_limits limits;
};

/// A page, or one of the parts that a page is published in.
using page_part = ingest::v1::ActivitiesPage;

/// @returns the halves of a page that the bus does not take whole, as pages of
/// their own that follow each other; nothing if it has but one element. Who
/// goes on after the first alone fetches the page again, as its second.
/// @param job That the page was fetched for.
[[nodiscard]] std::vector<page_part>
split_page(const page_part& page, const jobs::v1::SyncAthlete& job);

/// The state of a SYNC. Spawn it with `sync`.
class sync_state {
public:
  static inline constexpr const char* name = "sync";

  explicit sync_state(
    delivery_handler_actor::stateful_pointer<sync_state> self);

  delivery_handler_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<bus> bus,
                tokens_actor tokens, strava_client_actor strava,
                sync_config config);

private:
  /// One job being worked on.
  struct task {
    jobs::v1::SyncAthlete job;
    std::string cause;          // Id of the job's message.
    bool is_first = false;      // Delivery of it.
    std::uint64_t sequence = 0; // Of the message.
    std::string token;
    bool token_renewed = false;
    kit::promise<outcome> reply;
  };
  using task_ptr = std::shared_ptr<task>;

  void begin(const delivery& what, const kit::promise<outcome>& reply);
  void look_for_later(const task_ptr& t);
  void look_for_page(const task_ptr& t);
  void page_found(const task_ptr& t, const std::optional<stored_message>& last);
  void lease_token(const task_ptr& t, const std::string& rejected);
  void fetch(const task_ptr& t);
  void fetched(const task_ptr& t, const activities_response& got);
  void unreadable(const task_ptr& t, const unreadable_answer& what);
  void failed(const task_ptr& t, const caf::error& why);
  void buried(const delivery& what, const std::string& reason);
  void refused(const task_ptr& t, const caf::error& why);
  [[nodiscard]] caf::error soon_over(const caf::error& why) const;
  void publish_page(const task_ptr& t, page_step next);
  void publish_parts(const task_ptr& t, std::vector<page_part> left);
  void publish_smaller(const task_ptr& t, std::vector<page_part> left,
                       const caf::error& why);
  void bus_refused(const task_ptr& t, const caf::error& why);
  void publish_next(const task_ptr& t, const jobs::v1::SyncAthlete& next);
  void hold_up(const task_ptr& t, events::v1::SyncState state,
               const std::string& reason, milliseconds delay);
  void snooze(const task_ptr& t, const caf::error& why);
  void give_up(const task_ptr& t, events::v1::SyncState state,
               const std::string& reason);

  delivery_handler_actor::stateful_pointer<sync_state> self_;
  actor_context context_;
  std::shared_ptr<bus> bus_;
  tokens_actor tokens_;
  strava_client_actor strava_;
  sync_config config_;
  bool failing_ = false; // Nothing was fetched since the last failure.
};

/// @returns whether a scheduled job that comes for the first time need not be
/// done: `later`, published after it, lists as much no less soon. Jobs of one
/// athlete that piled up while no consumer ran cost one call, the last one's.
/// Runs that the store knows of have a job that somebody waits for.
[[nodiscard]] bool is_superseded(const jobs::v1::SyncAthlete& job,
                                 const jobs::v1::SyncAthlete& later);

/// Handles one SyncAthlete job: fetches one page and puts it into INGEST, then
/// publishes the job that goes on, then says ack. A page that is in the stream
/// is not fetched again, whenever this process is killed.
delivery_handler_actor::behavior_type
sync(delivery_handler_actor::stateful_pointer<sync_state> self,
     actor_context context, std::shared_ptr<bus> bus, tokens_actor tokens,
     strava_client_actor strava, sync_config config);

} // namespace stravasync
