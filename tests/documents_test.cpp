// Checks what a machine can check of the documents for people: that what they
// point to is there.

#include "tests/source_tree.hpp"

#include <catch2/catch_test_macros.hpp>

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
using stravasync::test::source_file;

namespace {

using names = std::set<std::string, std::less<>>;

/// Calls `check(document, line, number)` for each line of Markdown that is no
/// code.
template <class Check>
void each_line_of_documents(Check check) {
  for (const auto& file : all_files()) {
    if (!file.path.ends_with(".md"))
      continue;
    auto in_code = false;
    each_line(file, [&](auto line, auto number) {
      if (line.starts_with("```"))
        in_code = !in_code;
      else if (!in_code && !line.starts_with("    "))
        check(file, line, number);
    });
  }
}

/// Calls `take(text)` for what stands between each `open` and the next `close`.
template <class Take>
void each_between(std::string_view line, std::string_view open,
                  std::string_view close, Take take) {
  while (true) {
    auto begin = line.find(open);
    if (begin == std::string_view::npos)
      return;
    line.remove_prefix(begin + open.size());
    auto end = line.find(close);
    if (end == std::string_view::npos)
      return;
    take(line.substr(0, end));
    line.remove_prefix(end + close.size());
  }
}

/// The anchor that a heading gets when Markdown is shown.
std::string anchor_of(std::string_view heading) {
  heading.remove_prefix(heading.find_first_not_of('#') + 1);
  auto result = std::string{};
  for (auto c : heading)
    if (auto byte = static_cast<unsigned char>(c);
        std::isalnum(byte) != 0 || c == '-' || c == '_')
      result += static_cast<char>(std::tolower(byte));
    else if (c == ' ')
      result += '-';
  return result;
}

/// Every file and folder of the project, and in it every heading as
/// "file#anchor".
names all_places() {
  auto result = names{};
  for (const auto& file : all_files())
    for (auto path = fs::path{file.path}; !path.empty();
         path = path.parent_path())
      result.insert(path.string());
  each_line_of_documents([&](const auto& file, auto line, auto) {
    if (line.starts_with('#'))
      result.insert(file.path + "#" + anchor_of(line));
  });
  return result;
}

/// What `target`, as written in `file`, is from the project's folder.
std::string place_of(const source_file& file, std::string_view target) {
  if (target.starts_with('#'))
    return file.path + std::string{target};
  auto path
    = (fs::path{file.path}.parent_path() / target).lexically_normal().string();
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

bool is_elsewhere(std::string_view target) {
  return target.find("://") != std::string_view::npos;
}

/// The settings of the example file, by section.
std::map<std::string, names, std::less<>> all_settings() {
  auto result = std::map<std::string, names, std::less<>>{};
  auto* section = static_cast<names*>(nullptr);
  for (const auto& file : all_files())
    if (file.path == "config/stravasync.toml")
      each_line(file, [&](auto line, auto) {
        if (line.starts_with('[') && line.ends_with(']'))
          section = &result[std::string{line.substr(1, line.size() - 2)}];
        else if (line.starts_with('#') && line.find(" = ") != line.npos)
          section->emplace(line.substr(1, line.find(" = ") - 1));
      });
  return result;
}

/// Whether it is a file's name, such as "bus.db", and no setting's.
bool is_file_name(std::string_view name) {
  const auto suffixes = names{"cpp", "db", "hpp", "md", "proto", "toml"};
  return suffixes.contains(name);
}

} // namespace

TEST_CASE("links of documents lead to what is there", "[tidy]") {
  auto found = findings{};
  const auto places = all_places();
  each_line_of_documents([&](const auto& file, auto line, auto number) {
    each_between(line, "](", ")", [&](auto target) {
      if (!is_elsewhere(target) && !places.contains(place_of(file, target)))
        found.add(file, number, "links to " + std::string{target});
    });
  });
}

TEST_CASE("every page of docs is linked from another", "[tidy]") {
  auto linked = names{};
  each_line_of_documents([&](const auto& file, auto line, auto) {
    each_between(line, "](", ")", [&](auto target) {
      auto page = place_of(file, target.substr(0, target.find('#')));
      if (page != file.path)
        linked.insert(page);
    });
  });
  auto found = findings{};
  for (const auto& file : all_files())
    if (file.in("docs") && !linked.contains(file.path))
      found.add(file, 0, "is linked from nowhere");
}

TEST_CASE("settings that documents name are there", "[tidy]") {
  auto found = findings{};
  const auto settings = all_settings();
  REQUIRE(settings.contains("bus"));
  each_line_of_documents([&](const auto& file, auto line, auto number) {
    each_between(line, "`", "`", [&](std::string_view text) {
      auto dot = text.find('.');
      auto section = settings.find(text.substr(0, dot));
      if (dot == text.npos || section == settings.end())
        return;
      auto name = text.substr(dot + 1);
      name = name.substr(0, name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                   "0123456789_"));
      if (!is_file_name(name) && !section->second.contains(name))
        found.add(file, number, "names the setting " + std::string{text});
    });
  });
}
