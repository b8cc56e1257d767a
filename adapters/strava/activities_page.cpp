#include "adapters/strava/activities_page.hpp"

#include "adapters/strava/timestamp.hpp"
#include "messages/error.hpp"

#include <simdjson.h>

#include <utility>
#include <vector>

namespace stravasync::strava {

namespace {

namespace dom = simdjson::dom;
namespace ondemand = simdjson::ondemand;

caf::error nonsense(const std::string& detail) {
  return make_failure(ec::upstream_failed,
                      "Strava's list of activities " + detail);
}

std::string_view without_trailing_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

/// Fills `item` less its text. @returns what is missing, or nothing.
std::string_view read_element(dom::element from, listed_activity& item) {
  if (!from.is_object())
    return "is no object";
  if (from["id"].get(item.id) != simdjson::SUCCESS || item.id <= 0)
    return "has no valid id";
  std::string_view start;
  if (from["start_date"].get(start) != simdjson::SUCCESS)
    return "has no start_date";
  auto start_ms = parse_timestamp(start);
  if (!start_ms)
    return "has a start_date that is no time";
  item.start_s = *start_ms / 1'000;
  return {};
}

/// Copies the text of each element. The tree of the other parser knows values
/// but not where they stood.
simdjson::error_code read_texts(const simdjson::padded_string_view& body,
                                std::vector<listed_activity>& items) {
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array elements;
  if (auto error = parser.iterate(body).get(document))
    return error;
  if (auto error = document.get_array().get(elements))
    return error;
  auto item = items.begin();
  for (auto element : elements) {
    ondemand::object object;
    std::string_view text;
    if (auto error = element.get_object().get(object))
      return error;
    if (auto error = object.raw_json().get(text))
      return error;
    item++->json = without_trailing_blanks(text);
  }
  return simdjson::SUCCESS;
}

} // namespace

caf::expected<activities_response> parse_activities(std::string body) {
  auto size = body.size();
  body.reserve(size + simdjson::SIMDJSON_PADDING);
  dom::parser parser;
  dom::element document;
  if (auto error = parser.parse(body.data(), size, false).get(document))
    return nonsense(std::string{"is no complete JSON: "}
                    + simdjson::error_message(error));
  dom::array elements;
  if (document.get(elements) != simdjson::SUCCESS)
    return nonsense("is no JSON array");
  activities_response result;
  result.items.reserve(elements.size());
  for (auto element : elements) {
    auto& item = result.items.emplace_back();
    if (auto problem = read_element(element, item); !problem.empty())
      return nonsense("is unusable: element "
                      + std::to_string(result.items.size() - 1) + " "
                      + std::string{problem});
  }
  auto padded = simdjson::padded_string_view(body.data(), size,
                                             body.capacity());
  if (auto error = read_texts(padded, result.items))
    return nonsense(std::string{"cannot be split: "}
                    + simdjson::error_message(error));
  return result;
}

} // namespace stravasync::strava
