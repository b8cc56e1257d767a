#include "actors/ports/entities.hpp"
#include "adapters/strava/json_columns.hpp"
#include "adapters/strava/strava_client.hpp"
#include "adapters/strava/timestamp.hpp"
#include "messages/error.hpp"

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

constexpr auto activity_columns = json_columns<activity_draft, 27>({{
  {"id", read_into<&activity_draft::id>},
  {"athlete", read_owner},
  {"map", read_map},
  {"name", read_into<&activity_draft::name>},
  {"sport_type", read_into<&activity_draft::sport_type>},
  {"type", read_into<&activity_draft::type>},
  {"start_date", read_time_into<&activity_draft::start_ms>},
  {"start_date_local", read_time_into<&activity_draft::local_ms>},
  {"timezone", read_into<&activity_draft::timezone>},
  {"utc_offset", read_into<&activity_draft::utc_offset_s>},
  {"distance", read_into<&activity_draft::distance_m>},
  {"moving_time", read_into<&activity_draft::moving_time_s>},
  {"elapsed_time", read_into<&activity_draft::elapsed_time_s>},
  {"total_elevation_gain", read_into<&activity_draft::total_elevation_gain_m>},
  {"visibility", read_into<&activity_draft::visibility>},
  {"private", read_into<&activity_draft::is_private>},
  {"manual", read_into<&activity_draft::manual>},
  {"trainer", read_into<&activity_draft::trainer>},
  {"commute", read_into<&activity_draft::commute>},
  {"gear_id", read_into<&activity_draft::gear_id>},
  {"device_name", read_into<&activity_draft::device_name>},
  {"average_speed", read_into<&activity_draft::average_speed_mps>},
  {"max_speed", read_into<&activity_draft::max_speed_mps>},
  {"average_heartrate", read_into<&activity_draft::average_heartrate_bpm>},
  {"max_heartrate", read_into<&activity_draft::max_heartrate_bpm>},
  {"average_cadence", read_into<&activity_draft::average_cadence_rpm>},
  {"average_watts", read_into<&activity_draft::average_watts>},
}});

constexpr auto athlete_columns = json_columns<athlete_draft, 8>({{
  {"id", read_into<&athlete_draft::id>},
  {"firstname", read_into<&athlete_draft::first_name>},
  {"lastname", read_into<&athlete_draft::last_name>},
  {"username", read_into<&athlete_draft::username>},
  {"city", read_into<&athlete_draft::city>},
  {"country", read_into<&athlete_draft::country>},
  {"profile", read_into<&athlete_draft::profile_url>},
  {"created_at", read_time_into<&athlete_draft::strava_created_at_ms>},
}});

caf::error malformed(std::string_view what, std::string_view problem) {
  return make_failure(ec::malformed,
                      std::string{what} + ": " + std::string{problem});
}

bool is_web_url(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

class decoder final : public strava_decoder {
public:
  caf::expected<athlete> decode_athlete(std::string_view json) const override {
    athlete_draft draft;
    if (auto problem = athlete_columns.read(json, draft); !problem.empty())
      return malformed("athlete", problem);
    if (draft.id <= 0)
      return malformed("athlete", "id is missing");
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
    if (auto problem = activity_columns.read(json, draft); !problem.empty())
      return malformed("activity", problem);
    if (draft.id <= 0)
      return malformed("activity", "id is missing");
    if (!draft.start_ms)
      return malformed("activity", "start_date is missing");
    draft.start_at_ms = *draft.start_ms;
    draft.start_local_at_ms = draft.local_ms.value_or(
      draft.start_at_ms + static_cast<unix_ms>(draft.utc_offset_s * 1'000));
    if (draft.sport_type.empty())
      draft.sport_type = std::move(draft.type);
    if (draft.visibility.empty() && draft.is_private)
      draft.visibility = "only_me";
    draft.raw = json;
    return activity{std::move(draft)};
  }
};

} // namespace

std::unique_ptr<strava_decoder> make_decoder() {
  return std::make_unique<decoder>();
}

} // namespace stravasync::strava
