#include "adapters/http/schedule_table.hpp"

#include "adapters/http/text_table.hpp"

#include <simdjson.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace stravasync::http {

namespace {

using simdjson::dom::element;

std::string duration(element of) {
  double found = 0;
  if (of["duration_s"].get(found) != simdjson::SUCCESS)
    return "-";
  constexpr auto s_per_min = std::int64_t{60};
  constexpr auto tenths = 10;
  auto whole = static_cast<std::int64_t>(found);
  if (whole >= s_per_min)
    return std::to_string(whole / s_per_min) + "m "
           + std::to_string(whole % s_per_min) + "s";
  auto in_tenths = std::lround(found * tenths);
  return std::to_string(in_tenths / tenths) + "."
         + std::to_string(in_tenths % tenths) + "s";
}

/// A line for each schedule that is behind, after an empty one.
std::string problems_of(simdjson::dom::array schedules) {
  std::string lines;
  for (auto item : schedules)
    if (auto why = text(item, "problem"); why != "-")
      lines += text(item, "name") + " " + why + "\n";
  return lines.empty() ? lines : "\n" + lines;
}

} // namespace

caf::expected<std::string> schedules_table(std::string_view json) {
  simdjson::dom::parser parser;
  element document;
  simdjson::dom::array items;
  if (parser.parse(simdjson::padded_string{json}).get(document)
        != simdjson::SUCCESS
      || document["items"].get(items) != simdjson::SUCCESS)
    return foreign();
  std::string out;
  element leader;
  if (document["leader"].get(leader) == simdjson::SUCCESS && leader.is_object())
    out = "leader: " + text(leader, "node") + ", since " + time(leader, "since")
          + ", renewed " + time(leader, "renewed_at") + "\n\n";
  else
    out = "leader: none\n\n";
  std::vector<row> rows{{"NAME", "PLAN", "NEXT RUN (UTC)", "LAST RUN (UTC)",
                         "STATE", "JOBS", "DURATION"}};
  for (auto item : items) {
    row line{text(item, "name"), text(item, "plan"), time(item, "next_run_at")};
    element run;
    if (item["last_run"].get(run) == simdjson::SUCCESS && run.is_object())
      line.insert(line.end(), {time(run, "slot"), text(run, "state"),
                               number(run, "jobs_published"), duration(run)});
    else
      line.insert(line.end(), {"-", "-", "-", "-"});
    rows.push_back(std::move(line));
  }
  if (rows.size() == 1)
    return out + "no schedule has been planned yet\n";
  return out + aligned(rows) + problems_of(items);
}

caf::expected<std::string> runs_table(std::string_view json) {
  simdjson::dom::parser parser;
  element document;
  simdjson::dom::array items;
  if (parser.parse(simdjson::padded_string{json}).get(document)
        != simdjson::SUCCESS
      || document["items"].get(items) != simdjson::SUCCESS)
    return foreign();
  std::vector<row> rows{{"SLOT (UTC)", "STATE", "JOBS", "ATHLETES", "SKIPPED",
                         "ATTEMPTS", "DURATION", "LEADER", "LAST ERROR"}};
  for (auto run : items)
    rows.push_back({time(run, "slot"), text(run, "state"),
                    number(run, "jobs_published"), number(run, "athletes_seen"),
                    number(run, "athletes_skipped"), number(run, "attempts"),
                    duration(run), text(run, "leader"),
                    text(run, "last_error")});
  if (rows.size() == 1)
    return std::string{"no runs yet\n"};
  return aligned(rows);
}

} // namespace stravasync::http
