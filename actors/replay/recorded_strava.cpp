#include "actors/replay/recorded_strava.hpp"

#include "actors/dead_letter.hpp"
#include "actors/replay/recording.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/redriven.hpp"
#include "messages/units.hpp"

#include <utility>

namespace stravasync {

namespace {

caf::error no_outside_calls() {
  return make_failure(ec::unavailable,
                      "no outside calls in replay, and no page was recorded "
                      "for this job");
}

} // namespace

activities_response answer_behind(const ingest::v1::ActivitiesPage& page,
                                  const jobs::v1::ListPosition& position,
                                  const strava_decoder& decoder) {
  activities_response result;
  // Their second is the one that the position's bound is next to.
  auto boundary_s = position.has_after_s() ? position.after_s() + 1
                                           : position.before_s() - 1;
  for (auto id : position.seen_ids())
    result.items.push_back({id, boundary_s, {}});
  for (const auto& json : page.activities_json()) {
    auto& item = result.items.emplace_back();
    item.json = json;
    item.id = decoder.id_of(json);
    if (auto row = decoder.decode_activity(json)) {
      item.id = row->id;
      item.start_s = row->start_at_ms / ms_per_s;
    }
  }
  return result;
}

caf::expected<fetched_page>
recorded_answer(const std::shared_ptr<stream_catalog>& from,
                const jobs::v1::SyncAthlete& job,
                const strava_decoder& decoder) {
  ingest::v1::ActivitiesPage page;
  page.set_athlete_id(job.athlete_id());
  page.set_run_id(job.run_id());
  auto pages = recording::open(from,
                               {.stream = std::string{stream_of(page)},
                                .subject = make_envelope(page, {}).subject});
  if (!pages)
    return code_of(pages.error()) == ec::not_found ? no_outside_calls()
                                                   : pages.error();
  while (true) {
    auto next = pages->next();
    if (!next)
      return next.error();
    if (!*next)
      return no_outside_calls();
    if (decode((*next)->message, page)
        && page.page_number() == job.page_number())
      return fetched_page{std::make_shared<const activities_response>(
        answer_behind(page, job.position(), decoder))};
  }
}

fetched_page
answer_kept(const envelope& letter, const strava_decoder& decoder) {
  if (letter.header_or_empty(header::unread_at).empty())
    return nullptr;
  auto kept = describe_dead_letter({.message = letter}, true);
  auto is_whole = kept.unread().size() == kept.unread_bytes();
  if (is_whole)
    return std::make_shared<const activities_response>(
      decoder.read_list(kept.unread()));
  activities_response result;
  result.unreadable = {kept.reason(), kept.unread(), kept.unread_at(),
                       kept.unread_bytes()};
  return std::make_shared<const activities_response>(std::move(result));
}

void answer_at_hand::set(caf::expected<fetched_page> answer) {
  auto lock = std::lock_guard{mutex_};
  answer_ = std::move(answer);
}

caf::expected<fetched_page> answer_at_hand::get() const {
  auto lock = std::lock_guard{mutex_};
  return answer_;
}

strava_client_actor::behavior_type
recorded_strava(strava_client_actor::pointer,
                std::shared_ptr<const answer_at_hand> answer) {
  return {
    [answer = std::move(answer)](
      const fetch_page&) -> caf::result<fetched_page> {
      auto got = answer->get();
      if (!got)
        return got.error();
      return *got;
    },
  };
}

tokens_actor::behavior_type recorded_tokens(tokens_actor::pointer) {
  return {
    [](const query::v1::LeaseToken&) {
      query::v1::AccessToken result;
      result.set_access_token("replay");
      return result;
    },
    [](const retry_save&) {
      // It saves nothing.
    },
  };
}

outbox_relay_actor::behavior_type no_relay(outbox_relay_actor::pointer) {
  return {
    [](outbox_filled) {
      // What waits there stays in the scratch store.
    },
    [](outbox_poll) {
      // As above.
    },
    [](outbox_retry) {
      // As above.
    },
  };
}

} // namespace stravasync
