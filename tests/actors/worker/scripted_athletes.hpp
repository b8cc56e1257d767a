#pragma once

#include "actors/protocols/athletes.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stravasync {

/// The athletes there are, in pages whose cursor is the index of the first.
struct athletes_script {
  std::vector<query::v1::Athlete> all;
  std::vector<std::string> cursors; // Asked for.
  caf::error failure;               // Instead of the next page.
};

inline query::v1::AthleteList
page_of(const athletes_script& script, const query::v1::ListAthletes& x) {
  auto begin = x.cursor().empty() ? 0 : std::stoul(x.cursor());
  auto end = std::min(begin + x.limit(), script.all.size());
  query::v1::AthleteList result;
  for (auto i = begin; i < end; ++i)
    *result.add_items() = script.all[i];
  if (end < script.all.size())
    result.set_next_cursor(std::to_string(end));
  return result;
}

inline athletes_actor::behavior_type
scripted_athletes(athletes_actor::pointer,
                  std::shared_ptr<athletes_script> script) {
  auto unasked = [] { return make_failure(ec::internal, "not asked for"); };
  return {
    [=](
      const query::v1::ListAthletes& x) -> caf::result<query::v1::AthleteList> {
      script->cursors.push_back(x.cursor());
      if (auto why = std::exchange(script->failure, {}))
        return why;
      return page_of(*script, x);
    },
    [=](const query::v1::GetAthlete&) -> caf::result<query::v1::Athlete> {
      return unasked();
    },
    [=](const query::v1::DisconnectAthlete&)
      -> caf::result<query::v1::Disconnected> { return unasked(); },
    [=](const query::v1::StartSync&) -> caf::result<events::v1::SyncStatus> {
      return unasked();
    },
    [=](const query::v1::ConfirmDeletions&)
      -> caf::result<events::v1::SyncStatus> { return unasked(); },
    [=](const query::v1::GetSync&) -> caf::result<events::v1::SyncStatus> {
      return unasked();
    },
  };
}

/// Adds athletes, numbered from 1, who want scheduled runs.
inline void add_athletes(athletes_script& to, std::int64_t count) {
  for (auto id = 1; id <= count; ++id) {
    auto& who = to.all.emplace_back();
    who.set_id(id);
    who.mutable_sync()->set_state(events::v1::SYNC_STATE_COMPLETE);
  }
}

} // namespace stravasync
