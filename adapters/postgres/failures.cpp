#include "adapters/postgres/target.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace stravasync::postgres {

namespace {

/// One line out of what libpq says: without the words before the reason, and
/// each reason once (it tries with and without encryption, and every address).
std::string reasons_in(const std::string& text) {
  auto reasons = std::vector<std::string>{};
  auto lines = std::istringstream{text};
  for (auto line = std::string{}; std::getline(lines, line);) {
    constexpr auto failed = std::string_view{" failed: "};
    if (line.starts_with("connection to server"))
      if (auto at = line.find(failed); at != std::string::npos)
        line.erase(0, at + failed.size());
    for (auto word : {"FATAL:", "ERROR:"})
      if (line.starts_with(word))
        line.erase(0, 6);
    line.erase(0, line.find_first_not_of(" \t"));
    // Advice such as "Is the server running on that host" follows indented, and
    // the place in a statement, with a mark below it.
    auto beside = line.starts_with("Is the server running")
                  || line.starts_with("LINE ") || line == "^";
    if (!line.empty() && !beside
        && std::ranges::find(reasons, line) == reasons.end())
      reasons.push_back(line);
  }
  auto result = std::string{};
  for (const auto& each : reasons)
    result += (result.empty() ? "" : "; ") + each;
  return result;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The setting is wrong, rather than the server away. Nothing but words tell:
/// libpq has no code for a connection that failed.
bool is_refusal(const std::string& text) {
  constexpr auto words
    = std::array{"password authentication failed", "no password supplied",
                 "does not exist", "no pg_hba.conf entry", "certificate", "SSL",
                 "permission denied for database", "authentication failed",
                 "is not permitted to log in",
                 // A pooler's words:
                 "no such database", "no such user", "auth failed",
                 "not allowed", "unsupported startup parameter", "invalid "};
  return std::ranges::any_of(
    words, [&](const char* each) { return holds(text, each); });
}

caf::error unavailable(const target& at, const std::string& detail) {
  return make_failure(ec::unavailable,
                      "the database " + at.description + " " + detail);
}

/// It works, but others come first: what is no reason for a new connection.
caf::error busy(const target& at, const std::string& detail) {
  constexpr auto while_others = std::chrono::milliseconds{1'000};
  return make_failure(ec::unavailable,
                      "the database " + at.description + " " + detail,
                      while_others);
}

/// Errors by class: the first two characters of SQLSTATE.
caf::error failure_of_class(const server_failure& what, const target& at,
                            const std::string& text) {
  auto group = what.sqlstate.substr(0, 2);
  if (group == "53")
    return unavailable(at, "is out of resources: " + text);
  if (group == "57" || group == "08")
    return unavailable(at, "does not answer: " + text);
  if (group == "58" || group == "XX")
    return unavailable(at, "cannot read or write its files: " + text);
  if (group == "22" || group == "23" || group == "54")
    return make_failure(ec::invalid_argument, text);
  return make_failure(ec::internal,
                      "the database " + at.description + ": " + text);
}

} // namespace

caf::error connect_failure(const server_failure& what, const target& at) {
  auto text = reasons_in(what.text);
  auto code = is_refusal(text) ? ec::invalid_argument : ec::unavailable;
  return make_failure(code, "cannot connect to the database " + at.description
                              + ": " + text);
}

caf::error failure_of(const server_failure& what, const target& at) {
  auto text = reasons_in(what.text);
  const auto& state = what.sqlstate;
  if (what.lost)
    return unavailable(at, "closed the connection: " + text);
  if (state == "40001" || state == "40P01")
    return busy(at, "is changed by others at the same time: " + text);
  if (state == "23505")
    return make_failure(ec::already_exists, text);
  if (state == "23503")
    return make_failure(ec::invalid_argument,
                        "it refers to a row that does not exist");
  if (state == "57014")
    return unavailable(at, "took longer than the statement time-out of "
                             + std::to_string(at.statement_timeout.count())
                             + " ms");
  if (state == "55P03")
    return busy(at, "kept something locked for too long");
  if (state == "53100")
    return unavailable(at, "has no room left on its disk: " + text);
  if (state == "25006")
    return unavailable(at, "is read-only, perhaps a standby");
  if (state == "42501")
    return make_failure(ec::denied, "the user of the database " + at.description
                                      + " lacks a right: " + text);
  if (state == "42P01" || state == "42703")
    return make_failure(ec::denied, "the database " + at.description
                                      + " lacks a table or column: " + text
                                      + "; run `stravasync migrate`");
  if (state == "42P07")
    return make_failure(ec::conflict,
                        "the database " + at.description
                          + " holds the tables of another program: " + text);
  return failure_of_class(what, at, text);
}

} // namespace stravasync::postgres
