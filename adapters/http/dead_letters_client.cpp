#include "adapters/http/dead_letters_client.hpp"

#include "adapters/http/json_text.hpp"
#include "adapters/http/url.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"
#include "messages/units.hpp"

#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace stravasync::http {

namespace {

constexpr auto path = std::string_view{"/api/v1/admin/dlq"};

caf::error no_such_answer() {
  return make_failure(ec::malformed,
                      "the node's answer is not of this version's form");
}

std::string text_of(simdjson::dom::element of, std::string_view name) {
  std::string_view text;
  return of[name].get_string().get(text) == simdjson::SUCCESS ? printable(text)
                                                              : std::string{};
}

std::uint64_t number_of(simdjson::dom::element of, std::string_view name) {
  auto number = std::uint64_t{0};
  return of[name].get_uint64().get(number) == simdjson::SUCCESS ? number : 0;
}

caf::expected<letter_lines> parse_lines(const std::string& document) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array items;
  if (parser.parse(document).get(root) != simdjson::SUCCESS
      || root["items"].get_array().get(items) != simdjson::SUCCESS)
    return no_such_answer();
  letter_lines result;
  result.next_cursor = text_of(root, "next_cursor");
  for (auto item : items)
    result.items.push_back({.id = number_of(item, "id"),
                            .durable = text_of(item, "durable"),
                            .subject = text_of(item, "subject"),
                            .reason = text_of(item, "reason"),
                            .dead_since = text_of(item, "dead_since"),
                            .attempts = number_of(item, "attempts"),
                            .problem = text_of(item, "problem"),
                            .json = printable(simdjson::minify(item))});
  return result;
}

} // namespace

caf::expected<letter_lines>
list_letters(const admin_client& node, const query::v1::ListDeadLetters& what) {
  auto target = std::string{path} + "?limit=" + std::to_string(what.limit());
  auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty() && value != "0")
      target += "&" + std::string{name} + "=" + percent_encode(value);
  };
  const auto& filter = what.filter();
  add("durable", filter.durable());
  add("reason", filter.reason_contains());
  add("athlete_id", std::to_string(filter.athlete_id()));
  add("older_than_s", std::to_string(filter.older_than_ms() / ms_per_s));
  add("newer_than_s", std::to_string(filter.newer_than_ms() / ms_per_s));
  add("cursor", what.cursor());
  auto answer = node.get(target);
  if (!answer)
    return answer.error();
  return parse_lines(*answer);
}

caf::expected<std::string>
show_letter(const admin_client& node, std::uint64_t id) {
  return node.get(std::string{path} + "/" + std::to_string(id));
}

caf::expected<letter_lines>
settle_letters(const admin_client& node, std::string_view verb,
               const query::v1::DeadLetterChoice& choice) {
  std::string body;
  {
    json_object document{body};
    document.flag("dry_run", choice.dry_run());
    if (choice.all()) {
      document.flag("all", true);
    } else {
      auto& out = document.value_of("ids");
      auto separator = '[';
      for (auto id : choice.ids())
        out += std::exchange(separator, ',') + std::to_string(id);
      out += ']';
    }
    const auto& filter = choice.filter();
    if (!filter.durable().empty())
      document.text("durable", filter.durable());
    if (!filter.reason_contains().empty())
      document.text("reason", filter.reason_contains());
    if (filter.athlete_id() > 0)
      document.number("athlete_id", filter.athlete_id());
    if (filter.older_than_ms() > 0)
      document.number("older_than_s", filter.older_than_ms() / ms_per_s);
    if (filter.newer_than_ms() > 0)
      document.number("newer_than_s", filter.newer_than_ms() / ms_per_s);
    if (!choice.cursor().empty())
      document.text("cursor", choice.cursor());
  }
  auto answer = node.post(std::string{path} + "/" + std::string{verb}, body);
  if (!answer)
    return answer.error();
  return parse_lines(*answer);
}

namespace {

bool are_objects(simdjson::dom::array rows) {
  return std::all_of(rows.begin(), rows.end(), [](simdjson::dom::element row) {
    return row.is_object();
  });
}

/// @returns the texts of an object one after the other.
std::string line_of(simdjson::dom::element row) {
  std::string result;
  simdjson::dom::object object;
  if (row.get_object().get(object) != simdjson::SUCCESS)
    return result;
  for (auto [name, value] : object) {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS)
      result += (result.empty() ? "" : "  ") + printable(text);
  }
  return result;
}

} // namespace

caf::expected<std::vector<document_field>>
fields_of(const std::string& document) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(document).get(object) != simdjson::SUCCESS)
    return no_such_answer();
  std::vector<document_field> result;
  for (auto [name, value] : object) {
    document_field field{std::string{name}, {}};
    std::string_view text;
    simdjson::dom::array rows;
    if (value.get_array().get(rows) == simdjson::SUCCESS && are_objects(rows)) {
      for (auto row : rows)
        result.push_back({field.name, line_of(row)});
      continue;
    }
    if (value.get_string().get(text) == simdjson::SUCCESS)
      field.value = printable(text);
    else if (!value.is_null())
      field.value = printable(simdjson::minify(value));
    result.push_back(std::move(field));
  }
  return result;
}

} // namespace stravasync::http
