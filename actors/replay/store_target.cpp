#include "actors/replay/store_target.hpp"

#include "actors/api/profiles.hpp"
#include "actors/replay/silent_transaction.hpp"
#include "messages/describe.hpp"
#include "messages/error.hpp"
#include "messages/profile.pb.h"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

bool is_whole(const ingest::v1::ActivitiesPage& page) {
  return page.athlete_id() > 0 && !page.run_id().empty()
         && page.page_number() > 0;
}

std::string number(std::uint64_t count) {
  return std::to_string(count);
}

} // namespace

caf::expected<bool> is_empty(store_session& store) {
  auto empty = true;
  auto why = store.read([&](transaction& tx) -> caf::error {
    auto some = tx.athletes().list({.limit = 1});
    if (!some)
      return some.error();
    empty = some->items.empty();
    return {};
  });
  if (why)
    return why;
  return empty;
}

caf::error
ensure_athlete(transaction& tx, const athlete_book& known, std::int64_t id) {
  auto row = known.find(id);
  auto stored = tx.athletes().get({id});
  if (!stored)
    return stored.error();
  if (*stored && !known.has_profile(id))
    return {};
  std::string scope_before;
  return store_athlete(tx, row, scope_before);
}

store_target::store_target(std::unique_ptr<store_session> store,
                           athlete_book known,
                           std::shared_ptr<const strava_decoder> decoder,
                           ingest_config config,
                           std::function<void(std::string)> tell)
  : store_{std::move(store)},
    known_{std::move(known)},
    decoder_{std::move(decoder)},
    config_{std::move(config)},
    tell_{std::move(tell)} {
}

caf::expected<bool> store_target::take(const stored_message& what) {
  ingest::v1::ActivitiesPage page;
  ingest::v1::AthleteProfile profile;
  if (decode(what.message, profile) && profile.athlete_id() > 0)
    return take_profile(what, profile.athlete_id());
  ingest::v1::DeletionsConfirmed confirmed;
  if (decode(what.message, confirmed) && confirmed.athlete_id() > 0)
    return take_confirmed(what, confirmed);
  if (decode(what.message, page) && is_whole(page))
    return take_page(what, page);
  return refuse(what, refusal_of(what.message, page));
}

caf::expected<bool>
store_target::take_profile(const stored_message& what, std::int64_t id) {
  if (skip(what, id))
    return true;
  auto why = store_->write(
    {&id, 1}, [&](transaction& tx) { return ensure_athlete(tx, known_, id); });
  if (why)
    return why;
  athletes_.insert(id);
  return true;
}

caf::expected<bool>
store_target::take_page(const stored_message& what,
                        const ingest::v1::ActivitiesPage& page) {
  auto id = page.athlete_id();
  if (skip(what, id))
    return true;
  page_effect effect;
  auto first = !athletes_.contains(id);
  config_.scope = known_.scope_at(id, what.stored_at_ms);
  auto why = store_->write({&id, 1}, [&](transaction& tx) -> caf::error {
    effect = {}; // It may run twice.
    if (first)
      if (auto failed = ensure_athlete(tx, known_, id))
        return failed;
    silent_transaction quiet{tx};
    return store_page(quiet, page, *decoder_, config_, what.stored_at_ms,
                      effect);
  });
  if (why)
    return why;
  athletes_.insert(id);
  repeated_ += effect.repeated ? 1 : 0;
  total_.created += effect.created;
  total_.updated += effect.updated;
  total_.deleted += effect.deleted;
  if (effect.doubted > 0)
    tell_("message " + number(what.sequence) + ": the re-list misses "
          + number(effect.doubted)
          + " activities and is not believed; deleted none");
  if (effect.undecodable > 0)
    return refuse(what, number(effect.undecodable)
                          + " of its activities cannot be decoded; stored "
                            "the rest");
  return true;
}

caf::expected<bool>
store_target::take_confirmed(const stored_message& what,
                             const ingest::v1::DeletionsConfirmed& confirmed) {
  auto id = confirmed.athlete_id();
  if (skip(what, id))
    return true;
  auto deleted = std::int64_t{0};
  auto why = store_->write({&id, 1}, [&](transaction& tx) -> caf::error {
    auto done = apply_confirmed(tx, confirmed);
    if (!done)
      return done.error();
    deleted = *done;
    return {};
  });
  if (why)
    return why;
  total_.deleted += static_cast<std::size_t>(deleted);
  return true;
}

bool store_target::skip(const stored_message& what, std::int64_t id) {
  if (!known_.has_left(id, what.stored_at_ms))
    return false;
  ++left_;
  return true;
}

caf::expected<bool>
store_target::refuse(const stored_message& what, std::string reason) {
  tell_("message " + number(what.sequence) + ": " + std::move(reason));
  return false;
}

std::string store_target::finish() {
  auto nameless = std::ranges::count_if(
    athletes_, [this](auto id) { return !known_.has_profile(id); });
  auto result = number(athletes_.size()) + " athletes; activities: "
                + number(total_.created) + " new, " + number(total_.updated)
                + " changed, " + number(total_.deleted) + " gone\n";
  if (repeated_ > 0)
    result += number(repeated_) + " pages were stored before\n";
  if (left_ > 0)
    result += number(left_) + " messages left out: the athlete has left\n";
  if (nameless > 0)
    result += std::to_string(nameless)
              + " athletes are known by their number only: their profile was "
                "not recorded, or is too old\n";
  return result;
}

} // namespace stravasync
