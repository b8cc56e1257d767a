#include "adapters/http/node_table.hpp"

#include "adapters/http/text_table.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <cstdint>

namespace stravasync::http {

namespace {

using simdjson::dom::element;

std::string roles_of(element node) {
  std::string result;
  simdjson::dom::array roles;
  if (node["roles"].get(roles) != simdjson::SUCCESS)
    return "-";
  for (auto role : roles) {
    std::string_view name;
    if (role.get(name) == simdjson::SUCCESS)
      result += (result.empty() ? "" : ",") + printable(name);
  }
  return result.empty() ? "-" : result;
}

/// What the node says does not work, "-" if all does.
std::string parts_in_words(element tree) {
  std::string result;
  simdjson::dom::array parts;
  if (tree["parts"].get(parts) != simdjson::SUCCESS)
    return "-"; // An older node's.
  for (auto part : parts)
    if (auto why = text(part, "problem"); why != "-")
      result += (result.empty() ? "" : "; ") + text(part, "part") + ": " + why;
  return result.empty() ? "-" : result;
}

/// How many of its actors are up, their restarts, and what does not work: a
/// part of the node, else the first actor that is not up.
row actors_in_words(const caf::expected<std::string>& answer) {
  if (!answer)
    return {"-", "-", detail_of(answer.error())};
  simdjson::dom::parser parser;
  element tree;
  simdjson::dom::array actors;
  if (parser.parse(simdjson::padded_string{*answer}).get(tree)
        != simdjson::SUCCESS
      || tree["nodes"].get(actors) != simdjson::SUCCESS)
    return {"-", "-", detail_of(foreign())};
  auto up = 0;
  auto all = 0;
  auto restarts = std::int64_t{0};
  std::string trouble;
  for (auto actor : actors) {
    ++all;
    std::int64_t again = 0;
    if (actor["restarts"].get(again) == simdjson::SUCCESS)
      restarts += again;
    if (text(actor, "state") == "up")
      ++up;
    else if (trouble.empty())
      trouble = text(actor, "path") + " is " + text(actor, "state") + ": "
                + text(actor, "last_error");
  }
  if (auto parts = parts_in_words(tree); parts != "-")
    trouble = parts;
  return {std::to_string(up) + "/" + std::to_string(all),
          std::to_string(restarts), trouble.empty() ? "-" : trouble};
}

row line_of(element node, const actors_question& ask) {
  row line{text(node, "id"), text(node, "state"), roles_of(node),
           text(node, "version"), time(node, "started_at")};
  auto actors = line[1] == "up" ? actors_in_words(ask(line[0]))
                                : row{"-", "-", "nothing is heard of it"};
  line.insert(line.end(), actors.begin(), actors.end());
  return line;
}

} // namespace

caf::expected<std::string>
nodes_table(std::string_view json, const actors_question& ask) {
  simdjson::dom::parser parser;
  simdjson::dom::array items;
  if (parser.parse(simdjson::padded_string{json})["items"].get(items)
      != simdjson::SUCCESS)
    return foreign();
  std::vector<row> rows{{"NODE", "STATE", "ROLES", "VERSION", "STARTED (UTC)",
                         "ACTORS UP", "RESTARTS", "PROBLEM"}};
  for (auto node : items)
    rows.push_back(line_of(node, ask));
  if (rows.size() == 1)
    return std::string{"no node has said yet that it is there\n"};
  return aligned(rows);
}

} // namespace stravasync::http
