#pragma once

#include "actors/api/absences.hpp"
#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/strava_api.hpp"
#include "actors/protocols/deliveries.hpp"
#include "actors/protocols/store.hpp"
#include "messages/ingest.pb.h"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace stravasync {

struct ingest_config {
  deletion_rules deletions;
  /// The scope that the athlete's consent had when the page was fetched; empty:
  /// as it is in the database.
  std::string scope;
  /// Names the dead letters of single activities that cannot be decoded.
  std::string durable;
};

/// What storing one page came to.
struct page_effect {
  /// The page was stored before: nothing was done, or only its rows.
  bool repeated = false;
  /// The athlete is not connected any more: nothing was done.
  bool orphaned = false;
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t deleted = 0;
  /// What a re-list missed and did not delete, as `absence_kind` says.
  std::size_t unseen = 0;
  std::size_t doubted = 0;
  /// Elements that are no activities, and how many dead letters came of them:
  /// one that was listed before has its letter.
  std::size_t undecodable = 0;
  std::size_t letters = 0;
  /// Why the first of them is none.
  std::string problem;
  bool complete = false;
};

/// Stores one page within `tx`: rows, the run's progress, deletions at the end
/// of a re-list, events. Doing it again changes nothing.
/// @param redriven_from The dead letter that the page comes from, if it does:
/// then its rows are stored even if the page was before.
[[nodiscard]] caf::error
store_page(transaction& tx, const ingest::v1::ActivitiesPage& page,
           const strava_decoder& decoder, const ingest_config& config,
           unix_ms now, page_effect& out,
           const std::string& redriven_from = {});

/// The state of an INGEST WRITER. Spawn it with `ingest_writer`.
class ingest_writer_state {
public:
  static inline constexpr const char* name = "ingest-writer";

  explicit ingest_writer_state(
    delivery_handler_actor::stateful_pointer<ingest_writer_state> self);

  delivery_handler_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                std::shared_ptr<const strava_decoder> decoder,
                outbox_relay_actor relay, ingest_config config);

private:
  using page_ptr = std::shared_ptr<const ingest::v1::ActivitiesPage>;

  void store(const page_ptr& page, const std::string& redriven_from,
             const kit::promise<outcome>& to);
  void tell(const ingest::v1::ActivitiesPage& page, const page_effect& effect);

  delivery_handler_actor::stateful_pointer<ingest_writer_state> self_;
  actor_context context_;
  store_access store_;
  std::shared_ptr<const strava_decoder> decoder_;
  outbox_relay_actor relay_;
  ingest_config config_;
};

/// Stores fetched pages. While the store is down, pages wait in the stream.
delivery_handler_actor::behavior_type ingest_writer(
  delivery_handler_actor::stateful_pointer<ingest_writer_state> self,
  actor_context context, store_access store,
  std::shared_ptr<const strava_decoder> decoder, outbox_relay_actor relay,
  ingest_config config);

} // namespace stravasync
