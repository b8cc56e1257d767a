#include "config/keys.hpp"
#include "config/load.hpp"
#include "tests/config/settings_fixture.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>
#include <sstream>

using namespace stravasync;
using test::settings_fixture;

namespace {

std::string checked_in() {
  auto file = std::ifstream{STRAVASYNC_SOURCE_DIR "/config/stravasync.toml"};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Takes the '#' from the lines that set a key: no blank follows it there.
std::string uncommented(const std::string& text) {
  auto result = std::string{};
  auto lines = std::istringstream{text};
  for (std::string line; std::getline(lines, line);) {
    auto sets = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    result += (sets ? line.substr(1) : line) + "\n";
  }
  return result;
}

} // namespace

TEST_CASE("the checked-in file has every key with default and range",
          "[example]") {
  auto text = checked_in();
  const auto defaults = settings{};
  for (const auto& key : keys()) {
    INFO(key.full_name());
    auto section = text.find("\n[" + key.section + "]\n");
    REQUIRE(section != std::string::npos);
    auto line = text.find("\n#" + key.name + " = " + key.show(defaults) + "\n",
                          section);
    REQUIRE(line != std::string::npos);
    auto comment = text.rfind("\n# Default: ", line);
    REQUIRE(comment != std::string::npos);
    CHECK(text.substr(comment, line - comment).find(key.allowed)
          != std::string::npos);
  }
}

TEST_CASE("the checked-in file is the one that the table makes", "[example]") {
  // To renew it: stravasync config example >config/stravasync.toml
  CHECK(checked_in() == example_file());
}

TEST_CASE_METHOD(settings_fixture, "the checked-in file sets nothing",
                 "[example]") {
  file(checked_in());
  auto result = load(request);
  REQUIRE(result);
  CHECK(result->origins.empty());
}

TEST_CASE_METHOD(settings_fixture, "with every key set it gives the defaults",
                 "[example]") {
  auto defaults = loaded();
  file(uncommented(checked_in()));
  auto result = load(request);
  if (!result)
    FAIL(detail_of(result.error()));
  for (const auto& key : keys()) {
    INFO(key.full_name());
    CHECK(result->is_set(key.full_name()));
    CHECK(key.show(result->values) == key.show(defaults));
  }
}

TEST_CASE_METHOD(settings_fixture, "what is shown can be loaded again",
                 "[example]") {
  flag("node.roles", "all,sim");
  flag("http.listen", "127.0.0.1:1,unix:/a \"b\"");
  flag("budget.live_share", "0.3");
  auto first = load(request);
  REQUIRE(first);
  request.flags.clear();
  file(show(*first));
  auto second = load(request);
  if (!second)
    FAIL(detail_of(second.error()));
  for (const auto& key : keys())
    CHECK(key.show(second->values) == key.show(first->values));
}
