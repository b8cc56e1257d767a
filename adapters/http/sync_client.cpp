#include "adapters/http/sync_client.hpp"

#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <simdjson.h>

#include <string_view>

namespace stravasync::http {

namespace {

std::string sync_target(std::int64_t athlete_id) {
  return "/api/v1/athletes/" + std::to_string(athlete_id) + "/sync";
}

} // namespace

caf::expected<missing_activities>
find_missing(const admin_client& node, std::int64_t athlete_id) {
  auto got = node.get(sync_target(athlete_id));
  if (!got)
    return got.error();
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::element missing;
  missing_activities result;
  std::string_view since;
  if (parser.parse(simdjson::padded_string{*got}).get(document)
        != simdjson::SUCCESS
      || document["missing"].get(missing) != simdjson::SUCCESS)
    return make_failure(ec::malformed, "the node did not tell what is missing");
  if (missing.is_null())
    return result;
  if (missing["activities"].get(result.count) != simdjson::SUCCESS
      || missing["since"].get(since) != simdjson::SUCCESS)
    return make_failure(ec::malformed, "the node did not tell what is missing");
  result.since = printable(since);
  return result;
}

caf::error confirm_missing(const admin_client& node, std::int64_t athlete_id,
                           std::int64_t count) {
  auto got = node.post(sync_target(athlete_id) + "/confirm",
                       "{\"missing\":" + std::to_string(count) + "}");
  return got ? caf::error{} : got.error();
}

} // namespace stravasync::http
