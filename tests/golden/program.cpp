#include "tests/golden/program.hpp"

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace stravasync::golden {

namespace {

std::string read(const std::string& path) {
  auto text = std::ostringstream{};
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

void replace_all(std::string& in, std::string_view what, std::string_view by) {
  for (auto at = in.find(what); at != std::string::npos && !what.empty();
       at = in.find(what, at + by.size()))
    in.replace(at, what.size(), by);
}

std::string section(const std::string& name, const std::string& text) {
  if (text.empty())
    return {};
  return "\n--- " + name + (text.ends_with('\n') ? "" : ", without a line feed")
         + "\n" + text + (text.ends_with('\n') ? "" : "\n");
}

/// How long it took differs each time.
void hide_duration(std::string& in) {
  constexpr auto before = std::string_view{"replayed in "};
  auto at = in.find(before);
  if (at != std::string::npos)
    in.replace(at + before.size(), in.find(" s,", at) - at - before.size(),
               "TIME");
}

/// Removes what the settings would be taken from, this test's own included.
std::vector<std::pair<std::string, std::string>> no_settings() {
  std::vector<std::pair<std::string, std::string>> result;
  for (auto** entry = environ; *entry != nullptr; ++entry) {
    auto text = std::string_view{*entry};
    if (text.starts_with("STRAVASYNC_"))
      result.emplace_back(text.substr(0, text.find('=')), "");
  }
  return result;
}

/// @returns an argument as a person would type it.
std::string typed(const std::string& argument) {
  auto plain = !argument.empty()
               && argument.find_first_of(" \t\n\"'\\$*?>&|;()")
                    == std::string::npos;
  return plain ? argument : "'" + argument + "'";
}

} // namespace

ended run_program(const std::vector<std::string>& arguments,
                  const scratch_folder& folder, const std::string& node) {
  // Of this run alone.
  for (const auto* name : {"output", "errors"})
    std::filesystem::remove(folder.file(name));
  test::process::options what;
  what.argv = {"/bin/sh", "-c", R"(cd "$0" && exec "$@" 2>errors)",
               folder.path(), STRAVASYNC_BINARY_DIR "/stravasync"};
  what.argv.insert(what.argv.end(), arguments.begin(), arguments.end());
  what.environment = no_settings();
  what.output = folder.file("output");
  auto running = test::process::spawn(what);
  auto code = running.wait(std::chrono::seconds{30});
  REQUIRE(code);
  auto line = std::string{"$ stravasync"};
  for (const auto& argument : arguments)
    line += " " + typed(argument);
  auto result = ended{.exit_code = *code,
                      .text = line + "\nexit code " + std::to_string(*code)
                              + "\n" + section("output", running.output())
                              + section("errors", read(folder.file("errors")))};
  replace_all(result.text, node, "NODE");
  replace_all(result.text, folder.path(), "FOLDER");
  hide_duration(result.text);
  return result;
}

} // namespace stravasync::golden
