#include "adapters/http/text_table.hpp"

#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <algorithm>
#include <cstdint>

namespace stravasync::http {

std::string aligned(const std::vector<row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& one : rows) {
    widths.resize(std::max(widths.size(), one.size()));
    for (auto i = std::size_t{0}; i < one.size(); ++i)
      widths[i] = std::max(widths[i], one[i].size());
  }
  std::string out;
  for (const auto& one : rows) {
    std::string line;
    for (auto i = std::size_t{0}; i < one.size(); ++i)
      line += one[i] + std::string(widths[i] + 2 - one[i].size(), ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string text(simdjson::dom::element of, std::string_view name) {
  std::string_view found;
  return of[name].get(found) == simdjson::SUCCESS ? printable(found) : "-";
}

std::string time(simdjson::dom::element of, std::string_view name) {
  auto result = text(of, name);
  if (result.ends_with('Z'))
    result.pop_back();
  std::ranges::replace(result, 'T', ' ');
  return result;
}

std::string number(simdjson::dom::element of, std::string_view name) {
  std::int64_t found = 0;
  return of[name].get(found) == simdjson::SUCCESS ? std::to_string(found) : "-";
}

caf::error foreign() {
  return make_failure(ec::malformed,
                      "the answer is not one of a stravasync node");
}

} // namespace stravasync::http
