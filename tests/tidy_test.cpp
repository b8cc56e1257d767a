// Checks the rules of the project that a formatter cannot: the direction of
// includes, who may see which library, sizes, and what is banned. A rule that
// is checked neither here nor by clang-tidy is advice.

#include "tests/source_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace fs = std::filesystem;

using stravasync::test::all_files;
using stravasync::test::each_line;
using stravasync::test::findings;
using stravasync::test::sources;

namespace {

constexpr auto lines_max = std::size_t{500};
constexpr auto columns_max = std::ptrdiff_t{80};

using folders = std::set<std::string>;
using folder_map = std::map<std::string, folders, std::less<>>;

const auto all_folders = folders{"messages", "config", "actors",
                                 "adapters", "tests",  "bench"};

/// What each folder may include, itself aside; the longest folder that a file
/// is in counts. This is the architecture.
const auto may_include = folder_map{
  {"messages", {}},
  {"config", {"messages"}},
  {"actors/kit", {}},
  {"actors/ports", {"messages"}},
  {"actors", {"messages"}},
  {"actors/roles", {"messages", "config", "actors", "adapters"}},
  {"adapters", {"actors/ports", "messages"}},
  // Adapters stand alone but for these.
  {"adapters/cli", {"actors/ports", "messages", "config"}},
  {"adapters/embedded_bus", {"actors/ports", "messages", "adapters/callbacks"}},
  {"adapters/jetstream", {"actors/ports", "messages", "adapters/callbacks"}},
  {"adapters/postgres", {"actors/ports", "messages", "adapters/sql"}},
  {"adapters/sqlite", {"actors/ports", "messages", "adapters/sql"}},
  {"adapters/strava_sim", {"actors/ports", "messages", "adapters/http"}},
  {"tests", all_folders},
  {"bench", all_folders},
};

/// Which folders a library's headers may be seen in, tests and bench aside.
const auto library_homes = folder_map{
  {"boost/", {"adapters/http", "adapters/strava"}},
  {"simdjson",
   {"adapters/http", "adapters/jetstream", "adapters/strava",
    "adapters/strava_sim"}},
  {"nats/", {"adapters/jetstream"}},
  {"pqxx/", {"adapters/postgres"}},
  {"libpq-fe", {"adapters/postgres"}},
  {"SQLiteCpp/", {"adapters/sqlite", "adapters/embedded_bus"}},
  {"sqlite3", {"adapters/sqlite", "adapters/embedded_bus"}},
  {"openssl/", {"adapters/secrets", "adapters/strava", "adapters/strava_sim"}},
  {"spdlog/", {"adapters/telemetry"}},
  {"prometheus/", {"adapters/telemetry"}},
  {"toml++/", {"config"}},
  {"CLI/", {"adapters/cli"}},
  {"zstd", {"messages"}},
  {"catch2/", {}},
  {"benchmark/", {}},
};

/// @returns what is between `#include`, `open` and `close`, or nothing.
std::string_view included(std::string_view line, char open, char close) {
  auto prefix = std::string{"#include "} + open;
  if (!line.starts_with(prefix))
    return {};
  line.remove_prefix(prefix.size());
  return line.substr(0, line.find(close));
}

/// The longest name in `map` that is a folder of `path`.
folder_map::const_iterator
home_of(const folder_map& map, std::string_view path) {
  auto best = map.end();
  for (auto each = map.begin(); each != map.end(); ++each)
    if (path.starts_with(each->first + "/")
        && (best == map.end() || each->first.size() > best->first.size()))
      best = each;
  return best;
}

/// The folder whose files may include each other: an adapter is one of its own.
std::string own_folder(std::string_view path, const std::string& home) {
  if (!path.starts_with("adapters/"))
    return home;
  auto end = path.find('/', std::string_view{"adapters/"}.size());
  return std::string{path.substr(0, end)};
}

bool is_in_any(const folders& list, std::string_view path) {
  return std::ranges::any_of(list, [path](const auto& folder) {
    return path.starts_with(folder + "/");
  });
}

bool holds_word(std::string_view line, std::string_view word) {
  auto is_letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (auto at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    auto end = at + word.size();
    if ((at == 0 || !is_letter(line[at - 1]))
        && (end == line.size() || !is_letter(line[end])))
      return true;
  }
  return false;
}

std::string lower(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Columns as an editor shows them: UTF-8 continuation bytes take none.
std::ptrdiff_t columns(std::string_view line) {
  return std::ranges::count_if(line, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
}

} // namespace

TEST_CASE("includes point from the roles to the messages", "[tidy]") {
  auto found = findings{};
  for (const auto& file : sources()) {
    auto rule = home_of(may_include, file.path);
    if (rule == may_include.end()) {
      found.add(file, 0, "is in no known folder");
      continue;
    }
    auto allowed = rule->second;
    allowed.insert(own_folder(file.path, rule->first));
    each_line(file, [&](auto line, auto number) {
      auto path = included(line, '"', '"');
      // The roles are on top: only they, tests and benchmarks may see them.
      auto too_high = path.starts_with("actors/roles/")
                      && rule->first == "actors";
      if (!path.empty() && (too_high || !is_in_any(allowed, path)))
        found.add(file, number, "must not include " + std::string{path});
    });
  }
}

TEST_CASE("a library is seen only where it belongs", "[tidy]") {
  auto found = findings{};
  for (const auto& file : sources()) {
    if (file.in("tests") || file.in("bench"))
      continue;
    each_line(file, [&](auto line, auto number) {
      auto path = included(line, '<', '>');
      for (const auto& [library, homes] : library_homes)
        if (path.starts_with(library) && !is_in_any(homes, file.path))
          found.add(file, number, "must not include " + std::string{path});
    });
  }
}

TEST_CASE("files and lines stay within their limits", "[tidy]") {
  auto found = findings{};
  for (const auto& file : sources()) {
    if (file.lines.size() > lines_max)
      found.add(file, 0, std::to_string(file.lines.size()) + " lines");
    each_line(file, [&](auto line, auto number) {
      if (columns(line) > columns_max)
        found.add(file, number, std::to_string(columns(line)) + " columns");
    });
  }
}

TEST_CASE("every folder of actors and adapters is tested", "[tidy]") {
  auto tested = folders{};
  for (const auto& file : sources())
    if (file.in("tests") && file.path.ends_with("_test.cpp"))
      for (const auto& line : file.lines)
        if (auto path = included(line, '"', '"'); !path.empty())
          tested.insert(fs::path{path}.parent_path().string());
  auto found = findings{};
  auto told = folders{};
  for (const auto& file : sources()) {
    auto folder = fs::path{file.path}.parent_path().string();
    // The composition root is what the e2e tests run.
    if ((file.in("actors") || file.in("adapters"))
        && file.path.ends_with(".cpp") && folder != "actors/roles"
        && !tested.contains(folder) && told.insert(folder).second)
      found.add(file, 0, "no tests/**/*_test.cpp includes " + folder + "/...");
  }
}

TEST_CASE("headers are guarded", "[tidy]") {
  auto found = findings{};
  for (const auto& file : sources())
    if (file.path.ends_with(".hpp")
        && (file.lines.empty() || file.lines.front() != "#pragma once"))
      found.add(file, 1, "does not begin with #pragma once");
}

TEST_CASE("nothing is left for later", "[tidy]") {
  // Put together, so that this file may be checked too.
  const auto words = std::array{std::string{"TO"} + "DO",
                                std::string{"FIX"} + "ME"};
  auto found = findings{};
  for (const auto& file : all_files())
    each_line(file, [&](auto line, auto number) {
      for (const auto& word : words)
        if (holds_word(line, word))
          found.add(file, number, word);
    });
}

TEST_CASE("what is banned is not used", "[tidy]") {
  auto found = findings{};
  for (const auto& file : sources())
    each_line(file, [&](auto line, auto number) {
      if (line.starts_with("using namespace std"
                           ";"))
        found.add(file, number, "imports all of std");
      if (file.in("actors") && holds_word(line, "sleep_for"))
        found.add(file, number, "an actor must not sleep");
      if (file.in("actors/kit")
          && lower(std::string{line}).find("strava") != std::string::npos)
        found.add(file, number, "the kit knows nothing of Strava");
      // The kit runs code of others.
      if (!file.in("adapters") && !file.in("actors/kit") && !file.in("tests")
          && line.find("catch (...)") != std::string_view::npos)
        found.add(file, number, "only an adapter catches what it cannot name");
    });
}

TEST_CASE("no file or folder is a drawer for anything", "[tidy]") {
  const auto banned = std::set<std::string>{
    "common", "util", "utils", "helper", "helpers", "manager", "misc"};
  auto found = findings{};
  for (const auto& file : sources())
    for (const auto& part : fs::path{file.path})
      if (banned.contains(part.stem().string()))
        found.add(file, 0, "say what is in it instead of " + part.string());
}
