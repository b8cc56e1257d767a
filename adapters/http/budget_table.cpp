#include "adapters/http/budget_table.hpp"

#include "adapters/http/text_table.hpp"

#include <simdjson.h>

#include <utility>
#include <vector>

namespace stravasync::http {

caf::expected<std::string> budget_table(std::string_view json) {
  using simdjson::dom::element;
  simdjson::dom::parser parser;
  element document;
  simdjson::dom::array gauges;
  auto confirmed = false;
  if (parser.parse(simdjson::padded_string{json}).get(document)
        != simdjson::SUCCESS
      || document["gauges"].get(gauges) != simdjson::SUCCESS
      || document["confirmed"].get(confirmed) != simdjson::SUCCESS)
    return foreign();
  std::vector<row> rows{{"LIMIT", "USED", "OF", "RESETS AT (UTC)"}};
  for (auto one : gauges)
    rows.push_back({text(one, "name"), number(one, "used"),
                    number(one, "limit"), time(one, "resets_at")});
  return aligned(rows) + "\nin flight: " + number(document, "in_flight")
         + (confirmed ? "\n" : "; no answer has confirmed the limits yet\n");
}

} // namespace stravasync::http
