#pragma once

#include "actors/api/ingest_writer.hpp"
#include "actors/ports/store.hpp"
#include "actors/replay/athlete_book.hpp"
#include "actors/replay/play.hpp"
#include "messages/ingest.pb.h"

#include <caf/expected.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace stravasync {

/// @returns whether the store holds no athlete. Whoever has activities or runs
/// has an athlete.
[[nodiscard]] caf::expected<bool> is_empty(store_session& store);

/// Makes sure that the athlete of recorded activities is in the store; with a
/// profile, as it was recorded last.
[[nodiscard]] caf::error
ensure_athlete(transaction& tx, const athlete_book& known, std::int64_t id);

/// Rebuilds a database from stream INGEST with the same code that stored the
/// pages at first, and no other effect. The clock is the recorded one, so that
/// the same recording always gives the same rows. What was stored before is not
/// stored again.
class store_target final : public replay_target {
public:
  /// @param tell Takes one line about a message that cannot be stored.
  store_target(std::unique_ptr<store_session> store, athlete_book known,
               std::shared_ptr<const strava_decoder> decoder,
               ingest_config config, std::function<void(std::string)> tell);

  caf::expected<bool> take(const stored_message& what) override;

  std::string finish() override;

private:
  caf::expected<bool>
  take_page(const stored_message& what, const ingest::v1::ActivitiesPage& page);
  caf::expected<bool> take_profile(const stored_message& what, std::int64_t id);
  caf::expected<bool>
  take_confirmed(const stored_message& what,
                 const ingest::v1::DeletionsConfirmed& confirmed);
  bool skip(const stored_message& what, std::int64_t id);
  caf::expected<bool> refuse(const stored_message& what, std::string reason);

  std::unique_ptr<store_session> store_;
  athlete_book known_;
  std::shared_ptr<const strava_decoder> decoder_;
  ingest_config config_;
  std::function<void(std::string)> tell_;
  std::set<std::int64_t> athletes_;
  page_effect total_;
  std::uint64_t repeated_ = 0;
  std::uint64_t left_ = 0;
};

} // namespace stravasync
