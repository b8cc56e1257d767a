#include "actors/ports/entities.hpp"
#include "adapters/strava/activities_page.hpp"
#include "adapters/strava/json_columns.hpp"
#include "adapters/strava/json_text.hpp"
#include "adapters/strava/strava_client.hpp"
#include "adapters/strava/timestamp.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace stravasync::strava {

namespace {

/// Columns under construction, and fields that others fall back to.
struct activity_draft : activity {
  std::string type;
  bool is_private = false;
  std::optional<unix_ms> start_ms;
  std::optional<unix_ms> local_ms;
};

struct athlete_draft : athlete {
  std::string first_name;
  std::string last_name;
};

simdjson::error_code read_owner(json_value& from, activity_draft& row) {
  ondemand::object owner;
  if (auto error = from.get_object().get(owner))
    return error;
  auto id = owner.find_field_unordered("id");
  if (id.error() == simdjson::NO_SUCH_FIELD)
    return simdjson::SUCCESS;
  return id.get_int64().get(row.athlete_id);
}

simdjson::error_code read_map(json_value& from, activity_draft& row) {
  ondemand::object map;
  if (auto error = from.get_object().get(map))
    return error;
  json_value line;
  auto error = map.find_field_unordered("summary_polyline").get(line);
  if (error == simdjson::NO_SUCH_FIELD)
    return simdjson::SUCCESS;
  if (error != simdjson::SUCCESS)
    return error;
  return read_unless_null(line, row.summary_polyline);
}

// What the columns take, as an error says it.
constexpr auto an_id = std::string_view{"must be a whole number above 0"};
constexpr auto an_owner = std::string_view{"must be an object with an id"};
constexpr auto a_map = std::string_view{"must be an object with texts"};
constexpr auto a_text = std::string_view{"must be text"};
constexpr auto a_flag = std::string_view{"must be true or false"};
constexpr auto a_number = std::string_view{"must be a number"};
constexpr auto a_whole_number = std::string_view{"must be a whole number"};
constexpr auto a_time = std::string_view{
  "must be a time of the years 1 to 9999 such as 2018-02-16T14:52:54Z"};

constexpr auto an_offset = std::string_view{"must be within a day"};
constexpr auto offset_max_s = 86'400.0;

/// Takes it as text, too.
template <auto Member, class Row>
simdjson::error_code read_id_into(json_value& from, Row& row) {
  auto json = from.raw_json_token();
  auto id = parse_id(json.substr(0, json.find_last_not_of(" \t\r\n") + 1));
  if (!id)
    return simdjson::INCORRECT_TYPE;
  row.*Member = *id;
  return simdjson::SUCCESS;
}

constexpr auto activity_columns = json_columns<activity_draft, 27>({{
  {"id", read_id_into<&activity_draft::id>, an_id},
  {"athlete", read_owner, an_owner},
  {"map", read_map, a_map},
  {"name", read_into<&activity_draft::name>, a_text},
  {"sport_type", read_into<&activity_draft::sport_type>, a_text},
  {"type", read_into<&activity_draft::type>, a_text},
  {"start_date", read_time_into<&activity_draft::start_ms>, a_time},
  {"start_date_local", read_time_into<&activity_draft::local_ms>, a_time},
  {"timezone", read_into<&activity_draft::timezone>, a_text},
  {"utc_offset", read_into<&activity_draft::utc_offset_s>, a_number},
  {"distance", read_into<&activity_draft::distance_m>, a_number},
  {"moving_time", read_into<&activity_draft::moving_time_s>, a_whole_number},
  {"elapsed_time", read_into<&activity_draft::elapsed_time_s>, a_whole_number},
  {"total_elevation_gain", read_into<&activity_draft::total_elevation_gain_m>,
   a_number},
  {"visibility", read_into<&activity_draft::visibility>, a_text},
  {"private", read_into<&activity_draft::is_private>, a_flag},
  {"manual", read_into<&activity_draft::manual>, a_flag},
  {"trainer", read_into<&activity_draft::trainer>, a_flag},
  {"commute", read_into<&activity_draft::commute>, a_flag},
  {"gear_id", read_into<&activity_draft::gear_id>, a_text},
  {"device_name", read_into<&activity_draft::device_name>, a_text},
  {"average_speed", read_into<&activity_draft::average_speed_mps>, a_number},
  {"max_speed", read_into<&activity_draft::max_speed_mps>, a_number},
  {"average_heartrate", read_into<&activity_draft::average_heartrate_bpm>,
   a_number},
  {"max_heartrate", read_into<&activity_draft::max_heartrate_bpm>, a_number},
  {"average_cadence", read_into<&activity_draft::average_cadence_rpm>,
   a_number},
  {"average_watts", read_into<&activity_draft::average_watts>, a_number},
}});

constexpr auto athlete_columns = json_columns<athlete_draft, 8>({{
  {"id", read_id_into<&athlete_draft::id>, an_id},
  {"firstname", read_into<&athlete_draft::first_name>, a_text},
  {"lastname", read_into<&athlete_draft::last_name>, a_text},
  {"username", read_into<&athlete_draft::username>, a_text},
  {"city", read_into<&athlete_draft::city>, a_text},
  {"country", read_into<&athlete_draft::country>, a_text},
  {"profile", read_into<&athlete_draft::profile_url>, a_text},
  {"created_at", read_time_into<&athlete_draft::strava_created_at_ms>, a_time},
}});

/// "activity 5: start_date is null, must be a time".
caf::error malformed(const std::string& what, std::string_view json,
                     const column_fault& fault) {
  auto tell = [&](std::string_view field, std::string_view value,
                  std::string_view rule, const std::string& place) {
    auto name = field.empty() ? std::string{} : std::string{field} + " ";
    return make_failure(ec::malformed, what + ": " + name + "is " + shown(value)
                                         + place + ", " + std::string{rule});
  };
  // What is no JSON comes first: the rest may follow from it.
  if (auto broken = find_fault(json))
    return tell(broken->field, broken->value, broken->rule,
                " (byte " + std::to_string(broken->offset) + ")");
  if (fault.key.empty())
    return tell({}, json, fault.rule, {});
  return tell(fault.key, member_text(json, fault.key), fault.rule, {});
}

caf::error no_activity(std::string_view json, const column_fault& fault) {
  auto id = parse_id(member_text(json, "id"));
  return malformed(id ? "activity " + std::to_string(*id)
                      : "an activity of unknown id",
                   json, fault);
}

/// @returns whether a text that was read as JSON may hold what this parser lets
/// pass in strings: halves of surrogate pairs.
bool may_hold_surrogate(std::string_view json) {
  for (auto at = json.find("\\u"); at != std::string_view::npos;
       at = json.find("\\u", at + 2)) {
    auto digits = json.substr(at + 2, 2);
    if (digits.size() == 2 && (digits[0] | 0x20) == 'd' && digits[1] >= '8')
      return true;
  }
  return false;
}

/// Columns are read in passing; this looks at everything, too.
bool is_json(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  return parser.parse(json.data(), json.size()).error() == simdjson::SUCCESS
         && !(may_hold_surrogate(json) && find_fault(json));
}

/// A local time has to stay one that can be written, too.
unix_ms within_calendar(unix_ms at) {
  return std::clamp(at, timestamp_min, timestamp_max);
}

bool is_web_url(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

class decoder final : public strava_decoder {
public:
  caf::expected<athlete> decode_athlete(std::string_view json) const override {
    athlete_draft draft;
    if (auto fault = athlete_columns.read(json, draft))
      return malformed("athlete", json, *fault);
    if (draft.id <= 0)
      return malformed("athlete", json, {"id", an_id});
    draft.name = std::move(draft.first_name);
    if (!draft.name.empty() && !draft.last_name.empty())
      draft.name += ' ';
    draft.name += draft.last_name;
    if (!is_web_url(draft.profile_url))
      draft.profile_url.clear();
    draft.raw = json;
    return athlete{std::move(draft)};
  }

  caf::expected<activity>
  decode_activity(std::string_view json) const override {
    activity_draft draft;
    if (auto fault = activity_columns.read(json, draft))
      return no_activity(json, *fault);
    if (draft.id <= 0)
      return no_activity(json, {"id", an_id});
    if (!draft.start_ms)
      return no_activity(json, {"start_date", a_time});
    if (std::abs(draft.utc_offset_s) > offset_max_s)
      return no_activity(json, {"utc_offset", an_offset});
    if (!is_json(json))
      return no_activity(json, {{}, "must be JSON"});
    draft.start_at_ms = *draft.start_ms;
    draft.start_local_at_ms = draft.local_ms.value_or(within_calendar(
      draft.start_at_ms + static_cast<unix_ms>(draft.utc_offset_s * 1'000)));
    if (draft.sport_type.empty())
      draft.sport_type = std::move(draft.type);
    if (draft.visibility.empty() && draft.is_private)
      draft.visibility = "only_me";
    draft.raw = json;
    return activity{std::move(draft)};
  }

  std::int64_t id_of(std::string_view json) const override {
    return parse_id(member_text(json, "id")).value_or(0);
  }

  activities_response read_list(const std::string& body) const override {
    return parse_activities(body);
  }
};

} // namespace

std::unique_ptr<strava_decoder> make_decoder() {
  return std::make_unique<decoder>();
}

} // namespace stravasync::strava
