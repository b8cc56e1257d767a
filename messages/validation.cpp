#include "messages/validation.hpp"

#include "messages/athletes.pb.h"
#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/profile.pb.h"
#include "messages/rules.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace stravasync {

namespace {

constexpr auto page_number_max = rules::page_number_max;
constexpr auto run_id_bytes_max = rules::run_id_bytes_max;
constexpr auto text_bytes_max = rules::text_bytes_max;
constexpr auto elements_of_page_max = 1'000;
constexpr auto seen_ids_max = 100'000;
constexpr auto headers_bytes_max = std::size_t{32} << 10;
constexpr auto athlete_bytes_max = std::size_t{1} << 20;
constexpr auto athletes_of_page_max = 200;
constexpr auto cursor_bytes_max = std::size_t{256};

std::string fault_in(const jobs::v1::ListPosition& x, const std::string& of) {
  return rules{of}
    .seconds("before_s", x.before_s())
    .seconds("after_s", x.after_s())
    .must(x.page() <= page_number_max, "page", "at most 1000000")
    .must(x.seen_ids_size() <= seen_ids_max, "seen_ids", "at most 100000")
    .must(x.seen_digests_size() <= seen_ids_max, "seen_digests",
          "at most 100000")
    .seconds("reached_s", x.reached_s())
    .fault();
}

std::string
fault_in(const jobs::v1::SyncAthlete& x, const std::string& of = {}) {
  return rules{of}
    .id("athlete_id", x.athlete_id())
    .run_id(x.run_id())
    .known("mode", jobs::v1::SyncMode_IsValid(x.mode()))
    .known("lane", jobs::v1::Lane_IsValid(x.lane()))
    .page_number(x.page_number())
    .time("run_started_at_ms", x.run_started_at_ms())
    .keeps(fault_in(x.position(), of + "position."))
    .fault();
}

std::string fault_in(const ingest::v1::ActivitiesPage& x) {
  auto result = rules{};
  result.id("athlete_id", x.athlete_id())
    .run_id(x.run_id())
    .known("mode", jobs::v1::SyncMode_IsValid(x.mode()))
    .page_number(x.page_number())
    .time("fetched_at_ms", x.fetched_at_ms())
    .time("run_started_at_ms", x.run_started_at_ms())
    .must(x.activities_json_size() <= elements_of_page_max, "activities_json",
          "at most 1000 elements");
  if (x.has_next())
    result.keeps(fault_in(x.next(), "next."))
      .must(x.next().athlete_id() == x.athlete_id()
              && x.next().run_id() == x.run_id(),
            "next", "of the same run");
  return result.fault();
}

std::string fault_in(const ingest::v1::DeletionsConfirmed& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .time("at_ms", x.at_ms())
    .time("missing_since_ms", x.missing_since_ms())
    .fault();
}

std::string fault_in(const ingest::v1::AthleteProfile& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .text("scope", x.scope())
    .time("connected_at_ms", x.connected_at_ms())
    .text("athlete_json", x.athlete_json(), athlete_bytes_max)
    .fault();
}

std::string fault_in(const events::v1::SyncHeldUp& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .run_id(x.run_id())
    .known("mode", jobs::v1::SyncMode_IsValid(x.mode()))
    .page_number(x.page_number())
    .known("state", events::v1::SyncState_IsValid(x.state()))
    .text("reason", x.reason())
    .time("resumes_at_ms", x.resumes_at_ms())
    .time("at_ms", x.at_ms())
    .time("run_started_at_ms", x.run_started_at_ms())
    .fault();
}

std::string fault_in(const events::v1::SyncProgressed& x) {
  const auto& now = x.status();
  return rules{}
    .id("athlete_id", x.athlete_id())
    .text("run_id", now.run_id(), run_id_bytes_max)
    .known("mode", jobs::v1::SyncMode_IsValid(now.mode()))
    .known("state", events::v1::SyncState_IsValid(now.state()))
    .text("reason", now.reason())
    .time("started_at_ms", now.started_at_ms())
    .time("updated_at_ms", now.updated_at_ms())
    .time("finished_at_ms", now.finished_at_ms())
    .time("resumes_at_ms", now.resumes_at_ms())
    .time("missing_since_ms", now.missing_since_ms())
    .fault();
}

std::string fault_in(const events::v1::AthleteConnected& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .text("scope", x.scope())
    .time("at_ms", x.at_ms())
    .fault();
}

std::string fault_in(const events::v1::AthleteDisconnected& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .time("at_ms", x.at_ms())
    .fault();
}

std::string fault_in(const events::v1::ActivityStored& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .run_id(x.run_id())
    .time("at_ms", x.at_ms())
    .fault();
}

std::string fault_in(const query::v1::LeaseToken& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .text("rejected", x.rejected())
    .fault();
}

std::string fault_in(const query::v1::ListAthletes& x) {
  return rules{}.text("cursor", x.cursor(), cursor_bytes_max).fault();
}

std::string fault_in(const query::v1::GetAthlete& x) {
  return rules{}.id("id", x.id()).fault();
}

std::string fault_in(const query::v1::DisconnectAthlete& x) {
  return rules{}.id("id", x.id()).fault();
}

std::string fault_in(const query::v1::StartSync& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .known("mode", jobs::v1::SyncMode_IsValid(x.mode()))
    .fault();
}

std::string fault_in(const query::v1::ConfirmDeletions& x) {
  return rules{}
    .id("athlete_id", x.athlete_id())
    .must(x.missing_activities() > 0, "missing_activities", "above 0")
    .fault();
}

std::string fault_in(const query::v1::GetSync& x) {
  return rules{}.id("athlete_id", x.athlete_id()).fault();
}

// What another node answers. A choice may be of a newer version's: an athlete
// in a state that this one does not know must not stop the others' schedules.

std::string fault_in(const query::v1::AccessToken& x) {
  // It goes into a header of HTTP.
  auto fits = [](char c) { return c > ' ' && c < '\x7F'; };
  const auto& text = x.access_token();
  return rules{}
    .must(!text.empty() && text.size() <= text_bytes_max
            && std::ranges::all_of(text, fits),
          "access_token", "1 to 4096 visible letters of ASCII")
    .time("expires_at_ms", x.expires_at_ms())
    .fault();
}

std::string fault_in(const query::v1::AthleteList& x) {
  auto result = rules{};
  result.must(x.items_size() <= athletes_of_page_max, "items", "at most 200")
    .text("next_cursor", x.next_cursor(), cursor_bytes_max);
  for (const auto& one : x.items())
    result.keeps(rules{"items."}
                   .id("id", one.id())
                   .time("newest_start_ms", one.newest_start_ms())
                   .fault());
  return result.fault();
}

/// Looks for the type that `message` is among those that have rules.
template <class... Types>
std::string first_fault(const google::protobuf::Message& message) {
  std::string result;
  auto look = [&]<class T>(const T*) {
    if (message.GetDescriptor() != T::descriptor())
      return false;
    result = fault_in(static_cast<const T&>(message));
    return true;
  };
  static_cast<void>((look(static_cast<const Types*>(nullptr)) || ...));
  return result;
}

} // namespace

std::string fault_of(const google::protobuf::Message& message) {
  return first_fault<
    jobs::v1::SyncAthlete, ingest::v1::ActivitiesPage,
    ingest::v1::DeletionsConfirmed, ingest::v1::AthleteProfile,
    events::v1::SyncHeldUp, events::v1::SyncProgressed,
    events::v1::AthleteConnected, events::v1::AthleteDisconnected,
    events::v1::ActivityStored, query::v1::LeaseToken, query::v1::ListAthletes,
    query::v1::GetAthlete, query::v1::DisconnectAthlete, query::v1::StartSync,
    query::v1::ConfirmDeletions, query::v1::GetSync, query::v1::AccessToken,
    query::v1::AthleteList>(message);
}

std::string fault_of(const header_map& headers) {
  auto bytes = std::size_t{0};
  for (const auto& [name, value] : headers) {
    if (value.size() > text_bytes_max)
      return "header " + name.substr(0, run_id_bytes_max) + " must be at most "
             + std::to_string(text_bytes_max) + " bytes";
    bytes += name.size() + value.size();
  }
  return bytes > headers_bytes_max
           ? "headers must be at most " + std::to_string(headers_bytes_max)
               + " bytes together"
           : std::string{};
}

} // namespace stravasync
