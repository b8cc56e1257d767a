#pragma once

#include "config/load.hpp"
#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace stravasync::test {

/// Loads settings from a folder of its own, which goes away with it.
class settings_fixture {
public:
  settings_fixture() {
    auto name
      = (std::filesystem::temp_directory_path() / "settings-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    request.node_id = "node-1";
    request.for_node = false;
  }

  ~settings_fixture() {
    auto ignored = std::error_code{};
    std::filesystem::remove_all(folder_, ignored);
  }

  settings_fixture(const settings_fixture&) = delete;
  settings_fixture& operator=(const settings_fixture&) = delete;

  /// @returns the path of a new file with `text`.
  std::string write(const std::string& name, std::string_view text) {
    auto path = (folder_ / name).string();
    auto file = std::ofstream{path, std::ios::binary};
    file << text;
    REQUIRE(file.good());
    return path;
  }

  /// Makes `text` the settings file.
  void file(std::string_view text) {
    request.file = write("stravasync.toml", text);
  }

  void variable(const std::string& name, std::string value) {
    request.variables[name] = std::move(value);
  }

  void flag(const std::string& key, const std::string& value) {
    request.flags.push_back({key, value, "--set " + key + "=" + value});
  }

  [[nodiscard]] settings loaded() const {
    auto result = load(request);
    if (!result)
      FAIL(detail_of(result.error()));
    return result->values;
  }

  /// @returns the error's text, the folder's name taken out.
  [[nodiscard]] std::string refusal() const {
    auto result = load(request);
    if (result)
      return "loaded";
    CHECK(code_of(result.error()) == ec::invalid_argument);
    auto text = detail_of(result.error());
    CHECK(text.find('\n') == std::string::npos);
    auto prefix = folder_.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos;
         at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }

  load_request request;

private:
  std::filesystem::path folder_;
};

} // namespace stravasync::test
