#include "actors/replay/athlete_book.hpp"

#include "actors/replay/recording.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "messages/profile.pb.h"

#include <functional>
#include <iterator>
#include <utility>

namespace stravasync {

namespace {

/// Calls `visit` with every recorded message of `Message`'s type. A stream that
/// is not there has none.
template <class Message>
caf::error each_recorded(const std::shared_ptr<stream_catalog>& from,
                         const std::function<void(const Message&)>& visit) {
  auto all = recording::open(from, {.stream = std::string{stream_of(Message{})},
                                    .subject = subject_filter(Message{})});
  if (!all)
    return code_of(all.error()) == ec::not_found ? caf::error{} : all.error();
  while (true) {
    auto next = all->next();
    if (!next)
      return next.error();
    if (!*next)
      return {};
    Message message;
    if (decode((*next)->message, message))
      visit(message);
  }
}

} // namespace

caf::expected<athlete_book>
athlete_book::read(const std::shared_ptr<stream_catalog>& from,
                   const strava_decoder& decoder) {
  athlete_book result;
  auto left = [&](const events::v1::AthleteDisconnected& fact) {
    result.entries_[fact.athlete_id()].left_at_ms = fact.at_ms();
  };
  auto connected = [&](const events::v1::AthleteConnected& fact) {
    result.note_connected(fact.athlete_id(), fact.scope(), fact.at_ms());
  };
  auto profile = [&](const ingest::v1::AthleteProfile& what) {
    auto row = decoder.decode_athlete(what.athlete_json());
    auto& known = result.entries_[what.athlete_id()];
    if (row && row->id == what.athlete_id()) {
      row->connected_at_ms = known.row.connected_at_ms;
      known.row = std::move(*row);
      known.profile = true;
    }
    result.note_connected(what.athlete_id(), what.scope(),
                          what.connected_at_ms());
  };
  // Who left first: what was before that does not count.
  if (auto why = each_recorded<events::v1::AthleteDisconnected>(from, left))
    return why;
  if (auto why = each_recorded<events::v1::AthleteConnected>(from, connected))
    return why;
  if (auto why = each_recorded<ingest::v1::AthleteProfile>(from, profile))
    return why;
  return result;
}

void athlete_book::note_connected(std::int64_t id, const std::string& scope,
                                  unix_ms at) {
  auto& known = entries_[id];
  known.row.id = id;
  known.row.scope = scope;
  known.scopes[at] = scope;
  // The first consent counts, later ones only renew it.
  auto first = known.row.connected_at_ms;
  if (at > known.left_at_ms && (first == 0 || at < first))
    known.row.connected_at_ms = at;
}

athlete athlete_book::find(std::int64_t id) const {
  auto found = entries_.find(id);
  auto result = found == entries_.end() ? athlete{} : found->second.row;
  result.id = id;
  if (found == entries_.end() || !found->second.profile) {
    result.name = "Athlete " + std::to_string(id);
    result.raw = R"({"id":)" + std::to_string(id) + "}";
  }
  return result;
}

bool athlete_book::has_profile(std::int64_t id) const {
  auto found = entries_.find(id);
  return found != entries_.end() && found->second.profile;
}

std::string athlete_book::scope_at(std::int64_t id, unix_ms at) const {
  auto found = entries_.find(id);
  if (found == entries_.end() || found->second.scopes.empty())
    return {};
  const auto& scopes = found->second.scopes;
  auto later = scopes.upper_bound(at);
  return later == scopes.begin() ? later->second : std::prev(later)->second;
}

bool athlete_book::has_left(std::int64_t id, unix_ms stored_at_ms) const {
  auto found = entries_.find(id);
  if (found == entries_.end() || found->second.left_at_ms == 0)
    return false;
  auto returned = found->second.row.connected_at_ms > found->second.left_at_ms;
  return !returned || stored_at_ms <= found->second.left_at_ms;
}

} // namespace stravasync
